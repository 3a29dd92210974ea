"""Who is in which audience, and what changed: snapshots and the changes after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.audiences.tables import changes, head, snapshots
from siyu.store import bulk


class Head(NamedTuple):
    seq: int
    edits: int
    settled_at: int


Change = tuple[str, int, str]
"""(audience id, person, change)."""


def head_of(conn: Connection) -> Head:
    row = conn.execute(sa.select(head.c.seq, head.c.edits, head.c.settled_at)).one_or_none()
    return Head(*row) if row is not None else Head(0, 0, 0)


def followed(conn: Connection, at: int) -> None:
    conn.execute(head.update().values(settled_at=at))


def add_changes(conn: Connection, rows: Sequence[Change], at: int, batch: int) -> int:
    """Write changes in order; answers the number of the first. The row lock on the head keeps writers in line."""
    last = conn.execute(head.update().values(seq=head.c.seq + len(rows)).returning(head.c.seq)).scalar_one()
    first = int(last) - len(rows) + 1
    numbered = [
        (seq, audience, person, change, at, batch) for seq, (audience, person, change) in enumerate(rows, first)
    ]
    bulk(
        conn,
        "INSERT INTO audiences_changes (seq, audience_id, person_id, change, at, batch) VALUES (?, ?, ?, ?, ?, ?)",
        numbered,
    )
    return first


def changes_between(conn: Connection, after: int, last: int) -> Iterable[tuple[int, str, int, str]]:
    """(seq, audience id, person, change) of changes after ``after`` up to ``last``, in order."""
    query = sa.select(changes.c.seq, changes.c.audience_id, changes.c.person_id, changes.c.change)
    query = query.where(changes.c.seq > after, changes.c.seq <= last).order_by(changes.c.seq)
    return [tuple(row) for row in conn.execute(query)]


def changes_of(conn: Connection, audience_id: str, after: int) -> list[tuple[int, int, str]]:
    """(seq, person, change) of one audience after ``after``, in order."""
    query = sa.select(changes.c.seq, changes.c.person_id, changes.c.change)
    query = query.where(changes.c.audience_id == audience_id, changes.c.seq > after).order_by(changes.c.seq)
    return [tuple(row) for row in conn.execute(query)]


def news_page(conn: Connection, audience_id: str, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Persons who entered or left, the latest first."""
    query = sa.select(changes).where(changes.c.audience_id == audience_id, changes.c.change.in_(("entered", "left")))
    if before is not None:
        query = query.where(changes.c.seq < before)
    return conn.execute(query.order_by(changes.c.seq.desc()).limit(limit)).all()


def news_counts(conn: Connection, ids: Collection[str], since: int) -> dict[tuple[str, str], int]:
    """(audience id, change) → how often since ``since`` (epoch ms)."""
    query = sa.select(changes.c.audience_id, changes.c.change, sa.func.count())
    query = query.where(changes.c.audience_id.in_(ids), changes.c.at >= since)
    return {(row[0], row[1]): row[2] for row in conn.execute(query.group_by(changes.c.audience_id, changes.c.change))}


def last_in(conn: Connection, person: int) -> dict[str, int]:
    """Audience id → when this person last came in, where that is known."""
    query = sa.select(changes.c.audience_id, sa.func.max(changes.c.at))
    query = query.where(changes.c.person_id == person, changes.c.change.in_(("entered", "joined")))
    return {row[0]: row[1] for row in conn.execute(query.group_by(changes.c.audience_id))}


def snapshot_of(conn: Connection, audience_id: str) -> Row[Any] | None:
    return conn.execute(sa.select(snapshots).where(snapshots.c.audience_id == audience_id)).one_or_none()


def put_snapshot(conn: Connection, audience_id: str, filled: int, seq: int, members: bytes) -> None:
    values = {"filled": filled, "seq": seq, "members": members}
    if not conn.execute(snapshots.update().where(snapshots.c.audience_id == audience_id).values(values)).rowcount:
        conn.execute(snapshots.insert().values(audience_id=audience_id, **values))


def changes_since_snapshot(conn: Connection) -> dict[str, int]:
    query = sa.select(changes.c.audience_id, sa.func.count())
    query = query.join(snapshots, snapshots.c.audience_id == changes.c.audience_id)
    query = query.where(changes.c.seq > snapshots.c.seq).group_by(changes.c.audience_id)
    return {row[0]: row[1] for row in conn.execute(query)}


def forget_before(conn: Connection, at: int) -> None:
    """Drop changes older than ``at`` (epoch ms) that a snapshot holds."""
    held = sa.select(snapshots.c.seq).where(snapshots.c.audience_id == changes.c.audience_id).scalar_subquery()
    conn.execute(changes.delete().where(changes.c.at < at, changes.c.seq <= held))
