"""Definitions of audiences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.audiences.tables import audiences, changes, head, pending, sizes, snapshots


def all_of(conn: Connection) -> Sequence[Row[Any]]:
    return conn.execute(sa.select(audiences)).all()


def page(conn: Connection, after: tuple[int, str] | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first; ``after`` is (created_at, id)."""
    query = sa.select(audiences).order_by(audiences.c.created_at.desc(), audiences.c.id.desc()).limit(limit)
    if after is not None:
        at, name = after
        same = sa.and_(audiences.c.created_at == at, audiences.c.id < name)
        query = query.where(sa.or_(audiences.c.created_at < at, same))
    return conn.execute(query).all()


def one(conn: Connection, audience_id: str) -> Row[Any] | None:
    return conn.execute(sa.select(audiences).where(audiences.c.id == audience_id)).one_or_none()


def spent(conn: Connection) -> dict[str, float]:
    """Kind → what computing all audiences of it takes, ms."""
    query = sa.select(audiences.c.kind, sa.func.sum(audiences.c.computed_ms)).group_by(audiences.c.kind)
    return {row[0]: row[1] for row in conn.execute(query)}


def add(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(audiences.insert().values(values))


def update(conn: Connection, audience_id: str, values: dict[str, Any]) -> None:
    conn.execute(audiences.update().where(audiences.c.id == audience_id).values(values))


def drop(conn: Connection, audience_id: str) -> None:
    for table in (changes, snapshots, sizes, pending):
        conn.execute(table.delete().where(table.c.audience_id == audience_id))
    conn.execute(audiences.delete().where(audiences.c.id == audience_id))


def note_edit(conn: Connection) -> None:
    """Definitions have changed: whoever holds them reads them again."""
    edited = conn.execute(head.update().values(edits=head.c.edits + 1))
    if not edited.rowcount:
        conn.execute(head.insert().values(id=1, seq=0, edits=1, settled_at=0, due_at=0))


def computed(conn: Connection, ids: Sequence[str], at: int) -> None:
    """Everybody was looked at for these at ``at`` (epoch ms)."""
    conn.execute(audiences.update().where(audiences.c.id.in_(ids)).values(computed_at=at))


def scheduled_until(conn: Connection, at: int) -> Sequence[Row[Any]]:
    """Scheduled audiences that are due by ``at`` (epoch ms), the longest waiting first."""
    due = sa.and_(audiences.c.kind == "scheduled", audiences.c.next_at > 0, audiences.c.next_at <= at)
    return conn.execute(sa.select(audiences).where(due).order_by(audiences.c.next_at)).all()


def texts(conn: Connection) -> list[tuple[str, str, str]]:
    """(id, name, rule as JSON text) of every audience."""
    rows = conn.execute(sa.select(audiences.c.id, audiences.c.name, audiences.c.rule).order_by(audiences.c.name))
    return [(row[0], row[1], row[2]) for row in rows]
