"""SQL of the calls webhook nodes make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.journeys.tables import calls
from siyu.store import bulk

Call = tuple[int, str, str, str, str, str, int, int]
"""Run, node, journey, url, save as, body, due at, created at."""


def add(conn: Connection, rows: Sequence[Call]) -> None:
    """Ask for calls; a run asks once at a node."""
    bulk(
        conn,
        "INSERT INTO journeys_calls (run_id, node_id, journey_id, url, save_as, body, state, due_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT DO NOTHING",
        rows,
    )


def next_due(conn: Connection) -> int | None:
    return conn.execute(sa.select(sa.func.min(calls.c.due_at)).where(calls.c.state == "waiting")).scalar()


def claim(conn: Connection, now: int, until: int, limit: int) -> Sequence[Row[Any]]:
    """Lease calls that are due."""
    due = (
        sa.select(calls.c.run_id, calls.c.node_id)
        .where(calls.c.state == "waiting", calls.c.due_at <= now, calls.c.lease_until <= now)
        .order_by(calls.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    named = sa.tuple_(calls.c.run_id, calls.c.node_id).in_(sa.select(due.c.run_id, due.c.node_id))
    return conn.execute(sa.update(calls).where(named).values(lease_until=until).returning(*calls.c)).all()


def finish(conn: Connection, run: int, node: str, values: Mapping[str, Any]) -> None:
    where = sa.and_(calls.c.run_id == run, calls.c.node_id == node, calls.c.state == "waiting")
    conn.execute(sa.update(calls).where(where).values(dict(values) | {"lease_until": 0}))
