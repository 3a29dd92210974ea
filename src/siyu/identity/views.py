"""Identity as the API shows it. Identifier values are masked; ``id`` names an identifier without telling its value."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from siyu.collect import IdentifierKind

Reason = Annotated[str, Meta(max_length=500)]
PersonId = Annotated[str, Meta(min_length=5, max_length=40)]


class IdentifierRef(msgspec.Struct, frozen=True):
    """An identifier, by ``id`` or by its type (``openid.wx1``) and value."""

    id: Annotated[int, Meta(ge=1, le=(1 << 63) - 1)] | None = None
    type: Annotated[str, Meta(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    value: Annotated[str, Meta(max_length=255)] = ""


class Who(msgspec.Struct, frozen=True):
    identifiers: Annotated[list[IdentifierRef], Meta(min_length=1, max_length=50)]


class Answered(msgspec.Struct, frozen=True):
    """``person`` null: nobody yet. ``others``: further persons that some of the identifiers name."""

    person: str | None
    others: list[str]


class Tie(msgspec.Struct, frozen=True):
    one: IdentifierRef
    two: IdentifierRef
    reason: Reason = ""


class MergeRequest(msgspec.Struct, frozen=True):
    person: PersonId
    other: PersonId
    reason: Reason = ""


class SplitRequest(msgspec.Struct, frozen=True):
    """``identifiers`` leave ``person`` together."""

    person: PersonId
    identifiers: Annotated[list[IdentifierRef], Meta(min_length=1, max_length=200)]
    reason: Reason = ""


class Decided(msgspec.Struct, frozen=True):
    """``persons``: who the identifiers concerned belong to now."""

    id: int
    verb: str
    persons: list[str]


class Verdict(msgspec.Struct, frozen=True):
    """``accepted``: the link is right and goes before others; ``dismissed``: these are different people."""

    verdict: Literal["accepted", "dismissed"]
    reason: Reason = ""


class SplitEffect(msgspec.Struct, frozen=True):
    """What a split would do: ``events`` go along with the identifiers that leave, ``links`` are removed."""

    events: int
    links: int


class Node(msgspec.Struct, frozen=True):
    id: int
    type: str
    value: str
    person: str | None
    shared: bool
    blocked: bool
    first_seen_at: str
    last_seen_at: str


class Edge(msgspec.Struct, frozen=True):
    """A link with its evidence. ``state``: stands, yields, removed or void."""

    one: int
    two: int
    state: str
    manual: bool
    at: str
    source_id: str
    event: str


class Graph(msgspec.Struct, frozen=True):
    """A person's identifiers, those that links tie to them, and the links.

    ``more``: some were left out. ``settling``: what changed who this person is has not settled everywhere yet.
    """

    person: str
    nodes: list[Node]
    links: list[Edge]
    more: bool
    settling: bool


class Step(msgspec.Struct, frozen=True):
    """One step of how identifiers became one person. ``decision``: undo it by this number; 0 when nobody decided.

    ``verb`` is the decision's: link, unlink, split or apart.
    """

    at: str
    step: str
    one: int
    two: int
    reason: str
    actor: str
    decision: int
    undone: bool
    verb: str = ""


class History(msgspec.Struct, frozen=True):
    """``nodes`` are the identifiers that the steps speak of."""

    steps: list[Step]
    nodes: list[Node]


class ConflictView(msgspec.Struct, frozen=True):
    """A link that yields: ``reason`` is limit, apart or attach, ``kind`` what it is about."""

    id: int
    state: str
    reason: str
    kind: str
    at: str
    source_id: str
    one: Node
    two: Node


class DefinitionsView(msgspec.Struct, frozen=True):
    """Kinds of identifiers, strongest first."""

    kinds: Annotated[tuple[IdentifierKind, ...], Meta(min_length=1, max_length=60)]
    version: int = 0


class Preview(msgspec.Struct, frozen=True):
    """What definitions would change: persons that would come together or fall apart, and how many there would be."""

    merged: int
    split: int
    persons_before: int
    persons_after: int
