"""What is asked of the gate, what it answers, and what a channel is handed. Times are epoch ms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from siyu.content import Content, Template

State = Literal["queued", "sending", "waiting", "sent", "recorded", "failed", "refused", "in_doubt"]
STATES: tuple[State, ...] = ("queued", "sending", "waiting", "sent", "recorded", "failed", "refused", "in_doubt")
"""``waiting``: a staff member has yet to send it. ``recorded``: the channel is in its sandbox, nothing went out."""


class Request(msgspec.Struct, frozen=True):
    """One message a journey wants to send to one canonical person.

    ``campaign`` is sent once to a person and to an address within ``repeat_days`` (0 = once ever). Where a cap
    leaves room for one of several, higher ``priority`` goes first. ``event`` are the properties the journey began
    with, for ``{{event.name}}``.
    """

    person: int
    channel: str
    campaign: str
    journey: str
    run: int
    node: str
    template: Template
    title: str = ""
    """What operators call the campaign: the journey's name."""
    event: dict[str, Any] = {}
    priority: int = 0
    repeat_days: int = 0
    service: bool = False
    """It tells of something the person asked for or paid for, so the global holdout does not keep it back."""


class Decision(msgspec.Struct, frozen=True):
    """The gate's answer. ``code`` is ``allowed`` or the first reason against; ``params`` fill its text.

    ``retry_at`` is when the reason may have passed, 0 when waiting can't help. ``message`` is the outbox row.
    """

    ok: bool
    code: str
    params: dict[str, Any] = {}
    retry_at: int = 0
    message: str = ""


class Parcel(msgspec.Struct, frozen=True):
    """A message as a channel gets it. ``key`` never changes for the same message, however often it is tried."""

    key: str
    person: str
    address: str
    campaign: str
    content: Content
    at: int


class Result(msgspec.Struct, frozen=True):
    """What became of a hand-over: ``retry`` and ``failed`` only when the peer surely did not take it."""

    state: Literal["sent", "waiting", "recorded", "failed", "retry", "in_doubt"]
    code: str = ""
    detail: str = ""
    after_ms: int = 0
    """``retry``: the peer asks to wait this long."""
    bad_address: bool = False
    """``failed`` for good: never use this address on this channel again."""
    ref: str = ""
    """What the vendor calls the message; its receipts name it."""


class Outgoing(msgspec.Struct, frozen=True):
    """A claimed outbox row."""

    seq: int
    id: str
    person: int
    channel: str
    address: str
    campaign: str
    journey: str
    run: int
    node: str
    content: Content
    attempts: int
    created_at: int


class Capabilities(msgspec.Struct, frozen=True):
    """What a channel can do. ``idempotent``: the peer recognises a key, so sending again is harmless.

    ``template``: sends by the vendor's approved template. ``staff_confirms``: a staff member has to send it.
    ``uses_grant``: each send uses up one consent the person gave for it. ``receipts``: tells what became of messages.
    ``side_by_side``: how many may be under way at once; above 1 only where repeats are harmless and a session can be
    shared by threads.
    """

    subject: bool
    html: bool
    unsubscribe: bool
    idempotent: bool
    max_chars: int
    template: bool = False
    staff_confirms: bool = False
    uses_grant: bool = False
    receipts: bool = False
    side_by_side: int = 1


class MessageView(msgspec.Struct, frozen=True):
    """A message as operators see it. ``reason_text`` is ``{zh, en}``, null when there is nothing to explain."""

    id: str
    at: str
    person: str
    name: str | None
    channel: str
    journey: str
    journey_id: str
    campaign: str
    state: State
    reason: str | None
    reason_text: dict[str, str] | None
    attempts: int
    subject: str
    address: str
    """Masked."""
    receipt: str = ""
    """What the vendor reported later: delivered, undelivered, opened; empty when nothing."""


class ChannelView(msgspec.Struct, frozen=True):
    """Settings of a channel; secrets that are set show as dots. ``label`` is ``{zh, en}``."""

    channel: str
    label: dict[str, str]
    enabled: bool
    config: dict[str, Any]
    config_schema: dict[str, Any]
    capabilities: Capabilities
    version: int
    sandbox: bool = False
    """Messages are recorded instead of sent."""
    waiting: int = 0
    """Messages that staff members have yet to send."""
    last_ok_at: str | None = None
    last_error_at: str | None = None
    last_error: dict[str, str] | None = None
    """``{zh, en}``; null when the newest hand-over went well."""
    takes_callbacks: bool = False


class ChannelChange(msgspec.Struct, frozen=True):
    """A secret left out, or sent back as dots, stays as it was."""

    enabled: bool
    config: dict[str, Any] = {}
    sandbox: bool = False


class CallbackChange(msgspec.Struct, frozen=True):
    """``renew``: the old address stops working."""

    renew: bool = False


class CallbackView(msgspec.Struct, frozen=True):
    """Where the vendor sends receipts and replies. The address is a secret."""

    url: str


class InboxLink(msgspec.Struct, frozen=True):
    """Where one person reads their inbox; ``api`` answers the same as JSON."""

    url: str
    api: str


class TestSend(msgspec.Struct, frozen=True):
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=320)]


class TestResult(msgspec.Struct, frozen=True):
    """What the peer said to a test message."""

    state: str
    code: str
    text: dict[str, str]


class Resolution(msgspec.Struct, frozen=True):
    """What to do with a message in doubt."""

    action: Literal["resend", "drop"]


class Suppression(msgspec.Struct, frozen=True):
    """An address never to be used on a channel (or on any: ``*``)."""

    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=320)]
    reason: Annotated[str, msgspec.Meta(max_length=200)] = "operator"
    at: str = ""
