"""The overview as the API shows it. Money is integer fen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from siyu.catalog import Label
from siyu.store import Store


class PersonCounts(msgspec.Struct, frozen=True):
    """Numbers of persons. ``reachable`` is null for the past: nobody keeps who could be reached then."""

    known: int
    reachable: int | None
    active_30d: int
    new: int
    entered: int


class Revenue(msgspec.Struct, frozen=True):
    """Payments less refunds. New persons paid their first order ever in the window."""

    total_fen: int
    from_new_fen: int
    from_existing_fen: int
    previous_total_fen: int
    currency: str


class Day(msgspec.Struct, frozen=True):
    """One calendar day in the brand's zone."""

    date: str
    active: int
    new: int
    entered: int
    orders: int
    revenue_fen: int


class ChannelCount(msgspec.Struct, frozen=True):
    """``owned``: joined or with an address, whatever they consent to; ``reachable``: those who may be written to."""

    channel: str
    owned: int
    reachable: int


class StageCount(msgspec.Struct, frozen=True):
    stage: str
    persons: int


class NeedsMe(msgspec.Struct, frozen=True):
    """What waits for an operator."""

    quarantine: int = 0
    failed_messages: int = 0
    journeys_parked: int = 0
    sources_silent: int = 0
    suggestions: int = 0
    identity_conflicts: int = 0
    data_quality: int = 0


class Overview(msgspec.Struct, frozen=True):
    """``pipeline`` is the body of ``/api/pipeline``; ``formulas`` says how each figure is made."""

    persons: PersonCounts
    previous: PersonCounts
    revenue: Revenue
    daily: list[Day]
    channels: list[ChannelCount]
    lifecycle: list[StageCount]
    needs_me: NeedsMe
    pipeline: Any
    formulas: dict[str, Label]


def _still(_store: Store) -> Any:
    return {"stages": [], "sources": [], "backlog": {"batches": 0, "events": 0, "bytes": 0}, "settled_at": None}


class OverviewParts(msgspec.Struct, frozen=True):
    """What the overview shows of rooms this one may not import; ``app.py`` fills it in.

    ``needs_me``: field of ``NeedsMe`` → what counts it; ``pipeline`` answers the body of ``/api/pipeline``.
    """

    needs_me: Mapping[str, Callable[[Store], int]] = {}
    pipeline: Callable[[Store], Any] = _still
