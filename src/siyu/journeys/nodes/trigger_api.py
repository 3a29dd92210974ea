"""Begins a journey when a program says so: POST /api/journeys/{id}/enter with an API key that may write."""

from __future__ import annotations

import msgspec

from siyu.journeys.nodes.contract import ENTERS, Kind, pass_on


class ApiConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to set."""


KIND = Kind(
    name="trigger_api",
    zh="接口触发",
    en="When a program says so",
    group="trigger",
    config=ApiConfig,
    branches=ENTERS,
    act=pass_on,
)
