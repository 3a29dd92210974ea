"""Times on the local clock: the next moment that fits, honest about daylight saving."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.engine import Connection

from siyu.delivery import zone_named
from siyu.profiles import traits_of
from siyu.settings import current_settings

TimeOfDay = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
_FAR = 366 * 4 + 1


def local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)


def moment(day: date, clock: str, zone: ZoneInfo) -> int:
    """When local clocks show ``clock`` (HH:MM) on ``day``; where they jump over it, that much after the jump; where
    they show it twice, the first time."""
    return int(datetime.combine(day, time.fromisoformat(clock), zone).timestamp() * 1000)


def next_at(after: int, clock: str, zone: ZoneInfo, fits: Callable[[date], bool] = lambda _: True) -> int | None:
    """The first moment from ``after`` on at which it is ``clock`` on a day that fits; None within four years."""
    today = local(after, zone).date()
    for days in range(_FAR):
        day = today + timedelta(days=days)
        if fits(day) and (found := moment(day, clock, zone)) >= after:
            return found
    return None


def shop_zone(conn: Connection) -> ZoneInfo:
    return zone_named(current_settings(conn).timezone, "Asia/Shanghai")


def zones_of(conn: Connection, persons: Collection[int]) -> dict[int, ZoneInfo]:
    """Each person's own zone (trait ``timezone``), else the shop's."""
    shop = current_settings(conn).timezone
    known = traits_of(conn, persons, ["timezone"])
    return {one: zone_named(str(known.get(one, {}).get("timezone") or shop), shop) for one in persons}
