"""Identifiers that have to be forgotten though what happened under them stays: their value gives way to their anchor.

A veiled identifier keeps its place in the ledger, so that persons, merges and splits are what they were. Whoever names
the value again, in a callback played again or a list read late, means the veiled one; nothing writes the value down.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from siyu.collect import anchor_of
from siyu.identity import queries
from siyu.identity.types import VEIL


def veiled_key(key: str) -> str:
    """What stands in the place of an identifier key. The anchor is a hash that can't be turned back."""
    return f"{key.partition(':')[0]}:{VEIL}{anchor_of(key):x}"


def veil(conn: Connection, key: str, at: int, source: str) -> None:
    """Forget an identifier's value, in the caller's transaction; the veil says since when (epoch ms) and by whom."""
    queries.lock(conn)
    queries.rename(conn, key, veiled_key(key))
    queries.put_veil(conn, anchor_of(key), veiled_key(key), at, source)


def unveil(conn: Connection, keys: Sequence[str]) -> None:
    """Those of the identifiers that are veiled have been given anew."""
    for key, veiled in queries.veiled(conn, keys).items():
        queries.lock(conn)
        queries.drop_veil(conn, anchor_of(key))
        queries.rename(conn, veiled, key)
