"""Parts people at random by shares. The same person always goes the same way, also when they come again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import ELSE, OTHERWISE, Checking, Fault, Kind, Moment, Named
from siyu.journeys.types import Move, Run

_PARTS = 10_000


class Share(Named, frozen=True, forbid_unknown_fields=True):
    percent: Annotated[float, field("比例（%）", "Share (%)", gt=0, le=100)]


class SplitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    branches: Annotated[
        list[Share],
        field("分支", "Branches", "剩余的人走“其他”", "The rest goes by “Otherwise”", min_length=1, max_length=20),
    ]


def share_of(config: SplitConfig, journey: str, node: str, person: int) -> str:
    digest = hashlib.sha256(f"{journey}\0{node}\0{person}".encode()).digest()
    place, end = int.from_bytes(digest[:8], "big") % _PARTS, 0.0
    for share in config.branches:
        end += share.percent * _PARTS / 100
        if place < round(end):
            return share.name
    return OTHERWISE


def _act(moment: Moment, config: SplitConfig, runs: Sequence[Run]) -> list[Move]:
    return [Move(run, "split", branch=share_of(config, moment.journey, moment.node, run.person)) for run in runs]


def _check(config: SplitConfig, _checking: Checking) -> Iterable[Fault]:
    total = sum(share.percent for share in config.branches)
    if total > 100.0001:
        yield "shares_over", {"total": round(total, 2)}


KIND = Kind(
    name="split",
    zh="随机分流",
    en="Random split",
    group="branch",
    config=SplitConfig,
    branches=ELSE,
    act=_act,
    check=_check,
    dynamic="branches",
)
