"""The hour of the day or the day of the week a person does something at most often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, Problem, event_of
from siyu.kit import field
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, clause
from siyu.tags.kinds.fields import EventName, Where, Window

_WEEKDAYS = (
    ("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"), ("周五", "Friday"),
    ("周六", "Saturday"), ("周日", "Sunday"),
)  # fmt: skip


class DistributionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: EventName
    of: Annotated[Literal["hour", "weekday"], field("看什么", "Of what")] = "hour"
    least: Annotated[
        int,
        field(
            "至少几次", "At least so many events", "少于这个次数没有值", "Who did less has no value", ge=1, le=10_000
        ),
    ] = 1
    window: Window = None
    where: Where = []


def _probes(config: DistributionConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    found, problems = event_of(clause(config), zone)
    return ([found] if found else []), problems


def _value(config: DistributionConfig, probes: Sequence[Event], cells: Cells) -> Out:
    local = f"fromUnixTimestamp64Milli(at, '{cells.zone}')"
    part = f"toHour({local})" if config.of == "hour" else f"toDayOfWeek({local})"
    pairs = cells.weights(f"[{part}]", "1", probes[0])
    total = f"arraySum(one -> one.2, {pairs})"
    names = "arrayMap(one -> concat(toString(one.1), ' × ', toString(one.2)), arraySlice(" + pairs + ", 1, 10))"
    value = f"if({total} < {config.least}, '', toString(({pairs})[1].1))"
    return Out(value, facts={"shares": f"arrayStringConcat({names}, '，')"})


_HOURS = {f"hour/{hour}": {"zh": f"{hour} 点", "en": f"{hour:02d}:00"} for hour in range(24)}
_DAYS = {f"weekday/{place}": {"zh": zh, "en": en} for place, (zh, en) in enumerate(_WEEKDAYS, 1)}

KIND = Kind(
    name="distribution",
    zh="时间分布",
    en="Favourite time",
    hint={
        "zh": "最常在一天的哪个小时、一周的哪一天发生，按店铺时区；并列时取较早的。",
        "en": "At which hour or on which weekday it happens most, where the shop is; of equal ones the earlier.",
    },
    config=DistributionConfig,
    how="events",
    probes=_probes,
    value=_value,
    unit=lambda config: config.of,
    labels=_HOURS | _DAYS,
)
