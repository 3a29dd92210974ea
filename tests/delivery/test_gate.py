"""The gate: its order, its caps, its reasons."""

from __future__ import annotations

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from siyu.delivery import Request, Template, ask
from siyu.kit import DAY, HOUR, parse_iso
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox, Receiver

_runs = itertools.count(1)


def request(desk: Desk, user: str, campaign: str = "", **more: object) -> Request:
    run = next(_runs)
    fields = {"channel": "email", "journey": "jrn_test", "node": "send", "template": Template("你好", "正文")} | more
    return Request(person=desk.number(user), campaign=campaign or f"campaign {run}", run=run, **fields)


def decide(desk: Desk, *requests: Request) -> list[str]:
    with desk.store.state.write() as conn:
        return [decision.code for decision in ask(desk.store, conn, requests)]


def set_clock(desk: Desk, text: str) -> None:
    desk.clock.set(parse_iso(text))


def test_reasons_come_in_the_fixed_order(desk: Desk, mailbox: Mailbox) -> None:
    """Everything is wrong at once; mending the first reason shows the next."""
    desk.customer("mei", consent=False)
    desk.put("/api/channels/webhook", {"enabled": True, "config": {"url": "http://127.0.0.1:9/", "secret": "x"}})
    assert decide(desk, request(desk, "mei", "spring", channel="webhook")) == ["allowed"]
    desk.post("/api/suppressions", {"channel": "email", "address": "mei@example.com", "reason": "asked by phone"})
    desk.policy("email", "person_quota", {"hour": 1})
    set_clock(desk, "2026-03-02T14:30:00Z")  # 22:30 in Shanghai

    def next_reason(campaign: str = "spring") -> str:
        return decide(desk, request(desk, "mei", campaign))[0]

    assert next_reason() == "consent_missing"
    desk.send(desk.track("mei", "consent_withdrawn", channel="email"))
    assert next_reason() == "consent_withdrawn"
    desk.clock.advance(1)
    desk.send(desk.track("mei", "consent_granted", channel="email", purpose="marketing"))
    assert next_reason() == "suppressed"
    assert desk.client.delete("/api/suppressions?channel=email&address=mei@example.com").status_code == 204
    assert next_reason() == "quiet_hours"
    set_clock(desk, "2026-03-02T04:00:00Z")
    assert next_reason() == "channel_off"
    desk.mail_channel(mailbox)
    assert next_reason() == "cap"
    desk.policy("*", "cap", {"day": 2})
    assert next_reason() == "campaign_repeat"
    assert next_reason("summer") == "allowed"
    assert next_reason("autumn") == "person_quota"
    desk.policy("email", "person_quota", {})
    assert next_reason("autumn") == "cap"


def test_the_hours_that_held_a_message_back_are_named(desk: Desk, mailbox: Mailbox) -> None:
    """The shop is quiet from 22:00, whatever the channel allows; the channel's hours where those are shorter."""
    desk.mail_channel(mailbox)
    desk.customer("mei")
    set_clock(desk, "2026-03-02T14:30:00Z")  # 22:30 in Shanghai
    for window, told in (
        ({"from": "00:00", "to": "24:00"}, "08:00–22:00"),
        ({"from": "09:30", "to": "20:00"}, "09:30–20:00"),
    ):
        desk.policy("email", "send_window", window)
        assert decide(desk, request(desk, "mei", told)) == ["quiet_hours"]
        desk.turn()
        assert told in desk.messages(state="refused", reason="quiet_hours")[0]["reason_text"]["zh"]


def test_every_refusal_is_kept_with_its_reason_and_told_on_the_timeline(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    person = desk.customer("mei", consent=False)
    assert decide(desk, request(desk, "mei")) == ["consent_missing"]
    desk.turn()
    [message] = desk.messages(state="refused", reason="consent_missing")
    assert message["person"] == person
    assert message["reason_text"] == {
        "zh": "还没有取得对方同意，这个渠道需要先同意",
        "en": "No consent is on record, and this channel needs one",
    }
    assert desk.get(f"/api/persons/{person}/messages")["items"] == [message]
    events = desk.get(f"/api/persons/{person}/timeline")["items"]
    [refused] = [event for event in events if event["event"] == "message_refused"]
    assert refused["props"]["reason"] == "consent_missing"


def test_one_address_gets_a_campaign_once_whoever_it_belongs_to(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    desk.customer("lan", email="lan@example.com")
    with desk.store.state.write() as conn:
        # Two accounts of one household: the same address as a trait, which does not merge them.
        conn.exec_driver_sql(
            "UPDATE identity_identifiers SET key = 'email:old@example.com' WHERE key = 'email:lan@example.com'"
        )
        conn.exec_driver_sql(
            "UPDATE profiles_traits SET value = '\"mei@example.com\"' WHERE name = 'email' AND person_id = "
            f"{desk.number('lan')}"
        )
        conn.exec_driver_sql("DELETE FROM identity_identifiers WHERE key = 'email:old@example.com'")
    desk.policy("*", "cap", {"day": 9})
    assert decide(desk, request(desk, "mei", "spring"), request(desk, "lan", "spring")) == ["allowed", "address_repeat"]
    assert decide(desk, request(desk, "lan", "spring")) == ["address_repeat"]
    assert decide(desk, request(desk, "lan", "summer")) == ["allowed"]


def test_the_cap_counts_all_channels_by_the_persons_own_day(desk: Desk, mailbox: Mailbox, receiver: Receiver) -> None:
    desk.mail_channel(mailbox)
    desk.webhook_channel(receiver)
    desk.customer("mei", timezone="America/New_York")
    set_clock(desk, "2026-03-02T22:00:00Z")  # 17:00 in New York
    assert decide(desk, request(desk, "mei")) == ["allowed"]
    desk.turn()
    assert decide(desk, request(desk, "mei", channel="webhook")) == ["cap"]
    set_clock(desk, "2026-03-03T01:00:00Z")  # still Monday in New York, Tuesday in Shanghai
    assert decide(desk, request(desk, "mei", channel="webhook")) == ["cap"]
    set_clock(desk, "2026-03-03T14:00:00Z")
    assert decide(desk, request(desk, "mei", channel="webhook")) == ["allowed"]


def test_three_in_seven_days(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    seen = []
    for _ in range(9):
        seen += decide(desk, request(desk, "mei"))
        desk.turn()
        desk.clock.advance(DAY)
    assert seen == [*["allowed"] * 3, *["cap"] * 4, *["allowed"] * 2]


def test_the_higher_priority_takes_the_room(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    assert decide(desk, request(desk, "mei"), request(desk, "mei", priority=5)) == ["cap", "allowed"]


def test_asking_twice_for_the_same_message_queues_one(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    wanted = request(desk, "mei")
    assert decide(desk, wanted) == ["allowed"]
    assert decide(desk, wanted) == ["allowed"]
    desk.turn()
    assert decide(desk, wanted) == ["allowed"]
    desk.turn()
    assert len(mailbox.received) == 1


@pytest.mark.parametrize("attempt", range(5))
def test_two_messages_to_one_person_at_once_cannot_both_pass_a_cap(desk: Desk, mailbox: Mailbox, attempt: int) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    wanted = [request(desk, "mei") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(code for codes in pool.map(lambda one: decide(desk, one), wanted) for code in codes)
    assert codes == ["allowed", *["cap"] * 7]
    desk.turn()
    assert len(mailbox.received) == 1


def test_an_account_quota_closes_the_channel_for_everybody(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.policy("email", "account_quota", {"hour": 2})
    for user in ("a", "b", "c"):
        desk.customer(user)
    assert decide(desk, *[request(desk, user) for user in ("a", "b", "c")]) == ["allowed", "allowed", "account_quota"]
    desk.clock.advance(HOUR + 1)
    assert decide(desk, request(desk, "c")) == ["allowed"]


def test_consent_withdrawn_while_a_message_waits_holds_it_back(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    assert decide(desk, request(desk, "mei")) == ["allowed"]
    desk.clock.advance(1000)
    desk.send(desk.track("mei", "opted_out", channel="email"))
    desk.turn()
    assert mailbox.received == []
    assert [(m["state"], m["reason"]) for m in desk.messages()] == [("refused", "consent_withdrawn")]


def test_a_message_that_waited_into_the_night_goes_in_the_morning(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    set_clock(desk, "2026-03-02T12:59:00Z")  # 20:59 in Shanghai
    assert decide(desk, request(desk, "mei")) == ["allowed"]
    desk.later(minutes=5)
    assert mailbox.received == []
    set_clock(desk, "2026-03-02T23:59:00Z")
    desk.turn()
    assert mailbox.received == []
    set_clock(desk, "2026-03-03T00:00:00Z")  # 08:00
    desk.turn()
    assert len(mailbox.received) == 1


def test_the_guard_table_is_dated_and_guarded_against_lost_updates(desk: Desk) -> None:
    table = desk.client.get("/api/policies")
    rows = {(row["channel"], row["rule"]): row for row in table.json()["items"]}
    assert rows["*", "cap"]["value"] == {"day": 1, "days_7": 3}
    assert rows["sms", "send_window"]["value"] == {"from": "09:00", "to": "20:00"}
    assert rows["wecom_friend", "person_quota"]["updated_at"] == "2025-11-01T00:00:00.000Z"
    row = rows["*", "cap"] | {"value": {"day": 2}}
    answer = desk.client.put("/api/policies", json={"items": [row]}, headers={"If-Match": table.headers["etag"]})
    changed = {(row["channel"], row["rule"]): row for row in answer.json()["items"]}["*", "cap"]
    assert (changed["value"], changed["updated_at"][:10]) == ({"day": 2}, "2026-03-02")
    again = desk.client.put("/api/policies", json={"items": [row]}, headers={"If-Match": table.headers["etag"]})
    assert again.status_code == 412


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"channel": "email", "rule": "moon", "value": {}}, "/items/0/rule"),
        ({"channel": "email", "rule": "cap", "value": {"day": 1}}, "/items/0/channel"),
        ({"channel": "*", "rule": "cap", "value": {"day": "many"}}, "/items/0/value"),
        ({"channel": "*", "rule": "cap", "value": {"day": -1}}, "/items/0/value"),
        ({"channel": "email", "rule": "send_window", "value": {"from": "25:00", "to": "9"}}, "/items/0/value"),
        ({"channel": "email", "rule": "consent", "value": {"need": "none"}}, "/items/0/value"),
    ],
)
def test_a_bad_policy_is_refused_by_name(desk: Desk, row: dict[str, object], field: str) -> None:
    body = {"items": [row | {"evidence": "", "updated_at": ""}]}
    answer = desk.client.put("/api/policies", json=body, headers={"If-Match": '"0"'})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_evidence_is_told_in_the_language_of_the_reader(desk: Desk) -> None:
    """All of it; and saving a row from a Chinese console doesn't fix its evidence in Chinese."""

    def read(language: str) -> tuple[dict[tuple[str, str], dict[str, Any]], str]:
        answer = desk.client.get("/api/policies", headers={"Accept-Language": language})
        return {(one["channel"], one["rule"]): one for one in answer.json()["items"]}, answer.headers["etag"]

    (zh, version), (en, _) = read("zh-CN"), read("en")
    chinese = re.compile("[\u4e00-\u9fff]")
    assert not [one for one in zh.values() if not chinese.search(one["evidence"])]
    assert not [one for one in en.values() if chinese.search(one["evidence"])]
    headers = {"If-Match": version, "Accept-Language": "zh-CN"}
    own = zh["sms", "text"] | {"evidence": "和服务商电话确认过"}
    body = {"items": [zh["*", "cap"] | {"value": {"day": 2}}, own]}
    assert desk.client.put("/api/policies", json=body, headers=headers).is_success
    changed, _ = read("en")
    assert (changed["*", "cap"]["value"], changed["*", "cap"]["evidence"]) == ({"day": 2}, en["*", "cap"]["evidence"])
    assert changed["sms", "text"]["evidence"] == "和服务商电话确认过"
