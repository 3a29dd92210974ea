"""Changes what is known of a person: sets, counts up, adds to or removes a trait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec

from siyu.collect import EmittedEvent, TraitOp, emit
from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.types import Move, Run, looked_up


class TraitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[
        str,
        field("属性", "Trait", min_length=1, max_length=80, pattern=r"^[^\W\d]\w*$", widget="trait"),
    ]
    op: Annotated[
        Literal["set", "increment", "append", "unset"],
        field(
            "操作",
            "Change",
            "set 设为；increment 加；append 追加；unset 清除",
            "Set, add to a number, add to a list, remove",
        ),
    ] = "set"
    value: Annotated[str, field("值", "Value", "数字写数字即可", "Numbers as they are", max_length=500)] = ""
    from_event: Annotated[
        str,
        field(
            "取自触发事件",
            "From the event",
            "填写则用该字段的值，例如 total 或 webhook.level",
            "Takes this property instead, for example total or webhook.level",
            max_length=120,
        ),
    ] = ""


def _act(moment: Moment, config: TraitConfig, runs: Sequence[Run]) -> list[Move]:
    events, moves = [], []
    for run in runs:
        value = (
            looked_up(msgspec.json.decode(run.event), config.from_event) if config.from_event else read(config.value)
        )
        text = "" if config.op == "unset" else msgspec.json.encode(value).decode()
        if config.op == "unset" or _fits(config, value):
            key = f"trait {moment.journey} {run.id} {moment.node}"
            ops = (TraitOp(config.op, config.name, text),)
            events.append(EmittedEvent("", run.person, moment.now, key, traits=ops))
            moves.append(Move(run, "trait_changed", {"trait": config.name}, branch=THEN))
        else:
            moves.append(Move(run, "trait_kept", {"trait": config.name}, branch=THEN))
    emit(moment.conn, events, moment.now)
    return moves


def _value(config: TraitConfig, run: Run) -> Any:
    return looked_up(msgspec.json.decode(run.event), config.from_event) if config.from_event else read(config.value)


def read(text: str) -> Any:
    """A number where it is written as one, else the text."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return found if isinstance(found, int | float) and not isinstance(found, bool) else text


def _fits(config: TraitConfig, value: Any) -> bool:
    if config.op == "increment":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return value is not None and value != ""


def _check(config: TraitConfig, _checking: Checking) -> Iterable[Fault]:
    if config.op != "unset" and not config.from_event and not _fits(config, read(config.value)):
        yield "bad_value", {"trait": config.name}


KIND = Kind(
    name="update_trait",
    zh="更新属性",
    en="Update a trait",
    group="action",
    config=TraitConfig,
    branches={THEN: {"zh": "继续", "en": "Goes on"}},
    act=_act,
    check=_check,
)
