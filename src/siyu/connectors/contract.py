"""What a connector is: one file that declares itself as data, reads callbacks, and pulls lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from siyu.connectors.session import Session

Grade = Literal["proven", "documented", "remembered"]
"""proven: tested against an implementation that is not ours; documented: by the vendor's documentation and a strict
local server; remembered: signatures and fields from memory or a third party's page, check before you rely on it."""


class Call(msgspec.Struct, frozen=True):
    """A callback as it came. Header names are in lower case; ``now`` is epoch ms."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: int


class Item(msgspec.Struct, frozen=True):
    """Something learned of a person: what happened (``event``), what is known (``traits``), or both.

    ``id`` is the same when it is told again; ``at`` is epoch ms; ``ids`` are (kind, value), such as
    ``("openid.wx1", "oA")``. ``own``: the traits are kept under the first of them alone, so that they can be forgotten
    with it. ``forget``: what this connector said of the first one is not known any more.
    """

    id: str
    at: int
    ids: tuple[tuple[str, str], ...]
    event: str = ""
    props: Mapping[str, Any] = {}
    traits: Mapping[str, Any] = {}
    own: bool = False
    forget: bool = False


class Task(msgspec.Struct, frozen=True):
    """Work to do soon. The same ``key`` twice is one task while it waits."""

    name: str
    key: str
    payload: Mapping[str, Any] = {}
    delay_ms: int = 0


class Told(msgspec.Struct, frozen=True):
    """What a callback brought, and what it is answered."""

    items: Sequence[Item] = ()
    tasks: Sequence[Task] = ()
    answer: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Door(msgspec.Struct, frozen=True):
    """Reads a callback: raises BadCallback for what the vendor did not send; any other error puts it aside.

    ``slow``: calls the vendor, so it runs beside the event loop. ``taken``: what the vendor is answered for a call that
    was put aside, so that it is not pushed for ever.
    """

    read: Callable[[Session, Call], Told]
    slow: bool = False
    taken: bytes = b""
    public: bool = False
    """Called by customers' programs from anywhere, such as a Mini Program."""


class Link(msgspec.Struct, frozen=True):
    """Something the vendor's list has: a friendship, a follower, a group's member. ``owner`` is whose it is.

    ``known`` says what is known of them, ``began`` that it began (left out where the mirror has it already).
    """

    kind: str
    key: str
    owner: str
    known: Item | None = None
    began: Item | None = None
    data: str = ""
    """What the console shows of it; nothing of a customer."""


class Change(msgspec.Struct, frozen=True):
    """What an event says about a link: it is there, or not any more."""

    kind: str
    key: str
    owner: str
    present: bool


class Page(msgspec.Struct, frozen=True):
    """One step of a pull, or what a task learned. An empty ``cursor`` ends a pull; ``calls`` are what the step cost of
    the vendor's allowance. ``complete``: (kind, beginning of keys) in which no link but those given is left.
    """

    links: Sequence[Link] = ()
    items: Sequence[Item] = ()
    complete: Sequence[tuple[str, str]] = ()
    cursor: str = ""
    calls: int = 1
    total: int = 0


class Pull(msgspec.Struct, frozen=True):
    """A list that is read page by page: at first the history, later what changed without a callback.

    ``sweeps``: kinds of links the list is complete in; those it doesn't name any more have ended.
    """

    name: str
    zh: str
    en: str
    step: Callable[[Session, str], Page]
    sweeps: tuple[str, ...] = ()
    per_minute: int = 600
    every_hours: int = 24
    share: Callable[[str], float] | None = None
    """How much of it is read where it stands (0 to 1, by cursor), where the vendor tells no total."""


class Target(msgspec.Struct, frozen=True):
    """Where a channel code leads: the picture a customer scans and, where there is one, an address. ``ref``: the
    vendor's name of it."""

    picture: str
    url: str = ""
    ref: str = ""


class React(msgspec.Struct, frozen=True):
    """An event causes a task, with its properties and ``ids`` as the payload. ``once``: the kind of identifier it is
    done once for, instead of every time; then events of any source cause it, if they name one.
    """

    event: str
    task: str
    once: str = ""


class Done(msgspec.Struct, frozen=True):
    """What came of an act, and what it leaves to do later."""

    text: str
    tasks: Sequence[Task] = ()


class Act(msgspec.Struct, frozen=True):
    """Something an operator may have done at the vendor, from a form."""

    name: str
    zh: str
    en: str
    form: type[msgspec.Struct]
    run: Callable[[Session, Any], Done]


class Connector(msgspec.Struct, frozen=True):
    """A connector as declared by its file."""

    name: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    grade: Grade
    config: type[msgspec.Struct]
    needed: tuple[str, ...] = ()
    category: str = ""
    doors: Mapping[str, Door] = {}
    """Callback paths; the empty one is the connector's own address."""
    pulls: tuple[Pull, ...] = ()
    tasks: Mapping[str, Callable[[Session, Mapping[str, Any]], Page]] = {}
    acts: tuple[Act, ...] = ()
    test: Callable[[Session], str] | None = None
    """Asks the vendor something harmless; answers who we are there."""
    reacts: tuple[React, ...] = ()
    change: Callable[[str, Mapping[str, Any], Mapping[str, str]], Change | None] | None = None
    """(event, properties, identifiers) → what it says about a link."""
    ended: Callable[[Session, str, str, int], Item | None] | None = None
    """(session, kind, owner, epoch ms) → what to tell when the last link of an owner in a kind has ended."""
    held: Callable[[str, str, Sequence[str], int], Item | None] | None = None
    """(kind, owner, keys of the links they have, epoch ms) → traits that say so; told whenever that changes."""
    forgets: Callable[[Session, str], tuple[str, str]] | None = None
    """(session, owner) → the identifier of an owner that is forgotten once their last link has ended, and may be known
    again when a new one begins. Such links must not have the owner in their keys."""
    make_code: Callable[[Session, str, str, str], Target] | None = None
    """(session, state, staff, name) → a code of the vendor's."""
    code_by_staff: bool = False
    """Whether a code belongs to a member who takes the customer."""
    tag: Callable[[Session, Sequence[Mapping[str, str]], str, bool], None] | None = None
    """Give up to 50 persons, by the identifiers of each, a tag of the vendor's, or take it."""
