"""SQL of people who are let in together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.journeys.tables import journeys, starts
from siyu.store import insert_for


def add(conn: Connection, values: Mapping[str, Any]) -> bool:
    """Begin a start; False when one of its journey and key has begun."""
    statement = insert_for(conn)(starts).values(dict(values)).on_conflict_do_nothing()
    return conn.execute(statement.returning(starts.c.id)).first() is not None


def by_key(conn: Connection, journey_id: str, key: str) -> Row[Any]:
    return conn.execute(sa.select(starts).where(starts.c.journey_id == journey_id, starts.c.key == key)).one()


def take_open(conn: Connection, journeys_in: Sequence[str]) -> Row[Any] | None:
    """The oldest open start of these journeys, locked; None when there is none or others are at it."""
    where = sa.and_(starts.c.state == "open", starts.c.journey_id.in_(journeys_in))
    query = sa.select(starts).where(where).order_by(starts.c.at, starts.c.id).limit(1)
    return conn.execute(query.with_for_update(skip_locked=True)).one_or_none()


def any_open(conn: Connection, journeys_in: Sequence[str]) -> bool:
    where = sa.and_(starts.c.state == "open", starts.c.journey_id.in_(journeys_in))
    return conn.execute(sa.select(sa.literal(1)).select_from(starts).where(where).limit(1)).scalar() is not None


def change(conn: Connection, id: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(starts).where(starts.c.id == id).values(dict(values)))


def list_starts(conn: Connection, journey_id: str, limit: int) -> Sequence[Row[Any]]:
    """Newest first."""
    query = sa.select(starts).where(starts.c.journey_id == journey_id)
    return conn.execute(query.order_by(starts.c.at.desc(), starts.c.id).limit(limit)).all()


def fired(conn: Connection) -> dict[str, int]:
    """Live journey → until when its trigger has let people in."""
    rows = conn.execute(sa.select(journeys.c.id, journeys.c.fired_at).where(journeys.c.state == "live"))
    return {row[0]: row[1] for row in rows}


def set_fired(conn: Connection, journey_id: str, before: int, at: int) -> bool:
    """Note that a trigger has fired; False when another process was quicker."""
    where = sa.and_(journeys.c.id == journey_id, journeys.c.fired_at == before)
    return conn.execute(sa.update(journeys).where(where).values(fired_at=at)).rowcount == 1
