"""Begins a journey for people an operator names, or for an audience once: POST /api/journeys/{id}/start."""

from __future__ import annotations

import msgspec

from siyu.journeys.nodes.contract import ENTERS, Kind, pass_on


class PeopleConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to set."""


KIND = Kind(
    name="trigger_list",
    zh="人工名单",
    en="For a list of people, by hand",
    group="trigger",
    config=PeopleConfig,
    branches=ENTERS,
    act=pass_on,
)
