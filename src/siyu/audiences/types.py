"""Shapes of the audiences API. Times are ISO 8601; persons and audiences are named by their public ids."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from siyu.audiences.reading import Readings
from siyu.profiles import PersonItem


class AudienceDraft(msgspec.Struct, frozen=True):
    """What an operator decides of an audience. ``rule`` is rule JSON; ``live`` membership follows the stream."""

    name: str
    rule: dict[str, Any]
    description: str = ""
    live: bool = True


class RuleDraft(msgspec.Struct, frozen=True):
    rule: dict[str, Any]


class Use(msgspec.Struct, frozen=True):
    """Who uses an audience: a journey or another audience."""

    id: str
    name: str


class AudienceView(msgspec.Struct, frozen=True):
    """``fresh_at``: everything that had happened by then counts. ``computed_ms``: what computing it alone took."""

    id: str
    name: str
    description: str
    rule: dict[str, Any]
    live: bool
    size: int
    version: int
    fresh_at: str
    computed_ms: float
    entered_24h: int
    left_24h: int
    created_at: str
    reading: Readings
    used_by: list[Use]


class PreviewView(msgspec.Struct, frozen=True):
    """``count`` of ``everyone``; ``sample`` shows some of them, spread over all."""

    count: int
    everyone: int
    took_ms: float
    sample: list[PersonItem]
    reading: Readings


class ChangeView(msgspec.Struct, frozen=True):
    person: str
    name: str | None
    change: Literal["entered", "left"]
    at: str
