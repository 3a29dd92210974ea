"""Begins a journey when a person does one thing and then not another within a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import ENTERS, THEN, Checking, Fault, Kind, Moment
from siyu.journeys.nodes.trigger_event import Condition, matching
from siyu.journeys.settings import EventName
from siyu.journeys.types import Entry, Move, Run
from siyu.kit import MINUTE
from siyu.pipeline import Columns


class AbsentConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: Annotated[
        EventName, field("做了", "Did", "例如 cart_added（加购）", "For example cart_added", widget="event")
    ]
    absent: Annotated[
        list[EventName],
        field(
            "之后没做",
            "And then did none of",
            "例如 order_paid（支付）",
            "For example order_paid",
            min_length=1,
            max_length=20,
            widget="event",
        ),
    ]
    minutes: Annotated[int, field("多久之内（分钟）", "Within (minutes)", ge=1, le=527_040)] = 60
    where: Annotated[
        list[Condition], field("事件条件", "Conditions", "全部满足才算", "All must hold", max_length=10)
    ] = []


def _entries(config: AbsentConfig, columns: Columns, places: Sequence[int]) -> list[Entry]:
    wait = config.minutes * MINUTE
    return [msgspec.structs.replace(entry, due=entry.at + wait) for entry in matching(config.where, columns, places)]


def _act(_moment: Moment, _config: AbsentConfig, runs: Sequence[Run]) -> list[Move]:
    return [Move(run, "entered", branch=THEN, enters=True) for run in runs]


def _check(config: AbsentConfig, _checking: Checking) -> Iterable[Fault]:
    if config.event in config.absent:
        yield "exits_on_own_trigger", {"event": config.event}


KIND = Kind(
    name="trigger_absent",
    zh="做了某事却没做另一件",
    en="When one thing happens and another does not",
    group="trigger",
    config=AbsentConfig,
    branches=ENTERS,
    act=_act,
    check=_check,
    entries=_entries,
    listens=lambda config: frozenset({config.event}),
    cuts=lambda config: frozenset(config.absent),
)
