"""A person's own purchase cycle, and when the next one is to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, Problem, event_of
from siyu.kit import DAY, field
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, clause
from siyu.tags.kinds.fields import EventName, Where, Window


class IntervalConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: EventName = "order_paid"
    answer: Annotated[Literal["days", "next_date"], field("取什么", "What of it")] = "days"
    least: Annotated[
        int, field("至少几个间隔", "At least so many gaps", "少于这个数没有值", "Fewer give no value", ge=1, le=100)
    ] = 1
    window: Window = None
    where: Where = []


def _probes(config: IntervalConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    found, problems = event_of(clause(config), zone)
    return ([found] if found else []), problems


def _value(config: IntervalConfig, probes: Sequence[Event], cells: Cells) -> Out:
    times = cells.column(f"arraySort(groupUniqArrayIf(at, {cells.reading.when(probes[0])}))")
    gaps = f"arraySort(arrayPopFront(arrayDifference({times})))"
    low, high = f"intDiv(length({gaps}) + 1, 2)", f"intDiv(length({gaps}), 2) + 1"
    median = f"(({gaps})[{low}] + ({gaps})[{high}]) / 2"
    following = f"fromUnixTimestamp64Milli(toInt64({times}[-1] + {median}), '{cells.zone}')"
    value = f"toString(round({median} / {DAY}, 1))" if config.answer == "days" else f"toString(toDate({following}))"
    shown = f"arrayMap(one -> toString(round(one / {DAY}, 1)), arraySlice({gaps}, 1, 20))"
    facts = {"gaps": f"arrayStringConcat({shown}, '，')"}
    return Out(f"if(length({times}) <= {config.least}, '', {value})", facts=facts)


KIND = Kind(
    name="interval",
    zh="购买周期",
    en="Own cycle",
    hint={
        "zh": "本人两次购买之间通常隔多少天（中位数），或据此预计的下一次日期。",
        "en": "The usual number of days between two purchases (median), or the date the next one is expected.",
    },
    config=IntervalConfig,
    how="events",
    probes=_probes,
    value=_value,
    unit=lambda config: "days" if config.answer == "days" else "date",
)
