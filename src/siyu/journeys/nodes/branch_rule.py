"""Parts people by audience rules: the first branch whose rule fits takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

from siyu.audiences import fitting
from siyu.delivery import field
from siyu.journeys.nodes.contract import ELSE, OTHERWISE, Checking, Fault, Kind, Moment, Named
from siyu.journeys.types import Move, Run


class RulePath(Named, frozen=True, forbid_unknown_fields=True):
    rule: Annotated[dict[str, Any], field("规则", "Rule", widget="rule")]


class RuleConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    branches: Annotated[
        list[RulePath],
        field(
            "分支（按顺序）", "Branches, in order", "先满足的先走", "The first that fits", min_length=1, max_length=20
        ),
    ]


def _act(moment: Moment, config: RuleConfig, runs: Sequence[Run]) -> list[Move]:
    persons = sorted({run.person for run in runs})
    sets = fitting(moment.store, moment.conn, [path.rule for path in config.branches], moment.now, persons)
    moves = []
    for run in runs:
        names = (path.name for path, fits in zip(config.branches, sets, strict=True) if run.person in fits)
        moves.append(Move(run, "branched", branch=next(names, OTHERWISE)))
    return moves


def _check(config: RuleConfig, checking: Checking) -> Iterable[Fault]:
    for path in config.branches:
        for fault in checking.rule_faults(path.rule):
            yield "bad_rule", {"branch": path.name, "detail": fault}


KIND = Kind(
    name="branch_rule",
    zh="按人群规则分支",
    en="Branch by rule",
    group="branch",
    config=RuleConfig,
    branches=ELSE,
    act=_act,
    check=_check,
    dynamic="branches",
)
