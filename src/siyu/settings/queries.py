"""SQL of settings."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.settings.tables import values


def read_value(conn: Connection, key: str) -> tuple[str, int] | None:
    """The JSON text and its version."""
    row = conn.execute(sa.select(values.c.value, values.c.version).where(values.c.key == key)).first()
    return (row.value, row.version) if row else None


def write_value(conn: Connection, key: str, value: str, version: int, now: int) -> None:
    """Store ``value`` as ``version``; version 1 is new."""
    row = {"value": value, "version": version, "changed_at": now}
    if version == 1:
        conn.execute(sa.insert(values).values(row | {"key": key}))
    else:
        conn.execute(sa.update(values).where(values.c.key == key).values(row))
