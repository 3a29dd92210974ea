"""A batch as it travels up the house, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.collect import Record
from siyu.identity import Move


class Columns(msgspec.Struct):
    """Events of a settled batch, one list a column, all of one length; times are epoch ms, amounts fen.

    ``person`` is canonical as of this batch; ``anchor`` stands for the identifier the event came with.
    """

    person: list[int]
    anchor: list[int]
    time: list[int]
    event: list[str]
    key: list[int]
    source: list[str]
    received: list[int]
    amount: list[int]
    props: list[str]
    context: list[str]
    ids: list[tuple[str, ...]] = []
    """Identifier keys each came with. They are not written to the engine: the anchor stands for them."""
    original: list[str] = []
    """The names they came under, where the catalog has merged some ("" for the others); empty where none was."""


class Flow(msgspec.Struct):
    """The records of a batch that are new, with whence and when they came; one list a column."""

    records: list[Record]
    sources: list[str]
    received: list[int]
    arrived: dict[str, tuple[int, int]]
    """Source → (records that arrived, repeats included; when the newest came)."""
    original: dict[int, str] = {}
    """Place of a record → the name it came under, for those of a merged name."""


class Settled(msgspec.Struct):
    """What subscribers learn after events are written: inside the transaction that marks the batch done.

    ``number`` identifies the batch (the same when it is replayed after a crash, though a subscriber's own work is
    then applied only once, since it commits with the mark). ``changed`` are the persons whose events, traits or
    facts changed. ``moves`` are anchors that changed person, in order; ``merged`` maps the persons absorbed whole to
    the canonical person. ``entered`` and ``left`` are filled by audiences: (audience id, person).
    """

    number: int
    now: int
    events: Columns
    changed: list[int]
    merged: dict[int, int]
    moves: list[Move] = []
    records: int = 0
    """New records in the batch, those that only change traits included."""
    arrived: dict[str, tuple[int, int]] = {}
    """Source → (records that arrived, repeats included; when the newest came)."""
    refused: int = 0
    """Events the engine could not take."""
    mirror: Mapping[str, list[Any]] = {}
    """Rows for the engine's ``persons`` table."""
    tagged: set[str] = set()
    """Tags whose value changed for some of the persons; filled by tags."""
    entered: list[tuple[str, int]] = []
    left: list[tuple[str, int]] = []
    ahead: dict[str, Any] = {}
    """What readers found before the transaction, by room."""
