"""Email against a real SMTP server: what goes over the wire, and what each way of failing leads to."""

from __future__ import annotations

import datetime as dt
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from siyu.delivery import deliver
from siyu.journeys import advance
from siyu.kit import DAY, HOUR
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def cart(desk: Desk, *users: str) -> None:
    desk.send(*[desk.track(user, "cart_added", name="玫瑰 <b>精华</b>") for user in users])
    desk.later(hours=1)


def test_what_goes_over_the_wire(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey(send={"subject": "{{name|你}}\r\nBcc: all@example.com", "body": "看看 {{event.name|好物}}\n.\n..点"})
    desk.customer("mei", name="小美\r\nBcc: evil@example.com")
    cart(desk, "mei")
    [mail] = mailbox.received
    assert mailbox.recipients == ["mei@example.com"]
    assert mail["Bcc"] is None
    assert "小美" in mail["Subject"]
    assert str(mail["From"]) == "花间 <shop@brand.example>"
    assert mail["Message-ID"].startswith("<msg_")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://127.0.0.1:8300/u/")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert "\n.\n..点" in text.get_content().replace("\r\n", "\n")
    assert link in text.get_content()
    assert "&lt;b&gt;精华" in html.get_content()
    assert "<b>" not in html.get_content()


def test_operators_see_subjects_with_what_is_personal_masked(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    subject = "{{name|你}}，{{event.name|好物}}寄给 {{event.receiver|你}}、{{mobile|你}}"
    desk.journey(send={"subject": subject, "body": "看看"})
    desk.customer("mei", name="小美", mobile="13812348888")
    desk.send(desk.track("mei", "cart_added", name="玫瑰精华", receiver="王小姐"))
    desk.later(hours=1)
    assert mailbox.received[0]["Subject"] == "小美，玫瑰精华寄给 王小姐、13812348888"
    [shown] = desk.get("/api/messages")["items"]
    assert shown["subject"] == "小*，玫瑰精华寄给 王*、138****8888"


def test_a_batch_goes_over_one_connection(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    users = [f"u{number}" for number in range(10)]
    for user in users:
        desk.customer(user)
    mailbox.connections = 0
    cart(desk, *users)
    assert sorted(mailbox.recipients) == sorted(f"{user}@example.com" for user in users)
    assert mailbox.connections == 1


def test_the_limit_per_minute_holds(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox, per_minute=3)
    desk.journey()
    users = [f"u{number}" for number in range(7)]
    for user in users:
        desk.customer(user)
    cart(desk, *users)
    seen = [len(mailbox.received)]
    for _ in range(2):
        desk.later(minutes=1)
        seen.append(len(mailbox.received))
    assert seen == [3, 6, 7]


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ("450 4.2.1 busy", "queued", "peer_busy"),
        ("550 5.7.1 spam", "failed", "refused_by_peer"),
        ("550 5.1.1 no such user", "failed", "bad_address"),
    ],
)
def test_a_recipient_refused(desk: Desk, mailbox: Mailbox, answer: str, state: str, reason: str) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    for user in ("mei", "lan"):
        desk.customer(user)
    mailbox.on_rcpt = lambda address: answer if address.startswith("mei") else None
    cart(desk, "mei", "lan")
    assert mailbox.recipients == ["lan@example.com"]
    [message] = [m for m in desk.messages() if m["person"] == desk.person("mei")]
    assert (message["state"], message["reason"], message["attempts"]) == (state, reason, 1)
    listed = [row["address"] for row in desk.get("/api/suppressions")["items"]]
    assert listed == (["mei@example.com"] if reason == "bad_address" else [])
    mailbox.on_rcpt = lambda _address: None
    desk.later(hours=1)
    assert ("mei@example.com" in mailbox.recipients) == (state == "queued")


def test_a_message_refused_after_its_text_is_not_taken(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    mailbox.on_data = lambda _mail: "451 4.3.0 try later"
    cart(desk, "mei")
    assert [m["state"] for m in desk.messages()] == ["queued"]
    mailbox.on_data = lambda _mail: None
    desk.later(hours=1)
    assert [m["state"] for m in desk.messages()] == ["sent"]
    assert len(mailbox.received) == 1


def test_no_answer_after_the_final_dot_is_a_doubt_and_never_repeated(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    mailbox.on_data = lambda _mail: "drop"
    cart(desk, "mei")
    [message] = desk.messages()
    assert (message["state"], message["reason"]) == ("in_doubt", "no_answer")
    mailbox.on_data = lambda _mail: None
    desk.clock.advance(2 * DAY)
    desk.turn()
    assert len(mailbox.received) == 1
    assert desk.trace("mei", journey)[0] == "message_in_doubt"

    answer = desk.post(f"/api/messages/{message['id']}/resolve", {"action": "resend"})
    assert answer["state"] == "queued"
    desk.turn()
    assert list(mailbox.times().values()) == [2]
    assert [m["state"] for m in desk.messages()] == ["sent"]
    again = desk.client.post(f"/api/messages/{message['id']}/resolve", json={"action": "drop"})
    assert again.status_code == 409
    actions = [entry["action"] for entry in desk.get("/api/audit")["items"]]
    assert "message.resend" in actions


def test_an_operator_can_drop_a_message_in_doubt(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    mailbox.on_data = lambda _mail: "drop"
    cart(desk, "mei")
    [message] = desk.messages(state="in_doubt")
    desk.post(f"/api/messages/{message['id']}/resolve", {"action": "drop"})
    mailbox.on_data = lambda _mail: None
    desk.later(hours=1)
    assert [(m["state"], m["reason"]) for m in desk.messages()] == [("failed", "dropped")]


def test_a_server_that_is_away_is_tried_again_for_a_day(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox, port=9)
    desk.journey()
    desk.customer("mei")
    cart(desk, "mei")
    [message] = desk.messages()
    assert (message["state"], message["reason"], message["attempts"]) == ("queued", "no_peer", 1)
    for _ in range(40):
        desk.clock.advance(HOUR)
        desk.turn()
    [message] = desk.messages()
    assert (message["state"], message["reason"]) == ("failed", "gave_up")


def test_two_couriers_at_once_send_each_message_once(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox, per_minute=0)
    desk.journey()
    users = [f"u{number}" for number in range(60)]
    desk.send(*[desk.identify(user, email=f"{user}@example.com") for user in users])
    desk.send(*[desk.track(user, "consent_granted", channel="email", purpose="marketing") for user in users])
    desk.send(*[desk.track(user, "cart_added") for user in users])
    desk.clock.advance(HOUR)
    while advance(desk.store) == 0:
        pass

    def courier(_number: int) -> None:
        while deliver(desk.store) == 0:
            pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(courier, range(3)))
    desk.turn()
    assert sorted(mailbox.recipients) == sorted(f"{user}@example.com" for user in users)


def test_a_server_that_refuses_and_hangs_up_has_still_refused(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    mailbox.hangs_up = True
    mailbox.on_rcpt = lambda _address: "550 5.7.1 go away"
    cart(desk, "mei")
    assert [(m["state"], m["reason"]) for m in desk.messages()] == [("failed", "refused_by_peer")]


@pytest.mark.parametrize("address", ["mei@例子.公司", "小美@example.com"])
def test_an_address_the_channel_cannot_use_is_a_refusal(desk: Desk, mailbox: Mailbox, address: str) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei", email=address)
    cart(desk, "mei")
    assert [(m["state"], m["reason"]) for m in desk.messages()] == [("refused", "unreachable")]


def certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.fixture
def guarded_mailbox(tmp_path: Path) -> Any:
    made = Mailbox(tls=certificate(tmp_path), user="shop", password="geheim")
    yield made
    made.close()


def test_starttls_and_login(desk: Desk, guarded_mailbox: Mailbox) -> None:
    settings = {"security": "starttls", "username": "shop", "password": "geheim", "verify_certificate": False}
    desk.mail_channel(guarded_mailbox, **settings)
    assert desk.post("/api/channels/email/test", {"address": "me@example.com"})["state"] == "sent"
    assert guarded_mailbox.recipients == ["me@example.com"]
    assert "测试消息" in guarded_mailbox.received[0]["Subject"]


def test_a_certificate_nobody_vouches_for_is_not_accepted(desk: Desk, guarded_mailbox: Mailbox) -> None:
    desk.mail_channel(guarded_mailbox, security="starttls", username="shop", password="geheim")
    answer = desk.post("/api/channels/email/test", {"address": "me@example.com"})
    assert (answer["state"], answer["code"]) == ("retry", "no_peer")
    assert "certificate" in answer["text"]["en"]
    assert guarded_mailbox.received == []


def test_a_wrong_password_is_named(desk: Desk, guarded_mailbox: Mailbox) -> None:
    settings = {"security": "starttls", "username": "shop", "password": "falsch", "verify_certificate": False}
    desk.mail_channel(guarded_mailbox, **settings)
    answer = desk.post("/api/channels/email/test", {"address": "me@example.com"})
    assert "535" in answer["text"]["zh"]


def test_secrets_are_sealed_and_never_shown(desk: Desk, guarded_mailbox: Mailbox) -> None:
    settings = {"security": "starttls", "username": "shop", "password": "geheim", "verify_certificate": False}
    desk.mail_channel(guarded_mailbox, **settings)
    shown = desk.get("/api/channels/email")
    assert shown["config"]["password"] == "•••"
    with desk.store.state.read() as conn:
        stored = conn.exec_driver_sql("SELECT config FROM delivery_channels").scalar_one()
    assert "geheim" not in stored
    desk.put("/api/channels/email", {"enabled": True, "config": shown["config"] | {"from_name": "新名字"}})
    assert desk.post("/api/channels/email/test", {"address": "me@example.com"})["state"] == "sent"


def test_switching_on_needs_what_it_needs(desk: Desk) -> None:
    answer = desk.client.put(
        "/api/channels/email", json={"enabled": True, "config": {"port": 25}}, headers={"If-Match": '"0"'}
    )
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"config.host", "config.from_address"}
    answer = desk.client.put(
        "/api/channels/email", json={"enabled": False, "config": {"port": 70000}}, headers={"If-Match": '"0"'}
    )
    assert [error["field"] for error in answer.json()["errors"]] == ["config.port"]


def test_internal_addresses_are_refused_by_default(make_store: Any, clock: Any, mailbox: Mailbox) -> None:
    from siyu.delivery.actions import test_send
    from siyu.delivery.channels.email import EmailConfig

    store = make_store(allow_private_outbound=False)
    config = EmailConfig(host="127.0.0.1", port=mailbox.port, security="none", from_address="a@b.example")
    answer = test_send(store, "email", config, "me@example.com", False)
    assert (answer.state, answer.code) == ("failed", "bad_config")
    assert "internal address" in answer.text["en"]
    assert mailbox.received == []
