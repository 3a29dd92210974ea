"""When an audience with a schedule of its own is computed next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from siyu.kit import HOUR


class Schedule(msgspec.Struct, frozen=True):
    """Every hour, or at ``at`` in the shop: every day, on ``weekday`` (1 is Monday), or on ``day`` of the month."""

    every: Literal["hour", "day", "week", "month"]
    at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:00"
    weekday: Annotated[int, Meta(ge=1, le=7)] = 1
    day: Annotated[int, Meta(ge=1, le=28)] = 1


def next_time(schedule: Schedule | None, now: int, zone: str) -> int:
    """The first time after ``now``, epoch ms; 0 when there is no schedule."""
    if schedule is None:
        return 0
    if schedule.every == "hour":
        return (now // HOUR + 1) * HOUR
    local = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(zone))
    hour, minute = (int(part) for part in schedule.at.split(":"))
    day = local.date()
    while True:
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
        at = round(wall.timestamp() * 1000)
        if at > now and _fits(schedule, wall):
            return at
        day += timedelta(days=1)


def _fits(schedule: Schedule, wall: datetime) -> bool:
    if schedule.every == "week":
        return wall.isoweekday() == schedule.weekday
    return schedule.every == "day" or wall.day == schedule.day
