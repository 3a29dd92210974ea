"""What a door hands to the pipeline, whatever wire format it came in."""

from __future__ import annotations

from typing import Literal

import msgspec

TraitVerb = Literal["set", "set_once", "increment", "append", "unset", "delete", "retract"]
"""``retract`` (of a name, or with none of all): what this identifier said through this source is taken back, nothing
else. ``unset`` and ``delete`` hold for the person, whoever said it."""


class TraitOp(msgspec.Struct, frozen=True, gc=False):
    """One change to what is known of a person. ``value`` is JSON text (``""`` for unset and delete)."""

    verb: TraitVerb
    name: str
    value: str


class Record(msgspec.Struct, gc=False):
    """One thing that happened, normalised.

    ``time`` is epoch ms, corrected for clock skew. ``bucket`` and ``key`` say which record this is, so that a
    retry is recognised: the client's own timestamp in seconds (0 when it can't be trusted to repeat) and a 63-bit
    hash of what the client uses as message id. ``ids`` are identifier keys (``type:value``), normalised, best
    first. ``event`` is empty when only traits change. ``amount`` is fen.
    """

    event: str
    time: int
    bucket: int
    key: int
    ids: tuple[str, ...]
    props: str = "{}"
    context: str = "{}"
    amount: int = 0
    traits: tuple[TraitOp, ...] = ()
    order: str = ""
    """Order id as the shop knows it, for order events."""


class Reject(msgspec.Struct, frozen=True):
    """A record that can't be taken: ``reason`` is a code, ``detail`` says what to mend, ``record`` is its JSON text."""

    index: int
    reason: str
    detail: str
    record: str


class Decoded(msgspec.Struct):
    """What a wire format makes of one stored body."""

    records: list[Record]
    rejects: list[Reject]
