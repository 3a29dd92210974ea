"""Waits for a time of day, a kind of day or a date on the person's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.delivery import field, national_calendar
from siyu.journeys.clockwork import TimeOfDay, Weekday, moment, next_at, zones_of
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.settings import Day
from siyu.journeys.types import Move, Run


class UntilConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: Annotated[TimeOfDay, field("当地时间", "Local time", widget="time")] = "10:00"
    on: Annotated[
        Day,
        field(
            "日期",
            "Date",
            "填写则等到这一天；已过则立即继续",
            "Waits for this day; goes on at once when it has passed",
            widget="date",
        ),
    ] = ""
    weekdays: Annotated[
        list[Weekday], field("星期", "Weekdays", "1 周一 … 7 周日；留空不限", "1 Monday … 7 Sunday; empty: any")
    ] = []
    days: Annotated[
        Literal["every", "workdays", "not_holidays"],
        field(
            "日子",
            "Days",
            "workdays 只在工作日（含调休）；not_holidays 避开法定节假日",
            "China's workdays (make-up days count), or all but public holidays",
        ),
    ] = "every"

    def fits(self, day: date) -> bool:
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return False
        return national_calendar().allows(day, self.days)


def _act(now: Moment, config: UntilConfig, runs: Sequence[Run]) -> list[Move]:
    zones = zones_of(now.conn, [run.person for run in runs if not run.arrived_at])
    return [Move(run, "waited", branch=THEN) if run.arrived_at else _arrive(now, config, run, zones[run.person])
            for run in runs]  # fmt: skip


def _arrive(now: Moment, config: UntilConfig, run: Run, zone: ZoneInfo) -> Move:
    until = when(config, now.now, zone)
    if until <= now.now:
        return Move(run, "waited", branch=THEN)
    return Move(run, "waits", {"until": until}, wait_until=until, arrived_at=now.now)


def when(config: UntilConfig, now: int, zone: ZoneInfo) -> int:
    """When the wait is over that begins at ``now``."""
    if config.on:
        return moment(date.fromisoformat(config.on), config.at, zone)
    return next_at(now, config.at, zone, config.fits) or now


def _check(config: UntilConfig, checking: Checking) -> Iterable[Fault]:
    try:
        if config.on:
            date.fromisoformat(config.on)
        elif next_at(checking.now, config.at, ZoneInfo("Asia/Shanghai"), config.fits) is None:
            yield "never_fires", {}
    except ValueError:
        yield "no_such_day", {"day": config.on}


KIND = Kind(
    name="wait_until",
    zh="等到某个时间",
    en="Wait until a time",
    group="wait",
    config=UntilConfig,
    branches={THEN: {"zh": "时间到", "en": "Time is up"}},
    act=_act,
    check=_check,
)
