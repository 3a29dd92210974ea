"""Messages that staff have yet to send: asked for now and then until they have, or until waiting makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.collect import EmittedEvent, emit
from siyu.delivery import queries
from siyu.delivery.channels.contract import Channel, Waiting
from siyu.delivery.types import Result
from siyu.kit import DAY, MINUTE, SiyuError, logger
from siyu.store import Store
from siyu.vendors import InDoubt, NotTaken, VendorRefused

EVERY = 5 * MINUTE
_MOST = 2000
_log = logger("delivery")


def look(store: Store, channel: Channel, config: msgspec.Struct) -> None:
    """Ask how the channel's waiting messages stand, those that are due for it."""
    if channel.poll is None:
        return
    now = store.clock.now_ms()
    with store.state.read() as conn:
        rows = queries.waiting(conn, channel.name, now, _MOST)
    if not rows:
        return
    try:
        asked = [Waiting(row.vendor_ref, row.address, row.counts_at) for row in rows]
        results = channel.poll(config, store.settings.allow_private_outbound, asked)
    except (SiyuError, NotTaken, InDoubt, VendorRefused) as error:
        # Nothing is known yet; the messages are looked at again next time.
        _log.warning("poll_failed", channel=channel.name, detail=str(error)[:300])
        results = [None] * len(rows)
    with store.state.write() as conn:
        _settle(conn, rows, results, getattr(config, "wait_days", 3) * DAY, now)


def _settle(
    conn: Connection, rows: Sequence[Row[Any]], results: Sequence[Result | None], patience: int, now: int
) -> None:
    for row, result in zip(rows, results, strict=True):
        if result is None and now - row.counts_at >= patience:
            result = Result("failed", "staff_did_not_send")
        if result is None:
            queries.change(conn, row.seq, ("waiting",), {"due_at": now + EVERY})
            continue
        params = msgspec.json.encode({"detail": result.detail} if result.detail else {}).decode()
        values = {"state": result.state, "reason": result.code, "params": params}
        if queries.change(conn, row.seq, ("waiting",), values):
            emit(conn, [_event(row, result, now)], now)


def _event(row: Row[Any], result: Result, now: int) -> EmittedEvent:
    name = f"message_{result.state}"
    props = {"channel": row.channel, "campaign": row.campaign, "journey": row.journey_id, "message": row.id}
    if result.code:
        props["reason"] = result.code
    return EmittedEvent(name, row.person_id, now, f"{name} {row.id}", msgspec.json.encode(props).decode())
