"""SQL of back-tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.journeys.tables import backtests


def add(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(backtests).values(dict(values)))


def take(conn: Connection, now: int, until: int) -> Row[Any] | None:
    """Lease the oldest back-test that waits, or whose worker is gone."""
    free = sa.and_(backtests.c.state.in_(["waiting", "running"]), backtests.c.lease_until <= now)
    oldest = sa.select(backtests.c.id).where(free).order_by(backtests.c.created_at).limit(1)
    oldest = oldest.with_for_update(skip_locked=True)
    taken = sa.update(backtests).where(backtests.c.id.in_(oldest.scalar_subquery()))
    return conn.execute(taken.values(state="running", lease_until=until).returning(*backtests.c)).one_or_none()


def change(conn: Connection, id: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(backtests).where(backtests.c.id == id).values(dict(values)))


def backtest(conn: Connection, journey_id: str, id: str) -> Row[Any] | None:
    where = sa.and_(backtests.c.journey_id == journey_id, backtests.c.id == id)
    return conn.execute(sa.select(backtests).where(where)).one_or_none()


def list_backtests(conn: Connection, journey_id: str, limit: int) -> Sequence[Row[Any]]:
    """Newest first."""
    query = sa.select(backtests).where(backtests.c.journey_id == journey_id)
    return conn.execute(query.order_by(backtests.c.created_at.desc()).limit(limit)).all()
