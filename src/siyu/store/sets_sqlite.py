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

from siyu.store.sets_shape import apart, key_columns

_FEW = 16
_INSERT = re.compile(r"\s*(INSERT INTO .*?\))\s*VALUES\s*\((.*?)\)(.*)", re.DOTALL | re.IGNORECASE)
_UPDATE = re.compile(r"\s*UPDATE (\w+)\s+SET\s+(.*?)\sWHERE\s(.*)", re.DOTALL | re.IGNORECASE)
_SET = re.compile(r"(\w+)\s*=")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[list[Any]]).decode


def bulk(conn: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    few = len(rows) < _FEW or any(isinstance(value, bytes) for value in rows[0])
    if not few and (insert := _set_insert(statement)):
        return conn.exec_driver_sql(insert, (_encode(rows).decode(),)).rowcount
    if not few and (update := _set_update(statement)):
        parts = apart(rows, update[1])
        return sum(conn.exec_driver_sql(update[0], (_encode(part).decode(),)).rowcount for part in parts)
    return conn.exec_driver_sql(statement, [tuple(row) for row in rows]).rowcount


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


@cache
def _set_update(statement: str) -> tuple[str, tuple[int, ...]] | None:
    """The update with its values read out of a JSON array, and the places of those that name a row; None when it
    doesn't say which rows it changes, or changes what names them: then one may have to see what the one before did."""
    found = _UPDATE.fullmatch(statement)
    if found is None:
        return None
    table, changes, where = found.groups()
    named = key_columns(where)
    if not named or set(named) & set(_SET.findall(changes)):
        return None
    numbers = iter(range(statement.count("?")))
    changes, where = (re.sub(r"\?", lambda _: f"u.c{next(numbers)}", part) for part in (changes, where))
    unpacked = ", ".join(f"json_extract(value, '$[{n}]') AS c{n}" for n in range(statement.count("?")))
    first = found[2].count("?")
    set_wise = f"UPDATE {table} SET {changes} FROM (SELECT {unpacked} FROM json_each(?)) AS u WHERE {where}"  # noqa: S608
    return set_wise, tuple(range(first, first + len(named)))


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
