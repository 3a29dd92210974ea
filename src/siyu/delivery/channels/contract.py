"""What a channel is: one file that declares itself as data and hands parcels over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from siyu.delivery.types import Capabilities, Parcel, Result
from siyu.kit import SiyuError

Commit = Callable[[], None]
"""Puts on disk that the next step can't be taken back. Raises LeaseLost when the message is no longer ours."""


class LeaseLost(Exception):
    """Another worker or an operator has taken this message meanwhile: leave it alone."""


class NotConfigured(SiyuError):
    """The channel {channel} is not set up: {detail}"""

    code = "channel_not_configured"
    status = 422


class Session(Protocol):
    """An open way to the peer, used for a whole batch."""

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        """Hand one parcel over. Calls ``commit`` once, just before the step that can't be taken back."""


class Channel(msgspec.Struct, frozen=True):
    """A channel as declared by its file. ``open`` may raise; then nothing was handed over.

    ``open(config, allow_private)`` yields a Session; ``allow_private`` lets it reach internal addresses.
    """

    name: str
    zh: str
    en: str
    config: type[msgspec.Struct]
    capabilities: Capabilities
    needed: tuple[str, ...]
    """Fields of ``config`` without which it can't be switched on."""
    open: Callable[[Any, bool], AbstractContextManager[Session]]
    address_fault: Callable[[str], bool]
    """Whether a text can't be an address of this channel."""
