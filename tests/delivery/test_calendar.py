"""Public holidays and make-up workdays, and messages that keep to them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from siyu.delivery.calendar import national_calendar
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox
from tests.delivery.test_gate import decide, request, set_clock


def test_the_years_add_up() -> None:
    """33 days in 2026 and 28 in 2025 are announced; every make-up day is a weekend day."""
    calendar = national_calendar()
    assert [sum(day.year == year for day in calendar.holidays) for year in (2025, 2026)] == [28, 33]
    assert all(day.weekday() >= 5 and day not in calendar.holidays for day in calendar.workdays)
    first = date(2026, 1, 1)
    days = [first + timedelta(days=n) for n in range(365)]
    assert sum(calendar.is_workday(day) for day in days) == 248


@pytest.mark.parametrize(
    ("day", "holiday", "workday"),
    [
        ("2026-02-14", False, True),  # Saturday, made up for
        ("2026-02-16", True, False),  # Monday, New Year's Eve
        ("2026-02-23", True, False),
        ("2026-02-24", False, True),
        ("2026-03-01", False, False),  # an ordinary Sunday
        ("2026-10-08", False, True),
        ("2030-01-01", False, True),  # nobody has announced it yet
    ],
)
def test_a_day(day: str, holiday: bool, workday: bool) -> None:
    calendar, at = national_calendar(), date.fromisoformat(day)
    assert (calendar.is_holiday(at), calendar.is_workday(at)) == (holiday, workday)


def wait_until(desk: Desk) -> tuple[str, str]:
    with desk.store.state.write() as conn:
        from siyu.delivery import ask

        [decision] = ask(desk.store, conn, [request(desk, "mei")])
    return decision.code, decision.params.get("opens", "")


def test_workdays_only_waits_over_spring_festival(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    desk.policy("*", "cap", {})
    desk.policy("email", "days", {"on": "workdays"})
    set_clock(desk, "2026-02-14T04:00:00Z")
    assert wait_until(desk) == ("allowed", "")
    set_clock(desk, "2026-02-14T14:00:00Z")  # 22:00, and the festival begins tomorrow
    assert wait_until(desk) == ("quiet_hours", "2026-02-24 08:00")
    set_clock(desk, "2026-02-17T04:00:00Z")
    assert wait_until(desk) == ("closed_day", "2026-02-24 08:00")
    assert "春节" in desk.messages()[0]["reason_text"]["zh"]
    set_clock(desk, "2026-02-28T04:00:00Z")  # Saturday, made up for
    assert wait_until(desk) == ("allowed", "")


def test_a_message_that_waits_into_a_holiday_goes_after_it(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    desk.policy("email", "days", {"on": "not_holidays"})
    set_clock(desk, "2026-09-30T12:59:00Z")
    assert decide(desk, request(desk, "mei")) == ["allowed"]
    set_clock(desk, "2026-10-01T04:00:00Z")
    desk.turn()
    assert mailbox.received == []
    set_clock(desk, "2026-10-07T16:00:00Z")
    desk.turn()
    assert mailbox.received == []
    set_clock(desk, "2026-10-08T00:00:00Z")
    desk.turn()
    assert len(mailbox.received) == 1


def test_operators_add_a_year_that_has_been_announced(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    desk.policy("*", "cap", {})
    desk.policy("*", "days", {"on": "workdays"})
    set_clock(desk, "2030-01-01T04:00:00Z")  # a Tuesday
    assert wait_until(desk)[0] == "allowed"
    desk.policy("*", "calendar", {"holidays": ["2030-01-01", "2030-01-02"], "workdays": ["2030-01-05"]})
    assert wait_until(desk) == ("closed_day", "2030-01-03 08:00")
    set_clock(desk, "2030-01-05T04:00:00Z")  # a Saturday
    assert wait_until(desk)[0] == "allowed"


@pytest.mark.parametrize(
    ("channel", "rule", "value"),
    [
        ("*", "calendar", {"holidays": ["next year"]}),
        ("email", "calendar", {}),
        ("email", "days", {"on": "sundays"}),
        ("email", "rate", {"minute": -1}),
        ("wechat_customer", "reply_window", {"after": {"oa_scanned": {"sends": 0, "seconds": 60}}}),
    ],
)
def test_bad_rows_are_refused(desk: Desk, channel: str, rule: str, value: dict[str, object]) -> None:
    row = {"channel": channel, "rule": rule, "value": value, "evidence": "", "updated_at": ""}
    answer = desk.client.put("/api/policies", json={"items": [row]}, headers={"If-Match": '"0"'})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("/items/0/")
