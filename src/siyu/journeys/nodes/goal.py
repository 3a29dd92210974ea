"""The goal of a journey: who comes here has converted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Kind, Moment
from siyu.journeys.types import Move, Run


class GoalConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, field("目标", "Goal", max_length=60)] = ""
    ends: Annotated[bool, field("到达即结束", "Ends here", "关闭则继续往下走", "Off: goes on")] = False


def _act(_moment: Moment, config: GoalConfig, runs: Sequence[Run]) -> list[Move]:
    params = {"goal": config.name}
    if config.ends:
        return [Move(run, "converted", params, end="done", outcome="converted", goal=True) for run in runs]
    return [Move(run, "converted", params, branch=THEN, goal=True) for run in runs]


KIND = Kind(
    name="goal",
    zh="目标达成",
    en="Goal",
    group="end",
    config=GoalConfig,
    branches={THEN: {"zh": "继续", "en": "Goes on"}},
    act=_act,
    ends=lambda config: config.ends,
)
