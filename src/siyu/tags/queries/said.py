"""Values that were given to identifiers; they follow their identifier when it comes to another person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.identity import Move
from siyu.store import among, bulk, chunks
from siyu.tags.tables import said

Line = tuple[str, int, int, str, int, str]
"""tag id, anchor, person, value, at, by."""


def save(conn: Connection, lines: Sequence[Line]) -> None:
    """A later word of the same identifier takes the place of an earlier one."""
    bulk(
        conn,
        """INSERT INTO tags_said (tag_id, anchor, person_id, value, at, by) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (tag_id, anchor) DO UPDATE SET person_id = excluded.person_id, value = excluded.value,
            at = excluded.at, by = excluded.by""",
        lines,
    )


def anchors_of(conn: Connection, tag_id: str, people: Collection[int]) -> dict[int, list[int]]:
    """Person → the anchors under which they have a value of a tag."""
    rows = among(
        conn,
        f"SELECT person_id, anchor FROM tags_said WHERE tag_id = '{_name(tag_id)}' AND person_id IN {{values}}",  # noqa: S608
        people,
    )
    found: dict[int, list[int]] = {}
    for person, anchor in rows:
        found.setdefault(person, []).append(anchor)
    return found


def _name(tag_id: str) -> str:
    """Our own ids have no quotes."""
    if not tag_id.replace("_", "").isalnum():
        raise ValueError(tag_id)
    return tag_id


def values_of(conn: Connection, tag_id: str, people: Collection[int] | None = None) -> dict[int, str]:
    """Person → the value that holds: the latest word, of equally late ones that of the higher anchor."""
    query = sa.select(said.c.person_id, said.c.value).where(said.c.tag_id == tag_id).order_by(said.c.at, said.c.anchor)
    found: dict[int, str] = {}
    for part in [None] if people is None else chunks(sorted(people)):
        wanted = query if part is None else query.where(said.c.person_id.in_(part))
        found |= {row.person_id: row.value for row in conn.execute(wanted)}
    return {person: value for person, value in found.items() if value}


def words_of(conn: Connection, tag_id: str, person: int) -> Sequence[Row[Any]]:
    """What was said of a person, the latest first."""
    mine = sa.and_(said.c.tag_id == tag_id, said.c.person_id == person)
    return conn.execute(sa.select(said).where(mine).order_by(said.c.at.desc(), said.c.anchor.desc())).all()


def regroup(conn: Connection, moves: Sequence[Move]) -> None:
    """Follow identifiers that changed person, in their order."""
    for move in moves:
        if move.anchors is None:
            conn.execute(said.update().where(said.c.person_id == move.source).values(person_id=move.target))
            continue
        for part in chunks(sorted(move.anchors)):
            theirs = sa.and_(said.c.person_id == move.source, said.c.anchor.in_(part))
            conn.execute(said.update().where(theirs).values(person_id=move.target))
