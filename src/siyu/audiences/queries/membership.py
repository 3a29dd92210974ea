"""Who is in which audience, and what changed: snapshots and the changes after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.audiences.tables import changes, head, pending, sizes, snapshots
from siyu.store import among, bulk


class Head(NamedTuple):
    seq: int
    edits: int
    settled_at: int
    due_at: int


Change = tuple[str, int, str]
"""(audience id, person, change)."""


def head_of(conn: Connection) -> Head:
    row = conn.execute(sa.select(head.c.seq, head.c.edits, head.c.settled_at, head.c.due_at)).one_or_none()
    return Head(*row) if row is not None else Head(0, 0, 0, 0)


def followed(conn: Connection, at: int) -> None:
    conn.execute(head.update().values(settled_at=at))


def followed_time(conn: Connection, at: int) -> None:
    """The passing of time has been followed until ``at`` (epoch ms)."""
    conn.execute(head.update().values(due_at=at))


def begin_time(conn: Connection, at: int) -> None:
    """The passing of time is to be followed from ``at`` on, unless it is followed already."""
    conn.execute(head.update().where(head.c.due_at == 0).values(due_at=at))


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


def joined(conn: Connection, audience_id: str, people: Collection[int]) -> dict[int, int]:
    """Person → when they last came into an audience, where that is known."""
    return {person: at for name, person, at in among(conn, _JOINED, people) if name == audience_id}


_JOINED = """
    SELECT audience_id, person_id, max(at) AS at FROM audiences_changes
    WHERE change IN ('entered', 'joined') AND person_id IN {values} GROUP BY audience_id, person_id
"""


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


def note_size(conn: Connection, audience_id: str, at: int, size: int) -> None:
    again = sizes.update().where(sizes.c.audience_id == audience_id, sizes.c.at == at)
    if not conn.execute(again.values(size=size)).rowcount:
        conn.execute(sizes.insert().values(audience_id=audience_id, at=at, size=size))


def sized_since(conn: Connection, at: int) -> set[str]:
    """Audiences whose size was noted since ``at`` (epoch ms)."""
    return set(conn.execute(sa.select(sizes.c.audience_id).where(sizes.c.at >= at).distinct()).scalars())


def sizes_of(conn: Connection, audience_id: str, since: int, most: int) -> list[tuple[int, int]]:
    """(epoch ms, size) since then, in order; the newest when there are more than ``most``."""
    query = sa.select(sizes.c.at, sizes.c.size).where(sizes.c.audience_id == audience_id, sizes.c.at >= since)
    rows = conn.execute(query.order_by(sizes.c.at.desc()).limit(most)).all()
    return [(row.at, row.size) for row in reversed(rows)]


def put_pending(conn: Connection, audience_id: str, members: bytes) -> None:
    """Changes against ``members`` are to be told; an earlier state that still waits stays."""
    found = conn.execute(sa.select(pending.c.audience_id).where(pending.c.audience_id == audience_id))
    if found.one_or_none() is None:
        conn.execute(pending.insert().values(audience_id=audience_id, members=members))


def pending_of(conn: Connection) -> Sequence[Row[Any]]:
    return conn.execute(sa.select(pending)).all()


def drop_pending(conn: Connection, audience_id: str) -> None:
    conn.execute(pending.delete().where(pending.c.audience_id == audience_id))


def changes_after(conn: Connection, audience_id: str, at: int) -> list[tuple[int, str]]:
    """(person, change) of one audience since ``at`` (epoch ms), the latest first."""
    query = sa.select(changes.c.person_id, changes.c.change).where(changes.c.audience_id == audience_id)
    rows = conn.execute(query.where(changes.c.at >= at).order_by(changes.c.seq.desc()))
    return [(row.person_id, row.change) for row in rows]
