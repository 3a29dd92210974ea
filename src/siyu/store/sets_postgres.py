"""Sets on PostgreSQL: the rows travel as one array a column and are unpacked inside the database.

An array's text is nearly JSON, so the fast JSON encoder writes it; the driver only passes it on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.store.sets_shape import apart, key_columns
from siyu.store.state import metadata

_INSERT = re.compile(r"\s*INSERT INTO (\w+)\s*\(([^)]*)\)\s*VALUES\s*\(([^)]*)\)(.*)", re.DOTALL | re.IGNORECASE)
_CHANGE = re.compile(r"\s*(UPDATE|DELETE FROM) (\w+)(.*?)\sWHERE\s(.*)", re.DOTALL | re.IGNORECASE)
_UPSERT = re.compile(r"ON CONFLICT \(([^)]*)\) DO UPDATE", re.IGNORECASE)
_COMPARED = re.compile(r"(\w+)\s*(?:=|<>|<=|>=|<|>)\s*\?")
_ESCAPES = (b"\\n", b"\\u", b"\\t", b"\\r", b"\\b", b"\\f")
_encode = msgspec.json.Encoder().encode


class _Whole(NamedTuple):
    """A statement over a whole set. ``key``: places of the values that name the row touched; sets are cut so that none
    names a row twice. Empty when that doesn't matter."""

    statement: str
    key: tuple[int, ...]


def bulk(conn: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    whole = _whole(statement)
    if whole is None:
        marked = statement.replace("?", "%s")
        return conn.exec_driver_sql(marked, [tuple(row) for row in rows]).rowcount
    touched = 0
    for part in apart(rows, whole.key):
        columns = tuple(_array(column) for column in zip(*part, strict=True))
        touched += conn.exec_driver_sql(whole.statement, columns).rowcount
    return touched


def among(conn: Connection, statement: str, wanted: Sequence[Any]) -> Sequence[Sequence[Any]]:
    several = isinstance(wanted[0], tuple)
    columns = list(zip(*wanted, strict=True)) if several else [wanted]
    arrays = ", ".join(f"%s::{'text' if isinstance(column[0], str) else 'bigint'}[]" for column in columns)
    values = f"IN (SELECT * FROM unnest({arrays}))" if several else f"= ANY({arrays})"  # noqa: S608
    cursor = conn.connection.cursor()
    cursor.execute(statement.replace("IN {values}", values), [_array(column) for column in columns])
    return list(cursor.fetchall())


@cache
def _whole(statement: str) -> _Whole | None:
    """The statement over arrays, or None where it can't be told what its values are."""
    return _whole_insert(statement) or _whole_change(statement)


def _whole_insert(statement: str) -> _Whole | None:
    found = _INSERT.fullmatch(statement)
    if found is None or found[1] not in metadata.tables:
        return None
    columns = [name.strip() for name in found[2].split(",")]
    values = [value.strip() for value in found[3].split(",")]
    given = [column for column, value in zip(columns, values, strict=True) if value == "?"]
    kinds = [_kind(found[1], column) for column in given]
    if None in kinds:
        return None
    numbers = iter(range(len(given)))
    unpacked = ", ".join(f"u.c{next(numbers)}" if value == "?" else value for value in values)
    upsert = _UPSERT.search(found[4])
    target = [name.strip() for name in upsert[1].split(",")] if upsert else []
    key = tuple(given.index(name) for name in target if name in given)
    into = f"INSERT INTO {found[1]} ({', '.join(columns)}) SELECT {unpacked}"
    return _Whole(f"{into} FROM {_unnest(kinds)} WHERE true{found[4]}", key)


def _whole_change(statement: str) -> _Whole | None:
    """An UPDATE or DELETE whose condition begins with the key of its rows: ``WHERE a = ? AND b = ? …``."""
    found = _CHANGE.fullmatch(statement)
    compared = _COMPARED.findall(statement)
    if found is None or found[2] not in metadata.tables or len(compared) != statement.count("?"):
        return None
    kinds = [_kind(found[2], column) for column in compared]
    first = found[3].count("?")
    key = tuple(range(first, first + len(key_columns(found[4]))))
    if None in kinds or not key:
        return None
    numbers = iter(range(len(kinds)))
    head, where = (re.sub(r"\?", lambda _: f"u.c{next(numbers)}", part) for part in (found[3], found[4]))
    joined = "USING" if found[1].upper().startswith("DELETE") else "FROM"
    return _Whole(f"{found[1]} {found[2]}{head} {joined} {_unnest(kinds)} WHERE {where}", key)


def _unnest(kinds: Sequence[str | None]) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    return f"unnest({arrays}) AS u({', '.join(f'c{number}' for number in range(len(kinds)))})"


def _kind(table: str, column: str) -> str | None:
    """How the array of a column's values is called; None for bytes, whose array would be twice their size."""
    found = metadata.tables[table].c.get(column)
    kinds = ((sa.Boolean, "boolean"), (sa.Integer, "bigint"), (sa.Float, "double precision"), (sa.Text, "text"))
    return None if found is None else next((name for kind, name in kinds if isinstance(found.type, kind)), None)


def _array(values: Sequence[Any]) -> str:
    """The text of an array. JSON's differs from it in the brackets, and in how it writes control characters.

    NUL, which no text can hold, becomes U+FFFD: in a set from within there is nobody left who could mend it.
    """
    text = _encode(values)
    if b"\\" in text:
        rest = text.replace(b"\\\\", b"")
        if any(escape in rest for escape in _ESCAPES):
            return "{" + ",".join("null" if value is None else _quoted(value) for value in values) + "}"
    return "{" + text[1:-1].decode() + "}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\ufffd")
    return f'"{escaped}"'
