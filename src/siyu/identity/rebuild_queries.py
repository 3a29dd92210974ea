"""SQL of the whole ledger, read in parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy.engine import Connection

from siyu.identity.ledger_queries import apart, links_of
from siyu.identity.queries import rows_by_id
from siyu.identity.types import REMOVED

_PART = 100_000


def _read(conn: Connection, statement: str) -> Iterator[list[Any]]:
    """Rows in parts, as the driver gives them: at ten million, anything around a row costs seconds.

    A cursor with a name stays in a PostgreSQL server, which would otherwise send all rows at once.
    """
    named = ("ledger",) if conn.dialect.name == "postgresql" else ()
    cursor: Any = conn.connection.cursor(*named)
    try:
        cursor.execute(statement)
        while part := cursor.fetchmany(_PART):
            yield list(part)
    finally:
        cursor.close()


def identifiers(conn: Connection) -> Iterator[list[Any]]:
    """(id, key, person, state)."""
    return _read(conn, "SELECT id, key, person_id, state FROM identity_identifiers")


def link_ends(conn: Connection) -> Iterator[list[Any]]:
    """(one, two) of the links that are not removed."""
    return _read(conn, f"SELECT one, two FROM identity_links WHERE state <> {REMOVED}")  # noqa: S608


def decided(conn: Connection) -> set[int]:
    """Identifiers that operators set apart."""
    rows = conn.exec_driver_sql(
        "SELECT one, two FROM identity_decisions WHERE undone_at IS NULL AND verb IN ('apart', 'split')"
    )
    return {end for row in rows for end in row}


def keys(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    return {row.id: row.key for row in rows_by_id(conn, ids).values()}


def links_among(conn: Connection, ids: Collection[int]) -> list[tuple[int, int, int, int]]:
    """(one, two, at, manual) of the links that touch these and are not removed."""
    return [
        (link.one, link.two, link.at, link.manual) for link in links_of(conn, ids).values() if link.state != REMOVED
    ]


__all__ = ["apart", "decided", "identifiers", "keys", "link_ends", "links_among"]
