"""One person's inbox: a signed address, what lies in it, and that it has been read."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from siyu.content import Content
from siyu.delivery import gate, queries, receipts
from siyu.delivery.actions import open_config
from siyu.delivery.channels import channel_named
from siyu.delivery.channels import inbox as shelf
from siyu.delivery.hours import local_text
from siyu.delivery.types import InboxLink
from siyu.identity import canonical, exists
from siyu.kit import DAY, NotFound, iso, person_no, person_ref
from siyu.settings import current_settings
from siyu.store import Store

_MOST = 50
_KIND = "inbox"


class InboxItem(msgspec.Struct, frozen=True):
    """A message as its owner sees it."""

    id: str
    at: str
    shown_at: str
    """On the person's own clock."""
    title: str
    text: str
    link: str
    coupon: str
    read: bool


class InboxView(msgspec.Struct, frozen=True):
    """``unread`` counts the items shown. ``person`` is no name: just whose inbox it is."""

    title: str
    person: str
    unread: int
    items: list[InboxItem]


def inbox_link(store: Store, conn: Connection, ref: str) -> InboxLink:
    """The signed address of one person's inbox. Raises NotFound."""
    person = person_no(ref)
    if not exists(conn, person):
        raise NotFound(what="person")
    token = store.secrets.seal(msgspec.json.encode([_KIND, person]).decode())
    base = f"{store.settings.public_url.rstrip('/')}/inbox/{token}"
    return InboxLink(base, f"{base}/messages")


def owner_of(store: Store, conn: Connection, token: str) -> int:
    """The canonical person of a signed address. Raises NotFound when it was not made here."""
    try:
        kind, person = msgspec.json.decode(store.secrets.open(token), type=tuple[str, int])
    except Exception as error:
        raise NotFound(what="page") from error
    if kind != _KIND:
        raise NotFound(what="page")
    return canonical(conn, [person])[person]


def read_inbox(store: Store, conn: Connection, token: str) -> InboxView:
    """What lies in an inbox, newest first."""
    person = owner_of(store, conn, token)
    channel = channel_named(shelf.NAME)
    config = open_config(store, conn, channel)
    keep, title = getattr(config, "keep_days", 180), getattr(config, "title", "")
    rows = queries.inbox_of(conn, shelf.NAME, person, store.clock.now_ms() - keep * DAY, _MOST)
    settings, items = current_settings(conn), []
    zone = gate.zones_of(conn, [person], settings.timezone)[person]
    for row in rows:
        said = msgspec.json.decode(row.content, type=Content)
        read = row.receipt == "opened"
        local = local_text(row.counts_at, zone)
        items.append(
            InboxItem(row.id, iso(row.counts_at), local, said.subject, said.text, said.link, said.coupon, read)
        )
    return InboxView(title or settings.brand_name, person_ref(person), sum(not item.read for item in items), items)


def mark_read(store: Store, conn: Connection, token: str, ids: list[str]) -> InboxView:
    """These messages have been read; those of others are left alone. Doing it again changes nothing."""
    person, now = owner_of(store, conn, token), store.clock.now_ms()
    wanted = set(ids[:_MOST])
    rows = [row for row in queries.inbox_of(conn, shelf.NAME, person, 0, 500) if row.id in wanted]
    receipts.opened(conn, channel_named(shelf.NAME), rows, now)
    return read_inbox(store, conn, token)
