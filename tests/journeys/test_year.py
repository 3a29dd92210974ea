"""A year of a long journey in seconds: through daylight saving, a leap day, Spring Festival and quiet hours."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from siyu.delivery import national_calendar
from siyu.kit import HOUR, parse_iso
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox
from tests.journeys.drawing import node, publish

ZONES = {"sh": "Asia/Shanghai", "ny": "America/New_York", "ld": "Europe/London"}
LETTERS = 13
START = "2027-02-02T00:30:00Z"


def test_a_year_by_every_clock(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox, per_minute=0)
    desk.policy("*", "cap", {})
    desk.clock.set(parse_iso(START))
    for user, zone in ZONES.items():
        desk.customer(user, timezone=zone)
    nodes, lines = [node("a", "trigger_event", event="joined")], []
    for number in range(LETTERS):
        wait = node(f"d{number}", "wait", minutes=28 * 24 * 60)
        until = node(f"u{number}", "wait_until", at="02:30" if number % 3 == 1 else "20:30", days="workdays")
        send = node(f"m{number}", "send", channel="email", subject=f"第{number}封", body="你好 {{unsubscribe_url}}")
        lines += [f"{nodes[-1]['id']}>d{number}", f"d{number}>u{number}", f"u{number}>m{number}"]
        nodes += [wait, until, send]
    id = publish(desk, [*nodes, node("z", "exit")], [*lines, f"m{LETTERS - 1}>z"])
    desk.send(*[desk.track(user, "joined") for user in ZONES])
    came: dict[str, list[datetime]] = defaultdict(list)
    seen, end = 0, desk.clock.now_ms() + 460 * 24 * HOUR
    while desk.clock.now_ms() < end and seen < LETTERS * len(ZONES):
        desk.turn()
        for address in mailbox.recipients[seen:]:
            user = address.partition("@")[0]
            at = datetime.fromtimestamp(desk.clock.now_ms() / 1000, UTC).astimezone(ZoneInfo(ZONES[user]))
            came[user].append(at)
        seen = len(mailbox.recipients)
        due = [run["due_at"] for run in desk.get(f"/api/journeys/{id}/runs")["items"] if run["due_at"]]
        later = min((parse_iso(at) for at in due), default=end)
        desk.clock.set(max(later, desk.clock.now_ms() + 1))
    for user in ZONES:
        assert len(came[user]) == LETTERS, user
        for number, at in enumerate(came[user]):
            assert 8 <= at.hour < 21, "never in quiet hours"
            assert national_calendar().is_workday(at.date()) or number % 3 == 1
            # A letter for half past two at night waits for the window to open; the others come when they say.
            expected = (8, 0) if number % 3 == 1 else (20, 30)
            assert (at.hour, at.minute) == expected, (user, number, at)
    assert all(times == 1 for times in mailbox.times().values())
    offsets = {user: {at.utcoffset() for at in came[user]} for user in ZONES}
    assert {user: len(found) for user, found in offsets.items()} == {"sh": 1, "ny": 2, "ld": 2}
    festival = [at.date() for at in came["sh"] if national_calendar().is_holiday(at.date())]
    assert festival == []
