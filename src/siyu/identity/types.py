"""Persons and identifiers as other rooms see them."""

from __future__ import annotations

import msgspec


class Identifier(msgspec.Struct, frozen=True):
    """One identifier of a person. ``kind`` may carry a scope (``openid.wx1``)."""

    key: str
    kind: str
    value: str
    first_seen_at: int
    source_id: str


class Move(msgspec.Struct, frozen=True):
    """Anchors that changed person. ``anchors`` None: everything ``source`` had (a merge)."""

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


class Merge(msgspec.Struct, frozen=True):
    """``absorbed`` became ``person`` because a record named both through ``key``."""

    person: int
    absorbed: int
    key: str
    at: int
    source_id: str


class Conflict(msgspec.Struct, frozen=True):
    """``key`` was not linked to ``person`` because a limit held."""

    person: int
    key: str
    other: int
    at: int
    source_id: str
