"""All SQL of the collect room."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
import xxhash
from sqlalchemy.engine import Connection

from siyu.collect.tables import inbox, plans, quarantine, settled, sources
from siyu.collect.types import Record, Reject
from siyu.store import among, bulk

MOST_KEPT = 1 << 20
"""Characters of a record that quarantine keeps; a longer one is cut and can't be replayed."""

DOOR = "door"
"""Queue of what came through a door (``store.inbox``)."""
OWN = "own"
"""Queue of what the product emits (``store.state``)."""

_decode = msgspec.msgpack.Decoder(list[Record]).decode


def record_key(scope: str, text: str) -> int:
    """63-bit key of a record within a scope (its source, or a shop for orders)."""
    return xxhash.xxh3_64_intdigest(f"{scope}\0{text}".encode()) >> 1


class Waiting(msgspec.Struct, frozen=True):
    """An inbox row, decoded."""

    id: int
    source_id: str
    received_at: int
    size: int
    records: list[Record]


class Mark(msgspec.Struct, frozen=True):
    """How far a queue has settled. ``at`` is epoch ms, 0 when never."""

    number: int
    last_id: int
    at: int


def append_rows(conn: Connection, rows: Sequence[tuple[str, int, int, bytes]]) -> None:
    """Rows are (source id, received at, records, body)."""
    bulk(conn, "INSERT INTO collect_inbox (source_id, received_at, records, body) VALUES (?, ?, ?, ?)", rows)


def add_quarantine(conn: Connection, rows: Sequence[tuple[int, str, str, Reject]]) -> None:
    """Rows are (at, source id, wire format, reject)."""
    if rows:
        conn.execute(
            sa.insert(quarantine),
            [
                {
                    "at": at,
                    "source_id": source_id,
                    "format": wire,
                    "reason": reject.reason,
                    "detail": reject.detail,
                    "record": reject.record[:MOST_KEPT],
                }
                for at, source_id, wire, reject in rows
            ],
        )


def backlog(conn: Connection, after_id: int) -> tuple[int, int, int]:
    """(appends, records, bytes) beyond an inbox id."""
    row = conn.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(inbox.c.records), 0),
            sa.func.coalesce(sa.func.sum(sa.func.length(inbox.c.body)), 0),
        ).where(inbox.c.id > after_id)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def settled_mark(conn: Connection, queue: str) -> Mark:
    row = conn.execute(
        sa.select(settled.c.number, settled.c.last_id, settled.c.at).where(settled.c.queue == queue)
    ).one_or_none()
    return Mark(*row) if row else Mark(0, 0, 0)


def set_settled(conn: Connection, queue: str, mark: Mark) -> None:
    values = {"number": mark.number, "last_id": mark.last_id, "at": mark.at}
    if not conn.execute(sa.update(settled).where(settled.c.queue == queue).values(values)).rowcount:
        conn.execute(sa.insert(settled).values(queue=queue, **values))


def plan_of(conn: Connection, queue: str) -> tuple[int, int, int] | None:
    """(number, first id, last id) of the batch last begun."""
    row = conn.execute(
        sa.select(plans.c.number, plans.c.first_id, plans.c.last_id).where(plans.c.queue == queue)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def set_plan(conn: Connection, queue: str, number: int, first_id: int, last_id: int) -> None:
    values = {"number": number, "first_id": first_id, "last_id": last_id}
    if not conn.execute(sa.update(plans).where(plans.c.queue == queue).values(values)).rowcount:
        conn.execute(sa.insert(plans).values(queue=queue, **values))


def next_ids(conn: Connection, after_id: int, max_records: int) -> tuple[int, int] | None:
    """First and last inbox id of the next batch: whole appends, at most ``max_records`` (or one large append)."""
    rows = conn.execute(
        sa.select(inbox.c.id, inbox.c.records).where(inbox.c.id > after_id).order_by(inbox.c.id).limit(2000)
    ).all()
    if not rows:
        return None
    total, last = 0, rows[0][0]
    for row_id, count in rows:
        total += count
        if total > max_records and last != rows[0][0]:
            break
        last = row_id
    return rows[0][0], last


def waiting(conn: Connection, first_id: int, last_id: int) -> list[Waiting]:
    rows = conn.execute(
        sa.select(inbox.c.id, inbox.c.source_id, inbox.c.received_at, inbox.c.body)
        .where(inbox.c.id.between(first_id, last_id))
        .order_by(inbox.c.id)
    )
    return [Waiting(row[0], row[1], row[2], len(row[3]), _decode(row[3])) for row in rows]


def drop_settled(conn: Connection, last_id: int) -> None:
    conn.execute(sa.delete(inbox).where(inbox.c.id <= last_id))


def mark_seen(conn: Connection, records: Sequence[tuple[int, int]], batch: int) -> set[tuple[int, int]]:
    """Remember (bucket, key) pairs; answer those that an earlier batch had already taken.

    The pairs must be distinct.
    """
    added = bulk(
        conn,
        "INSERT INTO collect_seen (bucket, key, batch) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(bucket, key, batch) for bucket, key in records],
    )
    if added == len(records):
        return set()
    rows = among(conn, "SELECT bucket, key, batch FROM collect_seen WHERE (bucket, key) IN {values}", records)
    return {(row[0], row[1]) for row in rows if row[2] != batch}


def sources_by_key(conn: Connection) -> dict[str, tuple[str, str]]:
    """Write key → (source id, kind) of every source that is switched on."""
    rows = conn.execute(
        sa.select(sources.c.write_key, sources.c.id, sources.c.kind).where(sources.c.disabled.is_(sa.false()))
    )
    return {row[0]: (row[1], row[2]) for row in rows}
