"""Endpoints and what is posted to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Topic = Literal["person.merged", "person.split", "audience.entered", "audience.left", "event"]
DeliveryState = Literal["waiting", "sent", "failed"]
TOPICS: tuple[Topic, ...] = ("person.merged", "person.split", "audience.entered", "audience.left", "event")

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Url = Annotated[str, Meta(min_length=8, max_length=2000, pattern="^https?://")]
Topics = Annotated[list[Topic], Meta(min_length=1, max_length=len(TOPICS))]
EventNames = Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=100)]


class NewEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``events``: for the topic ``event``, which ones; empty means all."""

    name: Name
    url: Url
    topics: Topics
    events: EventNames = []


class EndpointChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    topics: Topics | UnsetType = UNSET
    events: EventNames | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class EndpointView(msgspec.Struct, frozen=True):
    """``waiting`` and ``failed`` count deliveries; ``secret`` is shown once, when it is made."""

    id: str
    name: str
    url: str
    topics: list[Topic]
    events: list[str]
    enabled: bool
    created_at: str
    failing_since: str | None
    last_ok_at: str | None
    waiting: int
    failed: int
    version: int
    secret: str | None = None


class DeliveryView(msgspec.Struct, frozen=True):
    """``answer``: what the receiver, or the way to it, said last. ``body`` is shown with what is personal masked."""

    id: str
    topic: Topic
    state: DeliveryState
    at: str
    due_at: str | None
    attempts: int
    answer: str
    body: Any


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which deliveries to post again: these, or with none named all that failed."""

    ids: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=500)] = []


class Replayed(msgspec.Struct, frozen=True):
    deliveries: int


class Endpoint(msgspec.Struct, frozen=True):
    """As the courier needs it. ``secret`` is sealed."""

    id: str
    url: str
    secret: str
    topics: frozenset[str]
    events: frozenset[str]


class Due(msgspec.Struct, frozen=True):
    """A delivery that is ours to post."""

    seq: int
    id: str
    topic: str
    body: str
    created_at: int
    attempts: int
