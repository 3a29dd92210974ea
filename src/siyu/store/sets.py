"""Many rows in one statement, on either database.

Rows that go one by one cost a turn of the interpreter each on SQLite, and a step of the protocol each on PostgreSQL
(docs/decisions/0003-sets-not-rows.md). Here they travel as one text for all, or as one for every column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from siyu.store import sets_postgres, sets_sqlite


def bulk(conn: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run one statement for many rows, as if one after the other; write ``?`` for each value.

    Answers the rows touched.
    """
    if not rows:
        return 0
    if conn.dialect.name == "postgresql":
        return sets_postgres.bulk(conn, statement, rows)
    return sets_sqlite.bulk(conn, statement, rows)


def among(conn: Connection, statement: str, values: Iterable[Any]) -> Sequence[Sequence[Any]]:
    """Run ``SELECT … WHERE column IN {values}`` for any number of values of one type; answers the rows.

    Values that are tuples are looked for among several columns: ``WHERE (one, two) IN {values}``.
    """
    wanted = list(values)
    if not wanted:
        return []
    if conn.dialect.name == "postgresql":
        return sets_postgres.among(conn, statement, wanted)
    return sets_sqlite.among(conn, statement, wanted)
