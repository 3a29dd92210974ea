"""Shapes of what is known of a person. Times are epoch ms (0 = never), money is fen."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

StageName = Literal["new", "first_order", "repeat", "silent", "churned"]
STAGES: tuple[StageName, ...] = ("new", "first_order", "repeat", "silent", "churned")


class Windows(Protocol):
    """How many days make somebody silent or churned; ``kit.Settings`` is one."""

    @property
    def new_days(self) -> int: ...
    @property
    def silent_days(self) -> int: ...
    @property
    def churned_days(self) -> int: ...


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What is counted of a person. ``revenue`` is after refunds."""

    person: int
    created_at: int
    entered_at: int = 0
    entered_via: str = ""
    entered_source_id: str = ""
    orders: int = 0
    revenue: int = 0
    first_order_at: int = 0
    last_order_at: int = 0


class StageReason(msgspec.Struct, frozen=True):
    """What the stage was read from. ``since`` is when it began, 0 when the facts don't say."""

    orders: int
    last_order_at: int
    reference_at: int
    since: int
    windows: dict[str, int]


class Reach(msgspec.Struct, frozen=True):
    """Whether a person can be reached on a channel, ``why`` (a code of ``REACH_TEXTS``) and at which address.

    ``address`` is unmasked and kept also where consent is missing. ``since`` is epoch ms, 0 when unknown.
    """

    channel: str
    ok: bool
    why: str
    address: str | None = None
    since: int = 0


class Known(msgspec.Struct, gc=False):
    """The facts reach is computed from, of one person.

    ``addresses``: identifier family or trait → (value, first seen); ``states``: channel → (on, at).
    """

    addresses: dict[str, tuple[str, int]]
    states: dict[str, tuple[bool, int]]
