"""The values of a property a person has most of, with their share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, Problem, event_of
from siyu.kit import field
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, clause
from siyu.tags.kinds.fields import EventName, Property, Where, Window


class PreferenceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: EventName
    property: Property
    by: Annotated[Literal["events", "amount"], field("按什么衡量", "Measured by")] = "events"
    top: Annotated[int, field("取前几个", "How many values", ge=1, le=10)] = 1
    share: Annotated[
        float,
        field(
            "占比至少（%）",
            "Share of at least (%)",
            "占比更小的不算偏好",
            "What is less is no preference",
            ge=0,
            le=100,
        ),
    ] = 0
    window: Window = None
    where: Where = []


def _probes(config: PreferenceConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    found, problems = event_of(clause(config, aggregate="distinct", property=config.property), zone)
    return ([found] if found else []), problems


def _value(config: PreferenceConfig, probes: Sequence[Event], cells: Cells) -> Out:
    probe = probes[0]
    value = cells.reading.read(probe.property)
    alone = f"if(ifNull({value.sql}, '') = '', emptyArrayString(), [assumeNotNull({value.sql})])"
    several = f"arrayMap(one -> assumeNotNull(one), arrayFilter(one -> ifNull(one, '') != '', {value.items}))"
    keys = f"if(empty({value.items}), {alone}, {several})"
    weight = "1"
    if config.by == "amount":
        cells.reading.read("amount")
        weight = "amount"
    pairs = cells.weights(keys, weight, probe)
    total = f"arraySum(one -> one.2, {pairs})"
    enough = f"arrayFilter(one -> one.2 > 0 AND one.2 * 100 >= {float(config.share)!r} * {total}, {pairs})"
    items = f"arrayMap(one -> one.1, arraySlice({enough}, 1, {config.top}))"
    shares = f"arrayMap(one -> concat(one.1, ' ', toString(round(100 * one.2 / {total}, 1)), '%'), {pairs})"
    facts = {"shares": f"arrayStringConcat(arraySlice({shares}, 1, 10), '，')"}
    if config.top == 1:
        return Out(f"({items})[1]", facts=facts)
    return Out(f"if(empty({items}), '', toJSONString({items}))", items, facts)


def _check(config: PreferenceConfig) -> Iterable[Problem]:
    if config.property == "amount":
        yield Problem("property", "no_amount_here")


KIND = Kind(
    name="preference",
    zh="偏好",
    en="Preference",
    hint={
        "zh": "某个属性里最常出现（或花钱最多）的前几个值，如最常买的品类。",
        "en": "The commonest values of a property, by times or by money, such as the category bought most.",
    },
    config=PreferenceConfig,
    how="events",
    probes=_probes,
    value=_value,
    check=_check,
)
