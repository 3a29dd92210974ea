"""Keeps a share of people back, to tell the effect on the rest. The same person always falls the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Kind, Moment
from siyu.journeys.types import Move, Run

HOLDOUT = "holdout"
_PARTS = 10_000


class HoldoutConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    percent: Annotated[
        float,
        field(
            "对照组比例（%）",
            "Holdout share (%)",
            "这部分人不发送，用来对比效果",
            "These people get nothing, to compare with",
            ge=0,
            le=100,
        ),
    ] = 10.0


def held_out(journey: str, person: int, percent: float) -> bool:
    """Whether this person belongs to the holdout of this journey; a larger share keeps everyone who was in it."""
    digest = hashlib.sha256(f"{journey}\0{person}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _PARTS < round(percent * _PARTS / 100)


def _act(moment: Moment, config: HoldoutConfig, runs: Sequence[Run]) -> list[Move]:
    return [_assign(moment, config, run) for run in runs]


def _assign(moment: Moment, config: HoldoutConfig, run: Run) -> Move:
    params = {"percent": config.percent}
    if not held_out(moment.journey, run.person, config.percent):
        return Move(run, "treated", params, branch=THEN)
    if moment.has_branch(HOLDOUT):
        return Move(run, "held_out", params, branch=HOLDOUT)
    return Move(run, "held_out", params, end="holdout", outcome="holdout")


KIND = Kind(
    name="holdout",
    zh="对照组",
    en="Holdout",
    group="branch",
    config=HoldoutConfig,
    branches={THEN: {"zh": "实验组", "en": "Goes on"}, HOLDOUT: {"zh": "对照组", "en": "Held out"}},
    act=_act,
)
