"""What a channel is: one file that declares itself as data and hands parcels over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

import msgspec

from siyu.delivery.types import Capabilities, Parcel, Request, Result
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


class Together(Session, Protocol):
    """A session of a channel whose ``at_once`` is above 1."""

    def send_many(self, parcels: Sequence[Parcel], commit: Commit) -> list[Result]:
        """Hand parcels with one content over in one step; a result each. Calls ``commit`` once, for all of them."""


class Waiting(msgspec.Struct, frozen=True):
    """A message that staff have yet to send, and when it was handed over."""

    ref: str
    address: str
    since: int


class Inbound(msgspec.Struct, frozen=True):
    """A callback as it came. ``now`` is epoch ms."""

    method: str
    query: Sequence[tuple[str, str]]
    body: bytes
    now: int


class Receipt(msgspec.Struct, frozen=True):
    """What the vendor reports later about a message, named by its ``ref`` or our own ``key``."""

    state: Literal["delivered", "undelivered", "opened", "complained"]
    ref: str = ""
    key: str = ""
    code: str = ""
    detail: str = ""
    at: int = 0
    bad_address: bool = False


class Reply(msgspec.Struct, frozen=True):
    """What somebody wrote back. ``id`` is the same when it is pushed again."""

    address: str
    text: str
    at: int
    id: str


class Heard(msgspec.Struct, frozen=True):
    """Something a known person did on the vendor's side: becomes an event. ``kind`` names the identifier."""

    event: str
    kind: str
    value: str
    at: int
    id: str
    props: dict[str, Any] = {}


class News(msgspec.Struct, frozen=True):
    """What a callback brought, and what it is answered."""

    receipts: Sequence[Receipt] = ()
    replies: Sequence[Reply] = ()
    heard: Sequence[Heard] = ()
    answer: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


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
    reach: str = ""
    """The owned channel whose reach, consent and suppressions hold for this one; empty: its own name."""
    identifier: Callable[[Any], str] = lambda _config: ""
    """The kind of identifier that is the address, where an account has its own: ``openid.wx1234``."""
    place: Callable[[Any, Request], str] | None = None
    """Where the address comes from the request instead of the person."""
    connector: str = ""
    """The kind of connector whose account it may send with: then ``config`` has a field ``connector``."""
    at_once: int = 1
    """How many parcels with one content its session hands over in one step."""
    poll: Callable[[Any, bool, Sequence[Waiting]], list[Result | None]] | None = None
    """How waiting messages stand; None where nothing is new. May raise what ``open`` may."""
    inbound: Callable[[Any, Inbound], News] | None = None
    """Reads a callback. Raises BadCallback."""

    @property
    def family(self) -> str:
        return self.reach or self.name
