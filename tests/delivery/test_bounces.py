"""Mail that comes back: reports as mail servers write them, and what they lead to."""

from __future__ import annotations

from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox
from tests.delivery.test_gate import decide, request


@pytest.fixture
def sent(desk: Desk, mailbox: Mailbox) -> EmailMessage:
    """A mail that Mei got (or did not)."""
    desk.mail_channel(mailbox)
    desk.customer("mei")
    desk.policy("*", "cap", {})
    assert decide(desk, request(desk, "mei")) == ["allowed"]
    desk.turn()
    return mailbox.received[0]


def report(about: EmailMessage, action: str, status: str, *, whole: bool = True) -> bytes:
    mail = MIMEMultipart("report", report_type="delivery-status")
    mail["From"], mail["Subject"] = "MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender"
    mail.attach(MIMEText("I'm sorry to have to inform you…"))
    whole_mail, receiver = Message(), Message()
    whole_mail["Reporting-MTA"] = "dns; mx.example"
    receiver["Final-Recipient"], receiver["Action"], receiver["Status"] = "rfc822; mei@example.com", action, status
    receiver["Diagnostic-Code"] = "smtp; 550 5.1.1 no such user"
    part = MIMEMultipart("delivery-status")
    part.set_type("message/delivery-status")
    part.set_payload([whole_mail, receiver])
    mail.attach(part)
    if whole:
        mail.attach(MIMEMessage(about))
    else:
        mail.attach(MIMEText(f"To: mei@example.com\nMessage-ID: {about['Message-ID']}\n", "rfc822-headers"))
    return mail.as_bytes()


def push(desk: Desk, body: bytes) -> int:
    url = desk.post("/api/channels/email/callback", {})["url"]
    kept = desk.client.headers.pop("Authorization")
    answer = desk.client.post(url.removeprefix("http://127.0.0.1:8300"), content=body)
    desk.client.headers["Authorization"] = kept
    return answer.status_code


@pytest.mark.parametrize("whole", [True, False])
def test_a_hard_bounce_ends_the_address(desk: Desk, sent: EmailMessage, whole: bool) -> None:
    for _ in range(2):
        assert push(desk, report(sent, "failed", "5.1.1", whole=whole)) == 200
    desk.turn()
    [message] = desk.messages()
    assert (message["state"], message["reason"], message["receipt"]) == ("failed", "undelivered", "undelivered")
    assert "no such user" in message["reason_text"]["en"]
    assert decide(desk, request(desk, "mei")) == ["suppressed"]
    events = desk.get(f"/api/persons/{desk.person('mei')}/timeline")["items"]
    assert [event["event"] for event in events].count("message_undelivered") == 1


def test_a_full_mailbox_ends_the_message_and_not_the_address(desk: Desk, sent: EmailMessage) -> None:
    push(desk, report(sent, "failed", "5.2.2"))
    assert desk.messages()[0]["reason"] == "undelivered"
    assert decide(desk, request(desk, "mei")) == ["allowed"]


def test_a_delay_changes_nothing(desk: Desk, sent: EmailMessage) -> None:
    assert push(desk, report(sent, "delayed", "4.4.1")) == 200
    assert desk.messages()[0]["state"] == "sent"


def test_a_complaint_opts_out(desk: Desk, sent: EmailMessage) -> None:
    mail = MIMEMultipart("report", report_type="feedback-report")
    mail.attach(MIMEText("This is an email abuse report."))
    part = MIMEMultipart("feedback-report")
    part.set_type("message/feedback-report")
    part.set_payload("Feedback-Type: abuse\nVersion: 1\n")
    mail.attach(part)
    mail.attach(MIMEMessage(sent))
    desk.clock.advance(1000)
    assert push(desk, mail.as_bytes()) == 200
    desk.turn()
    assert decide(desk, request(desk, "mei")) == ["consent_withdrawn"]
    events = [event["event"] for event in desk.get(f"/api/persons/{desk.person('mei')}/timeline")["items"]]
    assert {"complained", "opted_out"} <= set(events)


@pytest.mark.parametrize("body", [b"", b"Subject: hello\n\nhow are you", b"\xff\xfe" * 500])
def test_any_other_mail_is_refused(desk: Desk, sent: EmailMessage, body: bytes) -> None:
    assert push(desk, body) == 403
    assert desk.messages()[0]["state"] == "sent"


def test_somebody_elses_bounce_is_refused(desk: Desk, sent: EmailMessage) -> None:
    del sent["Message-ID"]
    sent["Message-ID"] = "<20260302.1@elsewhere.example>"
    assert push(desk, report(sent, "failed", "5.1.1")) == 403
