"""All SQL of webhooks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.store import bulk
from siyu.webhooks.tables import deliveries, endpoints
from siyu.webhooks.types import Due, Endpoint


def all_endpoints(conn: Connection) -> Sequence[Row[Any]]:
    return conn.execute(sa.select(endpoints).order_by(endpoints.c.created_at, endpoints.c.id)).all()


def listening(conn: Connection) -> list[Endpoint]:
    """Those that are switched on."""
    return [_endpoint(row) for row in conn.execute(sa.select(endpoints).where(endpoints.c.enabled))]


def _endpoint(row: Row[Any]) -> Endpoint:
    topics, events = msgspec.json.decode(row.topics), msgspec.json.decode(row.events)
    return Endpoint(row.id, row.url, row.secret, frozenset(topics), frozenset(events))


def endpoint_row(conn: Connection, endpoint_id: str) -> Row[Any] | None:
    return conn.execute(sa.select(endpoints).where(endpoints.c.id == endpoint_id)).one_or_none()


def add_endpoint(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(endpoints.insert().values(values))


def change_endpoint(conn: Connection, endpoint_id: str, values: dict[str, Any]) -> None:
    conn.execute(endpoints.update().where(endpoints.c.id == endpoint_id).values(values))


def drop_endpoint(conn: Connection, endpoint_id: str) -> None:
    conn.execute(deliveries.delete().where(deliveries.c.endpoint_id == endpoint_id))
    conn.execute(endpoints.delete().where(endpoints.c.id == endpoint_id))


def add_deliveries(conn: Connection, rows: Sequence[tuple[str, str, str, str, int]]) -> None:
    """Rows are (id, endpoint, topic, body, created at). A delivery that is there already stays as it is."""
    bulk(
        conn,
        "INSERT INTO webhooks_deliveries (id, endpoint_id, topic, body, state, created_at, due_at)"
        " VALUES (?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (id) DO NOTHING",
        [(*row, row[-1]) for row in rows],
    )


def counts(conn: Connection) -> dict[tuple[str, str], int]:
    """(endpoint, state) → deliveries, for those not sent."""
    query = sa.select(deliveries.c.endpoint_id, deliveries.c.state, sa.func.count())
    query = query.where(deliveries.c.state.in_(("waiting", "failed")))
    return {(row[0], row[1]): row[2] for row in conn.execute(query.group_by("endpoint_id", "state"))}


def next_due(conn: Connection) -> dict[str, int]:
    """Endpoint → when its next delivery may be posted, for those that are on and have one."""
    waiting = sa.and_(deliveries.c.endpoint_id == endpoints.c.id, deliveries.c.state == "waiting")
    soonest = sa.select(sa.func.min(deliveries.c.due_at)).where(waiting).scalar_subquery()
    rows = conn.execute(sa.select(endpoints.c.id, endpoints.c.paused_until, soonest).where(endpoints.c.enabled))
    return {row[0]: max(row[1], row[2]) for row in rows if row[2] is not None}


def claim(conn: Connection, endpoint_id: str, worker: str, now: int, until: int, limit: int) -> list[Due]:
    """Lease the oldest due deliveries of an endpoint."""
    ripe = sa.select(deliveries.c.seq).where(
        deliveries.c.endpoint_id == endpoint_id,
        deliveries.c.state == "waiting",
        deliveries.c.due_at <= now,
        deliveries.c.lease_until < now,
    )
    ripe = ripe.order_by(deliveries.c.due_at, deliveries.c.seq).limit(limit).with_for_update(skip_locked=True)
    seqs = list(conn.execute(ripe).scalars())
    if not seqs:
        return []
    taken = deliveries.c.seq.in_(seqs)
    conn.execute(deliveries.update().where(taken).values(lease_by=worker, lease_until=until))
    rows = conn.execute(sa.select(deliveries).where(taken).order_by(deliveries.c.seq))
    return [Due(row.seq, row.id, row.topic, row.body, row.created_at, row.attempts) for row in rows]


def finish(conn: Connection, worker: str, seq: int, values: dict[str, Any]) -> None:
    """Write how a posting ended, if it is still ours."""
    ours = sa.and_(deliveries.c.seq == seq, deliveries.c.lease_by == worker)
    conn.execute(deliveries.update().where(ours).values(values | {"lease_by": "", "lease_until": 0}))


def release(conn: Connection, worker: str, seqs: Collection[int]) -> None:
    """Give back deliveries that were not tried."""
    ours = sa.and_(deliveries.c.seq.in_(list(seqs)), deliveries.c.lease_by == worker)
    conn.execute(deliveries.update().where(ours).values(lease_by="", lease_until=0))


def page(conn: Connection, endpoint_id: str, state: str | None, after: int | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first."""
    query = sa.select(deliveries).where(deliveries.c.endpoint_id == endpoint_id)
    if state:
        query = query.where(deliveries.c.state == state)
    if after is not None:
        query = query.where(deliveries.c.seq < after)
    return conn.execute(query.order_by(deliveries.c.seq.desc()).limit(limit)).all()


def again(conn: Connection, endpoint_id: str, ids: Sequence[str], now: int) -> int:
    """Make deliveries due now; with no ids, all that failed. Answers how many."""
    chosen = deliveries.c.id.in_(list(ids)) if ids else deliveries.c.state == "failed"
    done = conn.execute(
        deliveries.update()
        .where(deliveries.c.endpoint_id == endpoint_id, chosen)
        .values(state="waiting", due_at=now, attempts=0)
    )
    return done.rowcount


def forget_before(conn: Connection, at: int) -> int:
    """Drop what was sent, or given up, before ``at`` (epoch ms)."""
    done = conn.execute(deliveries.delete().where(deliveries.c.state != "waiting", deliveries.c.created_at < at))
    return done.rowcount
