"""Begins a journey when a person comes into an audience, or leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import ENTERS, Checking, Fault, Kind, pass_on
from siyu.journeys.settings import AudienceId


class AudienceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    audience: Annotated[AudienceId, field("人群", "Audience", widget="audience")]
    on: Annotated[
        Literal["entered", "left"], field("时机", "When", "entered 进入人群；left 离开人群", "Entered it, or left it")
    ] = "entered"


def _check(config: AudienceConfig, checking: Checking) -> Iterable[Fault]:
    if config.audience not in checking.audiences:
        yield "unknown_audience", {"audience": config.audience}


KIND = Kind(
    name="trigger_audience",
    zh="进出人群触发",
    en="When an audience is entered or left",
    group="trigger",
    config=AudienceConfig,
    branches=ENTERS,
    act=pass_on,
    check=_check,
    follows=lambda config: (config.audience, config.on),
)
