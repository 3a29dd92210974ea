"""Begins a journey when a person does something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import ENTERS, Checking, Fault, Kind, pass_on
from siyu.journeys.types import Entry
from siyu.pipeline import Columns


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A property of the event that must have one of these values (compared as text)."""

    property: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    values: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]


class TriggerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: Annotated[
        str,
        field(
            "触发事件",
            "Event",
            "例如 cart_added（加购）",
            "For example cart_added",
            min_length=1,
            max_length=120,
            widget="event",
        ),
    ]
    where: Annotated[
        list[Condition], field("事件条件", "Conditions", "全部满足才进入", "All must hold to enter", max_length=10)
    ] = []


def matches(where: Sequence[Condition], props: dict[str, Any]) -> bool:
    return all(_text(props.get(condition.property)) in condition.values for condition in where)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def matching(where: Sequence[Condition], columns: Columns, places: Sequence[int]) -> list[Entry]:
    """The events at these places that fulfil every condition, as entries."""
    found = []
    for place in places:
        props = columns.props[place]
        if not where or matches(where, msgspec.json.decode(props)):
            key = f"{columns.event[place]}:{columns.key[place]}:{columns.time[place]}"
            found.append(Entry(columns.person[place], columns.anchor[place], columns.time[place], key, props))
    return found


def _entries(config: TriggerConfig, columns: Columns, places: Sequence[int]) -> list[Entry]:
    return matching(config.where, columns, places)


def _check(config: TriggerConfig, checking: Checking) -> Iterable[Fault]:
    if config.event in checking.settings.exit_events:
        yield "exits_on_own_trigger", {"event": config.event}


KIND = Kind(
    name="trigger_event",
    zh="事件触发",
    en="When an event happens",
    group="trigger",
    config=TriggerConfig,
    branches=ENTERS,
    act=pass_on,
    check=_check,
    entries=_entries,
    listens=lambda config: frozenset({config.event}),
)
