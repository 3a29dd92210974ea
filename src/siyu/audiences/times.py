"""Dates and times as rules and customers write them."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.audiences.rules import Span, Unit
from siyu.kit import DAY, MINUTE

UNITS: dict[Unit, int] = {
    "minutes": MINUTE,
    "hours": 60 * MINUTE,
    "days": DAY,
    "weeks": 7 * DAY,
    "months": 30 * DAY,
}
"""ms in a unit; of a month about."""


def span_of(text: object, zone: ZoneInfo) -> tuple[int, int] | None:
    """(from, before) in epoch ms of an ISO date (its whole day in ``zone``) or time (one ms); None when it is neither.

    A time without a zone belongs to ``zone``.
    """
    if not isinstance(text, str) or not 10 <= len(text) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        start = _ms(local)
        if len(text) == 10:
            return start, _ms((moment + timedelta(days=1)).replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None
    return start, start + 1


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def ago(span: Span, now: int, zone: str) -> int:
    """The moment (epoch ms) so long before ``now``. Days are 24 hours; months are those of the calendar in ``zone``."""
    if span.unit != "months":
        return now - length(span)
    local = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(zone))
    place = local.year * 12 + local.month - 1 - round(span.number)
    year, month = divmod(place, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    wall = datetime(year, month + 1, day, local.hour, local.minute, local.second, tzinfo=ZoneInfo(zone))
    return _ms(wall) + now % 1000


def length(span: Span) -> int:
    """ms of a span; of months about."""
    return round(span.number * UNITS[span.unit])


def days_of_year(now: int, zone: str, ahead: int) -> tuple[str, ...]:
    """``MM-DD`` of today and the ``ahead`` days after it; the 29th of February comes on the 28th in other years."""
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(zone)).date()
    return tuple(dict.fromkeys(_recurring(today.toordinal(), ahead)))


def _recurring(today: int, ahead: int) -> Iterator[str]:
    for number in range(today, today + ahead + 1):
        day = datetime.fromordinal(number)
        yield day.strftime("%m-%d")
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            yield "02-29"
