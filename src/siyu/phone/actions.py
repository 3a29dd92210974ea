"""Leaving a channel from a link in a message, and coming back."""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import EmittedEvent, emit
from siyu.delivery import Link, channels, read_link, receiver_of
from siyu.identity import canonical, keys_of
from siyu.kit import NotFound
from siyu.privacy import MARKETING, consent_of, withdraw
from siyu.settings import current_settings
from siyu.store import Store

Standing = Literal["in", "out"]


class Visit(msgspec.Struct, frozen=True):
    """Whose page this is: the person the message was sent to and at which address, and the channel they would leave.

    ``zh``, ``en`` and ``brand`` are what channel and brand are called. ``family``: the owned channel consent is given
    for; both SMS providers are one to the person.
    """

    link: Link
    person: int
    address: str
    family: str
    zh: str
    en: str
    brand: str
    standing: Standing


def visit(store: Store, conn: Connection, token: str) -> Visit:
    """Raises NotFound when the link was not made here."""
    link = read_link(store, token)
    channel = channels().get(link.channel)
    if channel is None:
        raise NotFound(what="page")
    person, address = receiver_of(conn, link.message) or (canonical(conn, [link.person])[link.person], "")
    out = consent_of(conn, [person], channel.family)[person] == "withdrawn"
    brand = current_settings(conn).brand_name
    return Visit(link, person, address, channel.family, channel.zh, channel.en, brand, "out" if out else "in")


def leave(store: Store, conn: Connection, token: str) -> Visit:
    """Withdraw consent at once. Doing it again changes nothing."""
    here = visit(store, conn, token)
    if here.standing == "in":
        now = store.clock.now_ms()
        withdraw(conn, here.person, here.family, _evidence(here.link), now, said_by=_said_by(conn, here))
        _emit(conn, "opted_out", here, now)
    return msgspec.structs.replace(here, standing="out")


def _said_by(conn: Connection, here: Visit) -> str:
    """The identifier that is the address the message went to, so that its word goes where it goes; or empty."""
    keys = keys_of(conn, [here.person])[here.person]
    return min((key for key in keys if key.partition(":")[2] == here.address), default="")


def come_back(store: Store, conn: Connection, token: str) -> Visit:
    """Give consent again, for somebody who left by mistake. It holds once its event has settled."""
    here = visit(store, conn, token)
    if here.standing == "out":
        _emit(conn, "consent_granted", here, store.clock.now_ms())
    return msgspec.structs.replace(here, standing="in")


def _evidence(link: Link) -> dict[str, object]:
    return {"page": "unsubscribe", "message": link.message}


def _emit(conn: Connection, event: str, here: Visit, now: int) -> None:
    props = {"channel": here.family, "purpose": MARKETING} | _evidence(here.link)
    key = f"{event} {here.link.message} {now}"
    emit(conn, [EmittedEvent(event, here.person, now, key, msgspec.json.encode(props).decode())], now)
