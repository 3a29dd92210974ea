"""Persons, identifiers and what changes about them, as other rooms see them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Identifier(msgspec.Struct, frozen=True):
    """One identifier of a person. ``kind`` may carry a scope (``openid.wx1``)."""

    key: str
    kind: str
    value: str
    first_seen_at: int
    source_id: str


class Move(msgspec.Struct, frozen=True):
    """Anchors that changed person. ``anchors`` None: everything ``source`` had (a merge).

    ``source`` is the person they belonged to; or, after a split, a number absorbed earlier, for what was written under
    it in its own time and now belongs elsewhere. Moves hold when carried out in their order.
    """

    source: int
    target: int
    anchors: tuple[int, ...] | None


class Resolution(msgspec.Struct):
    """``person[i]`` is who the i-th set of identifiers names, canonical; ``anchor[i]`` what it is kept under.

    ``merged`` maps absorbed persons to the canonical person: the moves whose ``anchors`` are None. ``moves`` are in
    the order they happened; partial ones are splits and reassignments.
    """

    person: list[int]
    anchor: list[int]
    created: dict[int, tuple[int, str]]
    """New persons: (first seen ms, source id)."""
    merged: dict[int, int]
    moves: list[Move]


SHARED = 1
"""Flag of an identifier: seen with too many persons; it names nobody in particular."""
CONTESTED = 2
"""Flag: a link of its group yields, or an operator set identifiers of it apart; changes recompute the group."""
ANCHORED = 4
"""Flag: something is kept under its anchor, so it needs a person even when it is shared."""
BLOCKED = 8
"""Flag: its value is blocked by the definitions."""
TIED = 16
"""Flag: a link ties it to a void identifier, which counts when it comes to being shared itself."""
VOID = SHARED | BLOCKED

VEIL = "~"
"""Begins the value of an identifier that has been forgotten (``veil.py``)."""

STANDS, YIELDS, REMOVED = 0, 1, 2
"""State of a link."""


class Row(msgspec.Struct, gc=False):
    """An identifier as the resolver holds it; ``person`` 0: nobody's."""

    key: str
    id: int
    anchor: int
    person: int
    born: int
    state: int
    first_seen_at: int
    last_seen_at: int
    source_id: str

    @property
    def void(self) -> bool:
        return bool(self.state & VOID)


class LinkRow(msgspec.Struct, gc=False):
    """A link of the ledger, as in ``tables.links``."""

    one: int
    two: int
    at: int
    source: int
    event: int
    state: int = STANDS
    manual: int = 0


Rows = Sequence[Row]
