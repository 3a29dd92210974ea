"""The first or last time something happened, or a property of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, Problem, event_of
from siyu.kit import field
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, asked, clause
from siyu.tags.kinds.fields import EventName, Where, Window


class FirstLastConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: EventName
    which: Annotated[Literal["first", "last"], field("取哪一次", "Which")] = "first"
    property: Annotated[
        str,
        asked("取什么", "What of it", "property", "留空则取发生时间", "Empty: the time it happened", max_length=200),
    ] = ""
    window: Window = None
    where: Where = []


def _probes(config: FirstLastConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    found, problems = event_of(clause(config, aggregate=config.which, property=config.property), zone)
    return ([found] if found else []), problems


def _value(config: FirstLastConfig, probes: Sequence[Event], cells: Cells) -> Out:
    probe = probes[0]
    when = cells.reading.when(probe)
    edge = cells.column(f"{'min' if config.which == 'first' else 'max'}OrNullIf(at, {when})")
    time = f"formatDateTime(fromUnixTimestamp64Milli({edge}, 'UTC'), '%Y-%m-%dT%H:%i:%SZ')"
    if not probe.property:
        return Out(f"ifNull({time}, '')")
    value = cells.reading.read(probe.property)
    text = (
        "toString(toNullable(amount))" if probe.property == "amount" else f"if(empty({value.items}), {value.sql}, NULL)"
    )
    pick = "argMinIf" if config.which == "first" else "argMaxIf"
    found = cells.column(f"{pick}({text}, (at, key), {when} AND ifNull({text}, '') != '')")
    return Out(f"ifNull({found}, '')")


def _unit(config: FirstLastConfig) -> str:
    return {"": "time", "amount": "money"}.get(config.property, "")


KIND = Kind(
    name="first_last",
    zh="首次 / 末次",
    en="First or last",
    hint={
        "zh": "第一次或最近一次发生的时间，或那一次的某个属性，如首单渠道、最近浏览的品类。",
        "en": "When it happened first or last, or a property of that event, such as the shop of the first order.",
    },
    config=FirstLastConfig,
    how="events",
    probes=_probes,
    value=_value,
    unit=_unit,
)
