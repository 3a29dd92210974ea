"""Shapes of the audiences API. Times are ISO 8601; persons and audiences are named by their public ids."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from siyu.audiences.reading import Readings
from siyu.audiences.schedules import Schedule
from siyu.kit import FieldError
from siyu.profiles import PersonItem

Kind = Literal["live", "scheduled", "snapshot", "list"]
"""``live`` follows the stream; ``scheduled`` is computed at set times or when asked; ``snapshot`` stays as it was made;
``list`` was uploaded."""


class AudienceDraft(msgspec.Struct, frozen=True):
    """What an operator decides of an audience. ``rule`` is rule JSON (an empty object for a list).

    ``schedule``: of a scheduled one, null for only when asked. ``top``: keep only those with the highest values,
    ``{"n": 1000, "by": {"trait": "points"}}`` or ``by`` an event clause without its test; not for live ones.
    """

    name: str
    rule: dict[str, Any]
    description: str = ""
    kind: Kind = "live"
    schedule: Schedule | None = None
    top: dict[str, Any] | None = None


class RuleDraft(msgspec.Struct, frozen=True):
    rule: dict[str, Any]


class Use(msgspec.Struct, frozen=True):
    """Who uses an audience: a journey or another audience."""

    id: str
    name: str


class AudienceView(msgspec.Struct, frozen=True):
    """``fresh_at``: everything that had happened by then counts. ``computed_ms``: what computing it alone took,
    ``rows_read``: what that read, ``cost_share``: of what all that are kept so cost, 0 to 1. ``next_at``: when a
    scheduled one is computed next. ``uses``: audiences it names."""

    id: str
    name: str
    description: str
    rule: dict[str, Any]
    kind: Kind
    schedule: Schedule | None
    top: dict[str, Any] | None
    live: bool
    size: int
    version: int
    fresh_at: str
    next_at: str | None
    computed_ms: float
    rows_read: int
    cost_share: float
    entered_24h: int
    left_24h: int
    created_at: str
    reading: Readings
    used_by: list[Use]
    uses: list[Use]


class Note(msgspec.Struct, frozen=True):
    """Something odd about a clause that doesn't forbid it. ``field`` is a JSON pointer into the rule."""

    field: str
    code: str
    message: str


class CheckView(msgspec.Struct, frozen=True):
    """What is wrong with a rule (``errors``) and what may be (``notes``)."""

    errors: list[FieldError]
    notes: list[Note]


class ListError(msgspec.Struct, frozen=True):
    """``why``: unreadable, unknown_person or several_persons. ``value`` is masked."""

    row: int
    value: str
    why: str


class ListReport(msgspec.Struct, frozen=True):
    """``repeated``: rows that name a person named before. ``errors``: the first of ``faulty``."""

    rows: int
    persons: int
    repeated: int
    faulty: int
    errors: list[ListError]


class ListView(msgspec.Struct, frozen=True):
    """``audience`` is null after a dry run."""

    report: ListReport
    audience: AudienceView | None


class SizePoint(msgspec.Struct, frozen=True):
    at: str
    size: int


class Edge(msgspec.Struct, frozen=True):
    """``user`` needs ``used``."""

    user: str
    used: str


class GraphNode(msgspec.Struct, frozen=True):
    id: str
    name: str
    kind: str


class GraphView(msgspec.Struct, frozen=True):
    """Audiences and what uses them, or what one stands on. There are no circles."""

    nodes: list[GraphNode]
    edges: list[Edge]


class InsightLine(msgspec.Struct, frozen=True):
    """``tgi``: 100 × share ÷ share in the others; null where none of those has it."""

    value: str
    count: int
    share: float
    base_count: int
    base_share: float
    tgi: float | None


class Distribution(msgspec.Struct, frozen=True):
    """``dimension``: lifecycle, channel, trait, tag or event; ``name``: which trait or event, the id of the tag."""

    dimension: str
    name: str
    lines: list[InsightLine]


class Insight(msgspec.Struct, frozen=True):
    size: int
    base_size: int
    against: str | None
    distributions: list[Distribution]
    sample: list[PersonItem]


class OverlapDraft(msgspec.Struct, frozen=True):
    audiences: list[str]


class Region(msgspec.Struct, frozen=True):
    """``only``: in all of these and no other; ``within``: in all of these."""

    audiences: list[str]
    only: int
    within: int


class Overlap(msgspec.Struct, frozen=True):
    names: dict[str, str]
    sizes: dict[str, int]
    regions: list[Region]


class ContrastLine(msgspec.Struct, frozen=True):
    """``p`` is of a two-proportion z test, ``p_adjusted`` corrected for the number of lines (Holm)."""

    dimension: str
    name: str
    value: str
    stayed: int
    stayed_share: float
    lost: int
    lost_share: float
    p: float
    p_adjusted: float
    significant: bool


class Contrast(msgspec.Struct, frozen=True):
    """Members at ``since``. ``enough``: both groups are large enough to be tested."""

    since: str
    stayed: int
    lost: int
    enough: bool
    lines: list[ContrastLine]


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
