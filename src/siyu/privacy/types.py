"""Shapes of consent. Times are epoch ms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from siyu.identity import Move

Answer = Literal["granted", "withdrawn", "unknown"]

EVERY_CHANNEL = "*"
MARKETING = "marketing"
SETTLED = 0
"""The anchor of what was settled where a person's anchors became one."""


class Consent(msgspec.Struct, frozen=True):
    """What an anchor of a person last said about one channel (or ``*``, all of them) and purpose.

    ``evidence`` is JSON text. Under the anchor ``SETTLED`` stands what follows for all of the person's anchors.
    """

    person: int
    anchor: int
    channel: str
    purpose: str
    withdrawn: bool
    at: int
    evidence: str
    source_id: str

    @property
    def weight(self) -> tuple[int, bool, str, str]:
        """The heavier of two statements holds: the later one, and of two at once the withdrawal."""
        return (self.at, self.withdrawn, self.evidence, self.source_id)


class EventColumns(Protocol):
    """The columns of a settled batch that consent is read from, all of one length."""

    @property
    def person(self) -> Sequence[int]: ...
    @property
    def anchor(self) -> Sequence[int]: ...
    @property
    def time(self) -> Sequence[int]: ...
    @property
    def event(self) -> Sequence[str]: ...
    @property
    def source(self) -> Sequence[str]: ...
    @property
    def props(self) -> Sequence[str]: ...


class SettledBatch(Protocol):
    """What this room needs of a settled batch: its events and which anchors changed person."""

    @property
    def events(self) -> EventColumns: ...
    @property
    def moves(self) -> Sequence[Move]: ...
