"""Official Account and Mini Program: windows, consents, templates, callbacks."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from siyu.kit import HOUR, MINUTE, SECOND
from tests.vendors.shop import Shop
from tests.vendors.tencent import Wechat

CUSTOMER, TEMPLATE, SUBSCRIBE = "wechat_customer", "wechat_template", "mini_program_subscribe"
TOKEN = "callbacktoken"
KEY = b64encode(bytes(range(32))).decode().rstrip("=")


@pytest.fixture
def account(shop: Shop, wechat: Wechat) -> Shop:
    shop.wechat(wechat, CUSTOMER, callback_token=TOKEN)
    shop.follower("mei", wechat)
    return shop


def test_nothing_goes_out_before_the_follower_does_something(account: Shop, wechat: Wechat) -> None:
    assert account.ask("mei", CUSTOMER) == "reply_window_closed"
    assert wechat.sent == []


def test_five_answers_within_48_hours_of_a_message(account: Shop, wechat: Wechat) -> None:
    account.event("mei", "oa_message_received")
    codes = [account.ask("mei", CUSTOMER) for _ in range(6)]
    assert codes == ["allowed"] * 5 + ["reply_window_used"]
    account.event("mei", "oa_message_received")
    assert account.ask("mei", CUSTOMER, "又来了") == "reply_window_used"  # the same moment: the same window
    account.desk.clock.advance(SECOND)
    account.event("mei", "oa_message_received")
    assert account.ask("mei", CUSTOMER) == "allowed"
    assert len(wechat.sent) == 6
    account.desk.clock.advance(48 * HOUR)
    assert account.ask("mei", CUSTOMER) == "reply_window_closed"


def test_three_within_a_minute_of_a_tap(account: Shop) -> None:
    account.event("mei", "oa_menu_clicked")
    assert [account.ask("mei", CUSTOMER) for _ in range(4)] == ["allowed"] * 3 + ["reply_window_used"]
    account.desk.clock.advance(SECOND)
    account.event("mei", "oa_scanned")
    account.desk.clock.advance(MINUTE)
    assert account.ask("mei", CUSTOMER) == "reply_window_closed"


def test_a_window_that_closes_while_a_message_waits_holds_it_back(account: Shop, wechat: Wechat) -> None:
    account.event("mei", "oa_menu_clicked")
    assert account.ask_many(["mei"], CUSTOMER) == ["allowed"]
    account.desk.later(minutes=2)
    assert account.last() == ("refused", "reply_window_closed")
    assert wechat.sent == []


def test_an_answer_may_come_at_night(account: Shop, wechat: Wechat) -> None:
    account.desk.clock.advance(14 * HOUR)  # midnight in Shanghai
    account.event("mei", "oa_message_received")
    assert account.ask("mei", CUSTOMER) == "allowed"
    assert len(wechat.sent) == 1


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (45015, "failed", "reply_window_closed"),
        (45047, "failed", "reply_window_used"),
        (45009, "queued", "vendor_quota"),
        (45011, "queued", "vendor_rate"),
        (40003, "failed", "bad_address"),
        (48001, "failed", "bad_config"),
        (-1, "queued", "peer_busy"),
        (99999, "failed", "refused_by_peer"),
    ],
)
def test_every_refusal_has_its_reason(account: Shop, wechat: Wechat, code: int, state: str, reason: str) -> None:
    account.event("mei", "oa_message_received")
    wechat.refuse = [code]
    account.ask("mei", CUSTOMER)
    assert account.last() == (state, reason)


def test_a_token_that_ended_costs_no_message(account: Shop, wechat: Wechat) -> None:
    account.event("mei", "oa_message_received")
    account.ask("mei", CUSTOMER)
    wechat.expire(42001)
    account.ask("mei", CUSTOMER)
    wechat.expire(40001)
    account.ask("mei", CUSTOMER)
    assert [message["state"] for message in account.desk.messages()] == ["sent", "sent", "sent"]
    assert len(wechat.sent) == 3


def test_a_message_cut_off_is_never_sent_twice(account: Shop, wechat: Wechat) -> None:
    account.event("mei", "oa_message_received")
    wechat.drops = 1
    account.ask("mei", CUSTOMER)
    account.desk.later(hours=30)
    assert account.last() == ("in_doubt", "no_answer")
    assert len(wechat.sent) == 1


def test_the_openid_is_the_accounts_own(account: Shop, wechat: Wechat) -> None:
    account.event("mei", "mp_visited", ("openid.wxother", "oOther-mei0"))
    account.event("mei", "oa_message_received")
    account.ask("mei", CUSTOMER)
    assert wechat.sent[0][1]["touser"] == "oFollower-mei"
    account.event("lan", "oa_followed", ("openid.wxother", "oOther-lan0"))
    account.event("lan", "oa_message_received")
    assert account.ask("lan", CUSTOMER) == "unreachable"


# Template messages


@pytest.fixture
def notices(shop: Shop, wechat: Wechat) -> Shop:
    shop.wechat(wechat, TEMPLATE, callback_token=TOKEN, encoding_key=KEY, mini_program_appid="wxmini")
    shop.follower("mei", wechat)
    return shop


def test_a_template_message_and_its_receipt(notices: Shop, wechat: Wechat) -> None:
    said = {"template_id": "T1", "fields": (("thing1", "{{event.name|好物}}"),), "link": "pages/order?id={{event.id}}"}
    notices.ask("mei", TEMPLATE, event={"name": "玫瑰", "id": "a/b"}, **said)
    [(path, body)] = wechat.sent
    assert (path, body["data"]) == ("template/send", {"thing1": {"value": "玫瑰"}})
    assert body["miniprogram"] == {"appid": "wxmini", "pagepath": "pages/order?id=a%2Fb"}
    hook = notices.hook(TEMPLATE)
    xml = "<xml><FromUserName><![CDATA[oFollower-mei]]></FromUserName><CreateTime>1772589600</CreateTime>"
    xml += "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
    xml += "<MsgID>9000</MsgID><Status><![CDATA[failed:user block]]></Status></xml>"
    assert secret_post(notices, hook, xml) == 200
    assert notices.last() == ("failed", "undelivered")


@pytest.mark.parametrize(
    ("code", "state", "reason"), [(43117, "queued", "too_frequent"), (40037, "failed", "bad_template")]
)
def test_refusals_of_template_messages(notices: Shop, wechat: Wechat, code: int, state: str, reason: str) -> None:
    wechat.refuse = [code]
    notices.ask("mei", TEMPLATE, template_id="T1")
    assert notices.last() == (state, reason)


# Subscribe messages


@pytest.fixture
def subscribed(shop: Shop, wechat: Wechat) -> Shop:
    shop.wechat(wechat, SUBSCRIBE)
    wechat.followers.add("oMini-mei000")
    shop.event("mei", "mp_visited", (f"openid.{wechat.appid}", "oMini-mei000"))
    return shop


def agree(shop: Shop, wechat: Wechat, times: int = 1) -> None:
    for _ in range(times):
        shop.event("mei", "subscribe_granted", template_ids=["T1", "T2"])
        for template in ("T1", "T2"):
            key = ("oMini-mei000", template)
            wechat.consents[key] = wechat.consents.get(key, 0) + 1


def test_one_consent_is_one_send(subscribed: Shop, wechat: Wechat) -> None:
    assert subscribed.ask("mei", SUBSCRIBE, template_id="T1") == "grant_used"
    agree(subscribed, wechat, times=2)
    codes = [subscribed.ask("mei", SUBSCRIBE, template_id="T1") for _ in range(3)]
    assert codes == ["allowed", "allowed", "grant_used"]
    assert subscribed.ask("mei", SUBSCRIBE, template_id="T2") == "allowed"
    assert len(wechat.sent) == 3


def test_two_at_once_share_what_is_left(subscribed: Shop, wechat: Wechat) -> None:
    agree(subscribed, wechat)
    assert subscribed.ask_many(["mei", "mei"], SUBSCRIBE, template_id="T1") == ["allowed", "grant_used"]


def test_a_consent_not_used_is_there_again(subscribed: Shop, wechat: Wechat) -> None:
    agree(subscribed, wechat)
    wechat.refuse = [47003]
    subscribed.ask("mei", SUBSCRIBE, template_id="T1")
    assert subscribed.last() == ("failed", "bad_content")
    assert subscribed.ask("mei", SUBSCRIBE, template_id="T1") == "allowed"


def test_the_vendor_knows_better_how_many_are_left(subscribed: Shop, wechat: Wechat) -> None:
    agree(subscribed, wechat, times=3)
    wechat.consents.clear()
    subscribed.ask("mei", SUBSCRIBE, template_id="T1")
    assert subscribed.last() == ("failed", "grant_used")
    assert subscribed.ask("mei", SUBSCRIBE, template_id="T1") == "grant_used"


# Callbacks


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def stamp(shop: Shop) -> str:
    return str(shop.desk.clock.now_ms() // 1000)


def plain(shop: Shop, token: str = TOKEN, timestamp: str = "") -> dict[str, Any]:
    at = timestamp or stamp(shop)
    return {"signature": signature(token, at, "n1"), "timestamp": at, "nonce": "n1"}


def encrypt(text: str, receiver: str) -> str:
    """The envelope written down from the documentation, apart from ours."""
    body = text.encode()
    data = os.urandom(16) + len(body).to_bytes(4, "big") + body + receiver.encode()
    pad = 32 - len(data) % 32
    key = bytes(range(32))
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()).decode()


def secret_post(shop: Shop, hook: str, xml: str, receiver: str = Wechat.appid) -> int:
    encrypted, at = encrypt(xml, receiver), stamp(shop)
    query = {"msg_signature": signature(TOKEN, at, "n1", encrypted), "timestamp": at, "nonce": "n1"}
    body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return shop.push(hook, body.encode(), encrypt_type="aes", **query)[0]


def post(shop: Shop, hook: str, xml: str, **query: Any) -> tuple[int, str]:
    return shop.push(hook, xml.encode(), **(query or plain(shop)))


def follower_xml(shop: Shop, event: str = "", id: str = "1", openid: str = "oFollower-mei") -> str:
    kind = f"<MsgType>event</MsgType><Event><![CDATA[{event}]]></Event><EventKey><![CDATA[M1]]></EventKey>"
    text = f"<MsgType>text</MsgType><Content><![CDATA[在吗]]></Content><MsgId>{id}</MsgId>"
    head = f"<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>{stamp(shop)}</CreateTime>"
    return f"<xml><ToUserName>gh_1</ToUserName>{head}{kind if event else text}</xml>"


def test_the_address_check_answers_the_echo(account: Shop) -> None:
    hook = account.hook(CUSTOMER)
    client = account.desk.client
    answer = client.get(hook, params=plain(account) | {"echostr": "hello"})
    assert (answer.status_code, answer.text) == (200, "hello")
    assert client.get(hook, params=plain(account, token="wrong") | {"echostr": "hello"}).status_code == 403


def test_a_followers_message_opens_the_window(account: Shop) -> None:
    hook = account.hook(CUSTOMER)
    for _ in range(3):  # the vendor repeats what it believes lost
        assert post(account, hook, follower_xml(account)) == (200, "")
    account.desk.turn()
    assert len(account.events("mei", "oa_message_received")) == 1
    assert account.ask("mei", CUSTOMER) == "allowed"


def test_somebody_new_follows(account: Shop, wechat: Wechat) -> None:
    hook = account.hook(CUSTOMER)
    wechat.followers.add("oNewcomer-01")
    post(account, hook, follower_xml(account, "subscribe", openid="oNewcomer-01"))
    account.desk.turn()
    account.event("new", "page_viewed", (f"openid.{wechat.appid}", "oNewcomer-01"))
    assert account.ask("new", CUSTOMER) == "allowed"


def test_a_forged_an_old_and_a_plain_callback_are_refused(account: Shop, notices: Shop) -> None:
    hook, xml = account.hook(CUSTOMER), follower_xml(account)
    assert post(account, hook, xml, **plain(account, token="guess"))[0] == 403
    old = str(account.desk.clock.now_ms() // 1000 - 601)
    assert post(account, hook, xml, **plain(account, timestamp=old))[0] == 403
    assert post(account, notices.hook(TEMPLATE), xml)[0] == 403  # encryption is set up there
    account.desk.turn()
    assert account.events("mei", "oa_message_received") == []


def test_an_encrypted_callback_is_opened_and_one_for_another_account_is_not(notices: Shop) -> None:
    hook = notices.hook(TEMPLATE)
    assert secret_post(notices, hook, follower_xml(notices, "CLICK"), "wxsomebodyelse") == 403
    assert secret_post(notices, hook, follower_xml(notices, "CLICK")) == 200
    notices.desk.turn()
    [event] = notices.events("mei", "oa_menu_clicked")
    assert event["props"]["key"] == "M1"
