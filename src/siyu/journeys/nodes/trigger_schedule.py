"""Begins a journey for an audience at set times, or once on a date. Times are the shop's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import members_of
from siyu.delivery import field
from siyu.journeys.clockwork import TimeOfDay, Weekday, next_at
from siyu.journeys.nodes.contract import ENTERS, Checking, Fault, Kind, pass_on
from siyu.journeys.settings import AudienceId, Day
from siyu.store import Store

MonthDay = Annotated[int, msgspec.Meta(ge=1, le=31)]
Month = Annotated[int, msgspec.Meta(ge=1, le=12)]


class ScheduleConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    audience: Annotated[AudienceId, field("人群", "Audience", widget="audience")]
    at: Annotated[TimeOfDay, field("时间", "Time of day", widget="time")] = "10:00"
    on: Annotated[
        Day, field("日期", "Date", "填写则只在这一天进行一次", "Filled in: once, on this day", widget="date")
    ] = ""
    weekdays: Annotated[
        list[Weekday], field("星期", "Weekdays", "1 周一 … 7 周日；留空每天", "1 Monday … 7 Sunday; empty: every day")
    ] = []
    month_days: Annotated[list[MonthDay], field("每月几号", "Days of the month", "留空不限", "Empty: any")] = []
    months: Annotated[list[Month], field("月份", "Months", "留空不限", "Empty: any")] = []

    def fits(self, day: date) -> bool:
        if self.on:
            return day.isoformat() == self.on
        return (
            (not self.weekdays or day.isoweekday() in self.weekdays)
            and (not self.month_days or day.day in self.month_days)
            and (not self.months or day.month in self.months)
        )


def _fires(config: ScheduleConfig, after: int, zone: ZoneInfo) -> int | None:
    return next_at(after, config.at, zone, config.fits)


def _people(store: Store, conn: Connection, config: ScheduleConfig, _at: int) -> BitMap64:
    return members_of(store, conn, config.audience)


def _check(config: ScheduleConfig, checking: Checking) -> Iterable[Fault]:
    if config.audience not in checking.audiences:
        yield "unknown_audience", {"audience": config.audience}
    if config.on and not _is_day(config.on):
        yield "no_such_day", {"day": config.on}
    elif _fires(config, checking.now, ZoneInfo("Asia/Shanghai")) is None:
        yield "never_fires", {}


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


KIND = Kind(
    name="trigger_schedule",
    zh="定时触发",
    en="At set times",
    group="trigger",
    config=ScheduleConfig,
    branches=ENTERS,
    act=pass_on,
    check=_check,
    fires=_fires,
    people=_people,
)
