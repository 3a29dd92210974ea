"""Windows and days on the person's own clock, honest about daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from siyu.kit import MINUTE


class Window(msgspec.Struct, frozen=True):
    """Minutes of the local day in which sending is allowed: from ``opens`` until before ``closes``; may span midnight.

    Equal ends mean the whole day.
    """

    opens: int
    closes: int

    @staticmethod
    def parse(opens: str, closes: str) -> Window:
        """From ``HH:MM`` texts; ``24:00`` is the end of the day. Raises ValueError."""
        return Window(_minute(opens), _minute(closes) % DAY_END)

    def has(self, minute: int) -> bool:
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= minute < self.closes
        return minute >= self.opens or minute < self.closes


DAY_END = 1440


def clock_text(minute: int) -> str:
    """A minute of the day as ``HH:MM``."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(text: str) -> int:
    hour, colon, minute = text.partition(":")
    if not colon or not (hour.isdigit() and minute.isdigit() and len(minute) == 2):
        raise ValueError(text)
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > DAY_END:
        raise ValueError(text)
    return value


@lru_cache(maxsize=1024)
def zone_named(name: str, fallback: str) -> ZoneInfo:
    """The IANA zone ``name``, or ``fallback`` when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(fallback)


def _local(now: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(zone)


def local_day(now: int, zone: ZoneInfo) -> date:
    """The date on the local clock."""
    return _local(now, zone).date()


def _instant(local: datetime) -> int:
    return int(local.timestamp() * 1000)


def is_open(now: int, zone: ZoneInfo, window: Window) -> bool:
    local = _local(now, zone)
    return window.has(local.hour * 60 + local.minute)


def next_open(now: int, zone: ZoneInfo, window: Window) -> int:
    """``now`` inside the window, else the first moment after ``now`` at which it opens."""
    if is_open(now, zone, window):
        return now
    today = _local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for days in range(3):
        opening = (today + timedelta(days=days)).replace(hour=window.opens // 60, minute=window.opens % 60)
        for fold in (0, 1):
            found = _instant(opening.replace(fold=fold))
            if found > now and is_open(found, zone, window):
                return _first_open(max(now, found - 180 * MINUTE), found, zone, window)
    return now


def _first_open(closed: int, opened: int, zone: ZoneInfo, window: Window) -> int:
    """Where clocks jump over the opening time, the window opens at the jump: look for it minute by minute."""
    start = closed - closed % MINUTE + MINUTE
    if is_open(start, zone, window):
        return start
    if not is_open(opened - MINUTE, zone, window):
        return opened
    return next(moment for moment in range(start, opened + MINUTE, MINUTE) if is_open(moment, zone, window))


def day_start(now: int, zone: ZoneInfo, days: int = 0) -> int:
    """The first moment of the local day of ``now``, ``days`` later (or earlier)."""
    midnight = _local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return _instant(midnight + timedelta(days=days))


def month_start(now: int, zone: ZoneInfo) -> int:
    """The first moment of the local month of ``now``."""
    return _instant(_local(now, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0))


def local_text(now: int, zone: ZoneInfo) -> str:
    """``2026-01-02 09:00`` on the local clock."""
    return _local(now, zone).strftime("%Y-%m-%d %H:%M")
