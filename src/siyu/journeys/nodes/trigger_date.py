"""Begins a journey so many days before a day that comes back every year, such as a birthday. Times are the shop's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import fitting
from siyu.delivery import field
from siyu.journeys.clockwork import TimeOfDay, next_at
from siyu.journeys.nodes.contract import ENTERS, Checking, Fault, Kind, pass_on
from siyu.store import Store


class DateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trait: Annotated[
        str,
        field(
            "日期属性",
            "Date trait",
            "例如 birthday",
            "For example birthday",
            min_length=1,
            max_length=120,
            widget="trait",
        ),
    ] = "birthday"
    days_before: Annotated[int, field("提前几天", "Days before", "0 表示当天", "0: on the day", ge=0, le=360)] = 0
    at: Annotated[TimeOfDay, field("时间", "Time of day", widget="time")] = "10:00"


def _rule(config: DateConfig, days: int) -> dict[str, Any]:
    return {"trait": config.trait, "op": "recurs_in_next_days", "value": days}


def _people(store: Store, conn: Connection, config: DateConfig, at: int) -> BitMap64:
    """Those whose day lies exactly so many days ahead: 29 February is kept on the 28th in other years."""
    within, *sooner = fitting(store, conn, [_rule(config, days) for days in _spans(config)], at)
    return within - sooner[0] if sooner else within


def _spans(config: DateConfig) -> list[int]:
    return [config.days_before, config.days_before - 1] if config.days_before else [0]


def _fires(config: DateConfig, after: int, zone: ZoneInfo) -> int | None:
    return next_at(after, config.at, zone)


def _check(config: DateConfig, checking: Checking) -> Iterable[Fault]:
    for fault in checking.rule_faults(_rule(config, config.days_before)):
        yield "bad_rule", {"branch": config.trait, "detail": fault}


KIND = Kind(
    name="trigger_date",
    zh="周年日触发",
    en="On a yearly day",
    group="trigger",
    config=DateConfig,
    branches=ENTERS,
    act=pass_on,
    check=_check,
    fires=_fires,
    people=_people,
)
