"""What rooms above bring in themselves, on the same path as any source: connectors that hear callbacks and pull."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import management_queries, queries
from siyu.collect.identifiers import Definitions, in_force
from siyu.collect.management_queries import QuarantineRow
from siyu.collect.sources import segment
from siyu.collect.types import Decoded, Record
from siyu.store import Store

_encode = msgspec.msgpack.Encoder().encode


def read_items(body: bytes, now: int, source_id: str, definitions: Definitions, most_bytes: int) -> Decoded:
    """Records and rejects of a batch in the Segment format, under these definitions of identifiers."""
    with in_force(definitions):
        return segment.decode(body, now, source_id, most_bytes)


def enter(conn: Connection, source_id: str, records: Sequence[Record], now: int) -> None:
    """Put a source's records into the pipeline in the caller's state transaction: they commit with what caused them."""
    if records:
        queries.append_rows(conn, [(source_id, now, len(records), _encode(list(records)))])


def backlog_within(conn: Connection) -> int:
    """Records that entered this way and have not settled yet."""
    return queries.backlog(conn, queries.settled_mark(conn, queries.OWN).last_id)[1]


def put_aside(store: Store, source_id: str, wire: str, limit: int) -> list[QuarantineRow]:
    """What of a source waits in quarantine in one format, newest first."""
    with store.inbox.read() as conn:
        rows = management_queries.quarantined(conn, source_id=source_id, limit=limit)
    return [row for row in rows if row.format == wire]


def taken_up(store: Store, ids: Sequence[int]) -> None:
    """These records don't wait any more."""
    with store.inbox.write() as conn:
        management_queries.set_state(conn, ids, "replayed")
