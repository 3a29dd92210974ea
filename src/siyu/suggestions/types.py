"""Shapes of the review queue."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from siyu.matching import FieldName, Level
from siyu.profiles import PersonItem

RunState = Literal["waiting", "running", "done", "failed", "cancelled"]
Stage = Literal["", "collecting", "reading", "learning", "comparing", "saving"]
Score = Annotated[float, msgspec.Meta(ge=0.5, le=1.0)]


class RunRequest(msgspec.Struct, frozen=True):
    """``fields``: what to compare; empty for all that are known. ``threshold``: probability from which to suggest."""

    fields: Annotated[list[FieldName], msgspec.Meta(max_length=20)] = []
    threshold: Score = 0.9


class RunView(msgspec.Struct, frozen=True):
    """``progress``: share of ``stage`` that is done. ``learned``: weights were learnt from this shop's own persons."""

    id: str
    state: RunState
    stage: Stage
    progress: float
    fields: list[FieldName]
    threshold: float
    learned: bool
    persons: int
    found: int
    failure: str | None
    created_at: str
    finished_at: str | None


class Band(msgspec.Struct, frozen=True):
    """How many suggestions wait at or above a score."""

    score: float
    count: int


class Desk(msgspec.Struct, frozen=True):
    """``ready``: the optional extra is installed. ``run``: the latest run."""

    ready: bool
    run: RunView | None
    waiting: int
    bands: list[Band]
    accepting: int


class Evidence(msgspec.Struct, frozen=True):
    """How one field compares; values masked. ``weight`` in bits: above zero speaks for one person."""

    field: FieldName
    level: Level
    weight: float
    a: str | None
    b: str | None


class SuggestionView(msgspec.Struct, frozen=True):
    """Two persons that are probably one. ``group_size``: persons of this run that would become one in the end."""

    id: str
    score: float
    weight: float
    group_size: int
    created_at: str
    a: PersonItem
    b: PersonItem
    evidence: list[Evidence]


class SuggestionPage(msgspec.Struct, frozen=True):
    items: list[SuggestionView]
    next: str | None
    total_estimate: int


class BulkAccept(msgspec.Struct, frozen=True):
    """``count`` is what the operator was shown and typed: if it isn't true any more, nothing happens."""

    min_score: Score
    count: Annotated[int, msgspec.Meta(ge=1)]


class BulkAccepted(msgspec.Struct, frozen=True):
    count: int


class Revealed(msgspec.Struct, frozen=True):
    """Both persons' compared values in clear, by field."""

    a: dict[FieldName, str]
    b: dict[FieldName, str]
