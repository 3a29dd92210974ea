"""Calendar days of a zone as spans of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec


class Window(msgspec.Struct, frozen=True):
    """The last ``days`` calendar days of a zone, today among them, and as many before. Epoch ms, ends excluded.

    The span before is as long as the one that is running, so a day that has only begun is compared fairly.
    """

    zone: str
    dates: list[str]
    start: int
    end: int
    previous_start: int
    previous_end: int


def window(now: int, days: int, zone: str) -> Window:
    """The window that ends now."""
    place = ZoneInfo(zone)
    here = datetime.fromtimestamp(now / 1000, place)
    first = here.date() - timedelta(days=days - 1)
    before = here - timedelta(days=days)
    return Window(
        zone=zone,
        dates=[(first + timedelta(days=n)).isoformat() for n in range(days)],
        start=_midnight(first, place),
        end=now + 1,
        previous_start=_midnight(first - timedelta(days=days), place),
        previous_end=int(before.astimezone(UTC).timestamp() * 1000) + 1,
    )


def _midnight(day: date, place: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), place).timestamp() * 1000)
