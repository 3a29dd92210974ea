"""Waits a while, or until something happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.settings import EventName
from siyu.journeys.types import Move, Run
from siyu.kit import MINUTE

HAPPENED = "happened"


class WaitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: Annotated[int, field("等待（分钟）", "Wait (minutes)", ge=0, le=527_040)] = 60
    until: Annotated[
        list[EventName],
        field(
            "直到发生",
            "Until one of these happens",
            "提前发生就走“已发生”分支；留空则等满时间",
            "Whoever does it leaves by the branch “Happened”; empty waits the whole time",
            max_length=20,
            widget="event",
        ),
    ] = []


def _act(moment: Moment, config: WaitConfig, runs: Sequence[Run]) -> list[Move]:
    return [_arrive(moment, config, run) if not run.arrived_at else _leave(run) for run in runs]


def _arrive(moment: Moment, config: WaitConfig, run: Run) -> Move:
    # A wait that opens a journey counts from the event itself, however late the event reached us.
    began = run.entered_at if run.due_at == run.entered_at else moment.now
    until = began + config.minutes * MINUTE
    return Move(run, "waits", {"until": until}, wait_until=until, arrived_at=began)


def _leave(run: Run) -> Move:
    if run.signal:
        return Move(run, "happened", {"event": run.signal}, branch=HAPPENED)
    return Move(run, "waited", branch=THEN)


def _check(config: WaitConfig, _checking: Checking) -> Iterable[Fault]:
    if not config.minutes:
        yield "waits_for_nothing", {}


KIND = Kind(
    name="wait",
    zh="等待",
    en="Wait",
    group="wait",
    config=WaitConfig,
    branches={THEN: {"zh": "时间到", "en": "Time is up"}, HAPPENED: {"zh": "已发生", "en": "Happened"}},
    act=_act,
    check=_check,
    listens=lambda config: frozenset(config.until),
)
