"""Definitions of tags, their runs and counts, in the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.tags.tables import counts, runs, said, tags

_KEPT_RUNS = 100


def all_of(conn: Connection) -> Sequence[Row[Any]]:
    """Every tag, the newest first."""
    return conn.execute(sa.select(tags).order_by(tags.c.created_at.desc(), tags.c.id)).all()


def one(conn: Connection, tag_id: str) -> Row[Any] | None:
    return conn.execute(sa.select(tags).where(tags.c.id == tag_id)).one_or_none()


def named(conn: Connection, name: str) -> Row[Any] | None:
    return conn.execute(sa.select(tags).where(tags.c.name == name)).one_or_none()


def add(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(tags.insert().values(values))


def update(conn: Connection, tag_id: str, values: dict[str, Any]) -> None:
    conn.execute(tags.update().where(tags.c.id == tag_id).values(values))


def gain(conn: Connection, tag_id: str, more: int) -> None:
    """So many more persons have a value."""
    conn.execute(tags.update().where(tags.c.id == tag_id).values(persons=tags.c.persons + more))


def drop(conn: Connection, tag_id: str) -> None:
    for table in (runs, counts, said):
        conn.execute(table.delete().where(table.c.tag_id == tag_id))
    conn.execute(tags.delete().where(tags.c.id == tag_id))


def due(conn: Connection, now: int) -> Sequence[Row[Any]]:
    """Tags whose time has come."""
    return conn.execute(sa.select(tags).where(tags.c.next_at > 0, tags.c.next_at <= now)).all()


def note_run(conn: Connection, tag_id: str, run: dict[str, Any]) -> None:
    conn.execute(runs.insert().values(tag_id=tag_id, **run))
    kept = sa.select(runs.c.seq).where(runs.c.tag_id == tag_id).order_by(runs.c.seq.desc()).limit(_KEPT_RUNS)
    conn.execute(runs.delete().where(runs.c.tag_id == tag_id, runs.c.seq.not_in(kept.scalar_subquery())))


def runs_of(conn: Connection, tag_id: str, limit: int) -> Sequence[Row[Any]]:
    """The latest first."""
    query = sa.select(runs).where(runs.c.tag_id == tag_id).order_by(runs.c.seq.desc()).limit(limit)
    return conn.execute(query).all()


def last_runs(conn: Connection) -> dict[str, Row[Any]]:
    """Tag → its last run."""
    last = sa.select(sa.func.max(runs.c.seq)).group_by(runs.c.tag_id)
    return {row.tag_id: row for row in conn.execute(sa.select(runs).where(runs.c.seq.in_(last)))}


def put_counts(conn: Connection, tag_id: str, day: str, found: Sequence[tuple[str, int]]) -> None:
    """How many had which value on a day; the empty value stands for any."""
    conn.execute(counts.delete().where(counts.c.tag_id == tag_id, counts.c.day == day))
    conn.execute(
        counts.insert(),
        [{"tag_id": tag_id, "day": day, "value": value, "persons": persons} for value, persons in found],
    )


def counts_since(conn: Connection, tag_id: str, day: str) -> Sequence[Row[Any]]:
    query = sa.select(counts).where(counts.c.tag_id == tag_id, counts.c.day >= day).order_by(counts.c.day)
    return conn.execute(query).all()
