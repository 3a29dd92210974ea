"""Lets people into another journey, by that journey's own rules, and goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.types import Move, Run


class EnterConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    journey: Annotated[str, field("旅程", "Journey", min_length=1, max_length=60, widget="journey")]


def _act(_moment: Moment, config: EnterConfig, runs: Sequence[Run]) -> list[Move]:
    return [Move(run, "sent_on", {"journey": config.journey}, branch=THEN, into=config.journey) for run in runs]


def _check(config: EnterConfig, checking: Checking) -> Iterable[Fault]:
    if config.journey == checking.own:
        yield "enters_itself", {}
    elif config.journey not in checking.journeys:
        yield "unknown_journey", {"journey": config.journey}


KIND = Kind(
    name="enter_journey",
    zh="进入另一旅程",
    en="Enter another journey",
    group="action",
    config=EnterConfig,
    branches={THEN: {"zh": "继续", "en": "Goes on"}},
    act=_act,
    check=_check,
)
