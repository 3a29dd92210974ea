"""What vendors tell afterwards: receipts, replies, acts. The same one again, or late, changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.collect import EmittedEvent, emit, key_of
from siyu.delivery import occasion_queries, queries
from siyu.delivery.channels import channels
from siyu.delivery.channels.contract import Channel, Heard, News, Receipt, Reply
from siyu.identity import find_person
from siyu.kit import DAY
from siyu.privacy import MARKETING, withdraw

REMEMBERED = 30 * DAY
OPT_OUT = frozenset({"R", "T", "TD", "N", "退订", "STOP", "UNSUBSCRIBE"})
_EVENTS = {
    "delivered": "message_delivered",
    "undelivered": "message_undelivered",
    "opened": "message_opened",
    "complained": "complained",
}
_KINDS = {"sms": "mobile", "email": "email"}


def take(conn: Connection, channel: Channel, news: News, now: int) -> None:
    """Take what a callback brought, in the caller's write transaction."""
    occasion_queries.forget_heard(conn, now - REMEMBERED)
    for receipt in news.receipts:
        apply(conn, channel, receipt, now)
    for reply in news.replies:
        _answer(conn, channel, reply, now)
    emit(conn, [event for event in (_act(heard) for heard in news.heard) if event], now)


def apply(conn: Connection, channel: Channel, receipt: Receipt, now: int) -> None:
    """Write a receipt to its message, or put it by until the hand-over has been written."""
    rows = queries.messages_of(conn, channel.name, receipt.ref, receipt.key)
    if not rows or any(row.state in ("queued", "sending") for row in rows):
        text = msgspec.json.encode(receipt).decode()
        occasion_queries.put_early(conn, channel.name, receipt.key or receipt.ref, text, now)
        return
    for row in rows:
        _apply_to(conn, channel, row, receipt, now)


def take_early(conn: Connection, channel: Channel, names: Sequence[str], now: int) -> None:
    """Apply what came before the message was known by these names."""
    for text in occasion_queries.take_early(conn, channel.name, names):
        apply(conn, channel, msgspec.json.decode(text, type=Receipt), now)


def _apply_to(conn: Connection, channel: Channel, row: Row[Any], receipt: Receipt, now: int) -> None:
    at = receipt.at or now
    if not _newer(row.receipt, receipt.state) or not queries.note_receipt(conn, row.seq, receipt.state, at):
        return
    if receipt.state == "undelivered":
        params = msgspec.json.encode({"detail": receipt.detail}).decode()
        values = {"state": "failed", "reason": "undelivered", "params": params}
        queries.change(conn, row.seq, ("sent", "in_doubt", "waiting"), values)
    else:
        # Whatever was in doubt has arrived.
        queries.change(conn, row.seq, ("in_doubt",), {"state": "sent", "reason": "", "params": "{}"})
    if receipt.bad_address:
        queries.suppress(conn, channel.family, row.address, "undelivered", now)
    if receipt.state == "complained":
        queries.suppress(conn, channel.family, row.address, "complained", now)
        withdraw(conn, row.person_id, channel.family, {"complaint": row.id}, at)
        emit(conn, [_opted_out(row.person_id, channel, f"complaint {row.id}", {"message": row.id}, at)], now)
    emit(conn, [_event(row, _EVENTS[receipt.state], receipt, at)], now)


_RANK = {"": 0, "delivered": 1, "undelivered": 2, "opened": 3, "clicked": 4, "replied": 5, "complained": 6}


def _newer(known: str, state: str) -> bool:
    """Later news of a better kind holds; a late "delivered" takes nothing back."""
    return _RANK[state] > _RANK.get(known, 0)


def _event(row: Row[Any], name: str, receipt: Receipt, at: int) -> EmittedEvent:
    props = {"channel": row.channel, "campaign": row.campaign, "journey": row.journey_id, "message": row.id}
    if receipt.code:
        props["reason"] = receipt.code
    return EmittedEvent(name, row.person_id, at, f"{name} {row.id}", msgspec.json.encode(props).decode())


def _answer(conn: Connection, channel: Channel, reply: Reply, now: int) -> None:
    """A reply that asks to be left alone: consent is withdrawn, and the address is never used again."""
    if not occasion_queries.hear(conn, channel.family, f"reply {reply.id}"[:300], now):
        return
    _replied(conn, channel, reply, now)
    if reply.text.strip().strip("。.!！").upper() not in OPT_OUT:
        return
    queries.suppress(conn, channel.family, reply.address, "opted out by reply", now)
    key = key_of(_KINDS.get(channel.family, "custom"), reply.address)
    person = find_person(conn, key) if key else None
    if person is None:
        return
    at = reply.at or now
    withdraw(conn, person, channel.family, {"reply": reply.text[:20]}, at)
    emit(conn, [_opted_out(person, channel, f"reply {reply.id}", {"reply": reply.text[:20]}, at)], now)


def _replied(conn: Connection, channel: Channel, reply: Reply, now: int) -> None:
    """A reply answers the last message to its address within three days. What it says is not kept."""
    family = [name for name, other in channels().items() if other.family == channel.family]
    at = reply.at or now
    row = queries.last_to(conn, family, reply.address, at - 3 * DAY)
    if row is None:
        return
    queries.note_receipt(conn, row.seq, "replied", at)
    props = {"channel": row.channel, "campaign": row.campaign, "journey": row.journey_id, "message": row.id}
    key = f"message_replied {reply.id}"
    emit(conn, [EmittedEvent("message_replied", row.person_id, at, key, msgspec.json.encode(props).decode())], now)


def clicked(conn: Connection, row: Row[Any], now: int) -> None:
    """Somebody opened a link in it, so it has arrived and was read."""
    if _newer(row.receipt, "clicked"):
        queries.note_receipt(conn, row.seq, "clicked", now)
        queries.change(conn, row.seq, ("in_doubt",), {"state": "sent", "reason": "", "params": "{}"})


def _opted_out(person: int, channel: Channel, why: str, evidence: dict[str, str], at: int) -> EmittedEvent:
    props = {"channel": channel.family, "purpose": MARKETING} | evidence
    return EmittedEvent("opted_out", person, at, f"opted_out {why}", msgspec.json.encode(props).decode())


def _act(heard: Heard) -> EmittedEvent | None:
    """Something done on the vendor's side, by a person the product may not know yet."""
    key = key_of(heard.kind, heard.value)
    if key is None:
        return None
    digest = hashlib.sha256(f"{heard.kind} {heard.id}".encode()).hexdigest()[:40]
    props = msgspec.json.encode(heard.props).decode()
    return EmittedEvent(heard.event, 0, heard.at, f"{heard.event} {digest}", props, ids=(key,))


def opened(conn: Connection, channel: Channel, rows: Sequence[Row[Any]], now: int) -> None:
    """Persons have read these messages."""
    for row in rows:
        _apply_to(conn, channel, row, Receipt("opened", at=now), now)
