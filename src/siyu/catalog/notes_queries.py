"""All SQL of what operators say, what was seen, and events that took over another's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.catalog.tables import notes, seen
from siyu.store import EventEngine, bulk

Place = tuple[str, str, str, str, str]
"""Kind, name, property, source id, type."""
_MOST_ROWS = 1_000
"""Rows kept of one name: a client that makes up property names must not fill the disk."""


class Glimpse(msgspec.Struct):
    first_at: int
    last_at: int
    seen: int
    examples: list[str]


def add_seen(conn: Connection, found: Mapping[Place, Glimpse]) -> None:
    names = {(place[0], place[1]) for place in found}
    rows = conn.execute(sa.select(seen.c.kind, seen.c.name, sa.func.count()).group_by(seen.c.kind, seen.c.name))
    held = Counter({(row[0], row[1]): int(row[2]) for row in rows if (row[0], row[1]) in names})
    bulk(
        conn,
        "INSERT INTO catalog_seen (kind, name, property, source_id, type, first_at, last_at, seen, examples)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, name, property, source_id, type) DO UPDATE SET"
        " last_at = excluded.last_at, seen = catalog_seen.seen + excluded.seen,"
        " examples = CASE WHEN catalog_seen.examples = '[]' THEN excluded.examples ELSE catalog_seen.examples END",
        [
            (*place, one.first_at, one.last_at, one.seen, msgspec.json.encode(one.examples).decode())
            for place, one in found.items()
            if held[place[0], place[1]] < _MOST_ROWS
        ],
    )


def seen_of(conn: Connection, kind: str, name: str | None) -> dict[Place, Glimpse]:
    query = sa.select(seen).where(seen.c.kind == kind)
    if name is not None:
        query = query.where(seen.c.name == name)
    return {
        (row[0], row[1], row[2], row[3], row[4]): Glimpse(row[5], row[6], row[7], msgspec.json.decode(row[8]))
        for row in conn.execute(query)
    }


def forget_examples(conn: Connection, kind: str, name: str) -> None:
    conn.execute(sa.update(seen).where(seen.c.kind == kind, seen.c.name == name).values(examples="[]"))


def note_rows(conn: Connection, kind: str) -> dict[str, Row[Any]]:
    return {row.name: row for row in conn.execute(sa.select(notes).where(notes.c.kind == kind))}


def note_row(conn: Connection, kind: str, name: str) -> Row[Any] | None:
    return conn.execute(sa.select(notes).where(notes.c.kind == kind, notes.c.name == name)).one_or_none()


def put_note(conn: Connection, kind: str, name: str, values: Mapping[str, Any]) -> None:
    """``values`` with the version it gets; version 1 is new."""
    if values["version"] == 1:
        conn.execute(sa.insert(notes).values(kind=kind, name=name, **values))
    else:
        conn.execute(sa.update(notes).where(notes.c.kind == kind, notes.c.name == name).values(**values))


def merged(conn: Connection) -> dict[str, str]:
    """Event name → the event that took it over."""
    rows = conn.execute(sa.select(notes.c.name, notes.c.merged_into).where(notes.c.merged_into != ""))
    return {row[0]: row[1] for row in rows}


def unfinished(conn: Connection) -> list[tuple[str, str]]:
    """(event, the one that took it over, empty when that was taken back) of which rows may be left to rewrite."""
    rows = conn.execute(sa.select(notes.c.name, notes.c.merged_into).where(notes.c.merged_rows < 0))
    return [(row[0], row[1]) for row in rows]


def finished(conn: Connection, name: str, rows: int) -> None:
    conn.execute(sa.update(notes).where(notes.c.kind == "event", notes.c.name == name).values(merged_rows=rows))


def rows_called(engine: EventEngine, name: str, original: bool) -> int:
    column = "original" if original else "event"
    sql = f"SELECT count() FROM events WHERE {column} = {{name:String}}"  # noqa: S608 - one of two words
    return int(engine.query(sql, {"name": name}).one()[0])


def call(engine: EventEngine, name: str, into: str) -> None:
    """Give the rows of one event another name and keep the old one beside it; with ``into`` empty, take that back."""
    if into:
        sets, where = "original = if(original = '', event, original), event = {into:String}", "event = {name:String}"
    else:
        sets, where = "event = original, original = ''", "original = {name:String}"
    engine.rewrite(f"ALTER TABLE events UPDATE {sets} WHERE {where}", {"name": name, "into": into})
