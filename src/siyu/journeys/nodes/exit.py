"""The end of a path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import Kind, Moment
from siyu.journeys.types import Move, Run


class ExitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Annotated[
        str,
        field("结果", "Outcome", "留空则沿用最后一次发送的结果", "Empty: what became of the last send", max_length=60),
    ] = ""


def _act(_moment: Moment, config: ExitConfig, runs: Sequence[Run]) -> list[Move]:
    return [Move(run, "finished", end="done", outcome=config.outcome or run.outcome or "completed") for run in runs]


KIND = Kind(name="exit", zh="结束", en="End", group="end", config=ExitConfig, branches={}, act=_act)
