"""A send node with several channels: in order, and only where falling back is right."""

from __future__ import annotations

from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox, Receiver

INBOX = {"channel": "inbox", "body": "站内：{{event.name|好物}}"}


def cart(desk: Desk, user: str) -> None:
    desk.send(desk.track(user, "cart_added", name="玫瑰"))
    desk.later(hours=1)


def start(desk: Desk, mailbox: Mailbox, **settings: object) -> str:
    desk.mail_channel(mailbox)
    desk.put("/api/channels/inbox", {"enabled": True, "config": {}})
    return desk.journey(send={"then_by": [INBOX]} | settings)


def went(desk: Desk) -> list[tuple[str, str, str | None]]:
    return sorted((message["channel"], message["state"], message["reason"]) for message in desk.messages())


def test_the_first_that_can_be_used_is_used(desk: Desk, mailbox: Mailbox) -> None:
    start(desk, mailbox)
    desk.customer("mei")
    cart(desk, "mei")
    assert went(desk) == [("email", "sent", None)]


def test_without_consent_the_next_is_asked(desk: Desk, mailbox: Mailbox) -> None:
    journey = start(desk, mailbox)
    desk.customer("mei", consent=False)
    cart(desk, "mei")
    assert went(desk) == [("email", "refused", "consent_missing"), ("inbox", "sent", None)]
    [inbox] = desk.messages(channel="inbox")
    url = desk.get(f"/api/persons/{desk.person('mei')}/inbox")["api"].removeprefix("http://127.0.0.1:8300")
    assert desk.client.get(url).json()["items"][0]["text"] == "站内：玫瑰"
    assert inbox["journey_id"] == journey


def test_a_cap_waits_moves_on_or_falls_back_as_set(desk: Desk, mailbox: Mailbox) -> None:
    start(desk, mailbox, capped="next")
    desk.policy("email", "account_quota", {"hour": 1})
    desk.customer("mei")
    desk.customer("lan")
    desk.send(desk.track("mei", "cart_added"), desk.track("lan", "cart_added"))
    desk.later(hours=1)
    assert went(desk) == [("email", "refused", "account_quota"), ("email", "sent", None), ("inbox", "sent", None)]


def test_quiet_hours_wait_unless_told_otherwise(desk: Desk, mailbox: Mailbox) -> None:
    start(desk, mailbox)
    desk.customer("mei")
    desk.clock.advance(12 * 3_600_000)  # 22:00
    cart(desk, "mei")
    assert went(desk) == [("email", "refused", "quiet_hours")]
    desk.later(hours=10)
    assert went(desk) == [("email", "sent", None)]


def test_what_holds_for_every_channel_asks_no_other(desk: Desk, mailbox: Mailbox, receiver: Receiver) -> None:
    desk.webhook_channel(receiver)
    start(desk, mailbox, then_by=[{"channel": "webhook"}], capped="advance")
    desk.policy("*", "cap", {"day": 1})
    desk.customer("mei")
    desk.journey(send={"campaign": "other", "repeat_days": 1})
    cart(desk, "mei")
    assert [message["state"] for message in desk.messages(channel="webhook")] == []


def test_each_way_is_checked_before_publishing(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.post("/api/journeys", {"name": "x", "template": "abandoned_cart"})["id"]
    graph = desk.get(f"/api/journeys/{id}")["graph"]
    ways = [{"channel": "sms_aliyun"}, {"channel": "mini_program_subscribe", "fields": {"thing1": "{{event.name}}"}}]
    for node in graph["nodes"]:
        node["config"] |= {"send": {"then_by": ways}}.get(node["id"], {})
    desk.put(f"/api/journeys/{id}", {"name": "x", "graph": graph})
    codes = {problem["code"] for problem in desk.post(f"/api/journeys/{id}/check")["problems"]}
    assert codes == {"channel_off", "text_ending", "no_template", "variable_without_default"}
