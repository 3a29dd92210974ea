"""Shapes of consent. Times are epoch ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

Answer = Literal["granted", "withdrawn", "unknown"]

EVERY_CHANNEL = "*"
MARKETING = "marketing"


class Consent(msgspec.Struct, frozen=True):
    """What a person last said about one channel (or ``*``, all of them) and purpose. ``evidence`` is JSON text."""

    person: int
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
    def time(self) -> Sequence[int]: ...
    @property
    def event(self) -> Sequence[str]: ...
    @property
    def source(self) -> Sequence[str]: ...
    @property
    def props(self) -> Sequence[str]: ...


class SettledBatch(Protocol):
    """What this room needs of a settled batch: its events and who became whom (absorbed → canonical)."""

    @property
    def events(self) -> EventColumns: ...
    @property
    def merged(self) -> Mapping[int, int]: ...
