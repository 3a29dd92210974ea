"""What kinds of identifiers mean: read and replaced as a whole; every version is kept."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import definition_queries as queries
from siyu.collect.identifiers import DEFAULTS, Definitions, IdentifierKind

_decode = msgspec.json.Decoder(tuple[IdentifierKind, ...]).decode


def current_definitions(conn: Connection) -> Definitions:
    """The definitions in force: one small row, decoded only when it has changed. Version 0 is what Siyu comes with."""
    row = queries.newest(conn)
    return _decoded(*row) if row else DEFAULTS


@lru_cache(maxsize=8)
def _decoded(version: int, value: str) -> Definitions:
    return Definitions(version, _decode(value))


def replace_definitions(
    conn: Connection, kinds: tuple[IdentifierKind, ...], version: int, now: int, actor: str
) -> Definitions:
    """Put ``kinds`` in force as ``version``."""
    queries.add(conn, version, msgspec.json.encode(kinds).decode(), now, actor)
    return Definitions(version, kinds)
