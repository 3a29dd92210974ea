"""A number counted from events: how many, how much, on average, how long ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, Problem, event_of
from siyu.kit import DAY, field
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, clause
from siyu.tags.kinds.fields import EventName, Property, Where, Window

Measure = Literal["count", "sum", "avg", "min", "max", "distinct", "days_since"]


class NumberConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: EventName
    measure: Annotated[Measure, field("统计方式", "Measure")] = "count"
    property: Property = ""
    window: Window = None
    where: Where = []


def _probes(config: NumberConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    aggregate = {"days_since": "last"}.get(config.measure, config.measure)
    wanted = config.measure not in ("count", "days_since")
    found, problems = event_of(clause(config, aggregate=aggregate, property=config.property if wanted else ""), zone)
    return ([found] if found else []), problems


def _value(config: NumberConfig, probes: Sequence[Event], cells: Cells) -> Out:
    probe = probes[0]
    when, count = cells.reading.when(probe), cells.count(probe)
    if config.measure == "count":
        return Out(_unless_none(count, count), facts={"events": f"toString({count})"})
    if config.measure == "days_since":
        last = cells.column(f"maxOrNullIf(at, {when})")
        return Out(f"ifNull(toString(intDiv({cells.now} - {last}, {DAY})), '')")
    value = cells.reading.read(probe.property)
    facts = {"events": f"toString({count})"}
    if config.measure == "distinct":
        text = (
            f"toString({value.sql})" if probe.property == "amount" else f"if(empty({value.items}), {value.sql}, NULL)"
        )
        different = cells.column(f"uniqExactIf({text}, {when})")
        return Out(_unless_none(different, different), facts=facts)
    number = "toNullable(amount)" if probe.property == "amount" else value.number
    measured = cells.column(f"{config.measure}OrNullIf({number}, {when})")
    return Out(f"ifNull(toString(round({measured}, 6)), '')", facts=facts)


def _unless_none(count: str, value: str) -> str:
    return f"if({count} = 0, '', toString({value}))"


def _check(config: NumberConfig) -> Iterable[Problem]:
    if config.measure not in ("count", "days_since") and not config.property:
        yield Problem("property", "needs_property", {"name": config.measure})


def _unit(config: NumberConfig) -> str:
    if config.measure == "days_since":
        return "days"
    money = config.property in ("amount", "props.amount") and config.measure in ("sum", "avg", "min", "max")
    return "money" if money and config.property == "amount" else ""


KIND = Kind(
    name="number",
    zh="数值统计",
    en="Number",
    hint={
        "zh": "次数、合计、平均、种数，或距今多少天；没有发生过的人没有值。",
        "en": "How many, how much, on average, how many kinds, or days since; who never did it has no value.",
    },
    config=NumberConfig,
    how="events",
    probes=_probes,
    value=_value,
    check=_check,
    unit=_unit,
)
