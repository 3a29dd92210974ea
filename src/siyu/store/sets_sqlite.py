"""Sets on SQLite: the rows travel as one JSON text and are unpacked inside the database.

The driver lets go of the interpreter once for a whole set instead of once for every row. With other threads running
Python, each of those moments costs up to a thread switch, and settling slows to a third.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

_FEW = 16
_INSERT = re.compile(r"\s*(INSERT INTO .*?\))\s*VALUES\s*\((.*?)\)(.*)", re.DOTALL | re.IGNORECASE)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[list[Any]]).decode


def bulk(conn: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    as_set = _set_insert(statement)
    if as_set is None or len(rows) < _FEW or any(isinstance(value, bytes) for value in rows[0]):
        return conn.exec_driver_sql(statement, [tuple(row) for row in rows]).rowcount
    return conn.exec_driver_sql(as_set, (_encode(rows).decode(),)).rowcount


@cache
def _set_insert(statement: str) -> str | None:
    """The insert with its rows read out of a JSON array, or None when it is no plain insert."""
    found = _INSERT.fullmatch(statement)
    if found is None:
        return None
    into, values, rest = found.groups()
    numbers = iter(range(values.count("?")))
    unpacked = re.sub(r"\?", lambda _: f"json_extract(value, '$[{next(numbers)}]')", values)
    return f"{into} SELECT {unpacked} FROM json_each(?) WHERE true{rest}"  # noqa: S608


def among(conn: Connection, statement: str, wanted: Sequence[Any]) -> Sequence[Sequence[Any]]:
    cursor = conn.connection.cursor()
    given = _encode(wanted).decode()
    width = len(wanted[0]) if isinstance(wanted[0], tuple) else 0
    value = ", ".join(f"json_extract(value, '$[{number}]')" for number in range(width)) or "value"
    plain = statement.replace("{values}", f"(SELECT {value} FROM json_each(?))")  # noqa: S608
    if len(wanted) < _FEW:
        cursor.execute(plain, (given,))
        return list(cursor.fetchall())
    names = _column_names(cursor, plain)
    wrapped = f"WITH found({names}) AS ({plain}) SELECT json_group_array(json_array({names})) FROM found"  # noqa: S608
    packed: Any = cursor.execute(wrapped, (given,))
    return _decode(packed.fetchone()[0])


_names: dict[str, str] = {}


def _column_names(cursor: Any, statement: str) -> str:
    if statement not in _names:
        cursor.execute(f"SELECT * FROM ({statement}) LIMIT 0", ("[]",))  # noqa: S608
        _names[statement] = ", ".join(f"c{number}" for number in range(len(cursor.description)))
    return _names[statement]
