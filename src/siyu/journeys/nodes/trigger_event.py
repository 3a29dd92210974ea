"""Begins a journey when a person does something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.types import Entry, Move, Run
from siyu.pipeline import Columns

EventName = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A property of the event that must have one of these values (compared as text)."""

    property: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    values: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]


class TriggerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: Annotated[
        str,
        field("触发事件", "Event", "例如 cart_added（加购）", "For example cart_added", min_length=1, max_length=120),
    ]
    where: Annotated[
        list[Condition], field("事件条件", "Conditions", "全部满足才进入", "All must hold to enter", max_length=10)
    ] = []
    exit_events: Annotated[
        list[EventName],
        field(
            "退出事件",
            "Exit when any of these happens",
            "发生任意一个就立刻离开旅程",
            "Whoever does one of these leaves at once",
            max_length=20,
        ),
    ] = []
    reentry_days: Annotated[
        int,
        field(
            "再次进入间隔（天）",
            "Re-entry after (days)",
            "0 表示每人只进入一次",
            "0 means once per person",
            ge=0,
            le=3650,
        ),
    ] = 30
    freshness_hours: Annotated[
        int,
        field(
            "时效（小时）",
            "Freshness (hours)",
            "更早发生的事件不触发，导入历史数据不会误发",
            "Older events start nothing, so imported history sends nothing",
            ge=1,
            le=720,
        ),
    ] = 24


def matches(config: TriggerConfig, props: dict[str, Any]) -> bool:
    return all(_text(props.get(condition.property)) in condition.values for condition in config.where)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _entries(config: TriggerConfig, columns: Columns, places: Sequence[int]) -> list[Entry]:
    found = []
    for place in places:
        props = columns.props[place]
        if not config.where or matches(config, msgspec.json.decode(props)):
            key = f"{columns.event[place]}:{columns.key[place]}:{columns.time[place]}"
            found.append(Entry(columns.person[place], columns.anchor[place], columns.time[place], key, props))
    return found


def _act(_moment: Moment, _config: TriggerConfig, runs: Sequence[Run]) -> list[Move]:
    return [Move(run, "entered", branch=THEN) for run in runs]


def _check(config: TriggerConfig, _checking: Checking) -> Iterable[Fault]:
    if config.event in config.exit_events:
        yield "exits_on_own_trigger", {"event": config.event}


KIND = Kind(
    name="trigger_event",
    zh="事件触发",
    en="When an event happens",
    config=TriggerConfig,
    branches={THEN: {"zh": "进入", "en": "Enters"}},
    act=_act,
    check=_check,
    entries=_entries,
    listens=lambda config: frozenset({config.event}),
)
