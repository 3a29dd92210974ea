"""Parts people by a value: a property of the event they entered with (or a webhook's answer), or a trait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import ELSE, OTHERWISE, Checking, Fault, Kind, Moment, Named
from siyu.journeys.types import Move, Run, looked_up
from siyu.profiles import traits_of

Value = Annotated[str, msgspec.Meta(max_length=200)]


class ValuePath(Named, frozen=True, forbid_unknown_fields=True):
    op: Annotated[
        Literal["in", "gte", "lte", "between", "contains", "exists"],
        field(
            "比较", "Comparison", "in 等于其一；gte ≥；lte ≤；between 介于", "Equals one; at least; at most; between"
        ),
    ] = "in"
    values: Annotated[list[Value], field("值", "Values", max_length=200)] = []  # noqa: RUF012


class ValueConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[
        str,
        field(
            "属性",
            "Property",
            "例如 total、webhook.level，或用户属性 city",
            "For example total, webhook.level, or the trait city",
            min_length=1,
            max_length=120,
        ),
    ]
    branches: Annotated[
        list[ValuePath],
        field(
            "分支（按顺序）", "Branches, in order", "先满足的先走", "The first that fits", min_length=1, max_length=50
        ),
    ]
    source: Annotated[
        Literal["event", "trait"], field("取自", "Of", "event 触发事件；trait 用户属性", "The event, or the person")
    ] = "event"


def _act(moment: Moment, config: ValueConfig, runs: Sequence[Run]) -> list[Move]:
    values = _values(moment, config, runs)
    return [Move(run, "branched", branch=branch(config, values[run.id])) for run in runs]


def _values(moment: Moment, config: ValueConfig, runs: Sequence[Run]) -> dict[int, Any]:
    if config.source == "event":
        return {run.id: looked_up(msgspec.json.decode(run.event), config.name) for run in runs}
    known = traits_of(moment.conn, sorted({run.person for run in runs}), [config.name])
    return {run.id: known.get(run.person, {}).get(config.name) for run in runs}


def branch(config: ValueConfig, value: Any) -> str:
    """The name of the first branch that takes a value; nothing is taken by no branch."""
    return next((path.name for path in config.branches if value is not None and _takes(path, value)), OTHERWISE)


def _takes(path: ValuePath, value: Any) -> bool:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if path.op == "exists":
        return True
    if path.op == "in":
        return text in path.values
    if path.op == "contains":
        return any(part in text for part in path.values)
    number, bounds = _number(value), [_number(one) for one in path.values]
    if number is None or any(bound is None for bound in bounds):
        return False
    low, high = bounds[0] or 0.0, bounds[-1] or 0.0
    return (path.op == "lte" or number >= low) and (path.op == "gte" or number <= high)


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


_VALUES = {"in": (1, 200), "contains": (1, 200), "gte": (1, 1), "lte": (1, 1), "between": (2, 2), "exists": (0, 0)}


def _check(config: ValueConfig, _checking: Checking) -> Iterable[Fault]:
    for path in config.branches:
        least, most = _VALUES[path.op]
        numbers = path.op not in ("gte", "lte", "between") or all(_number(one) is not None for one in path.values)
        if not least <= len(path.values) <= most or not numbers:
            yield "bad_values", {"branch": path.name}


KIND = Kind(
    name="branch_value",
    zh="按属性值分支",
    en="Branch by value",
    group="branch",
    config=ValueConfig,
    branches=ELSE,
    act=_act,
    check=_check,
    dynamic="branches",
)
