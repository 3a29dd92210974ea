"""SQL of the definitions of identifier kinds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.collect.tables import identifier_kinds


def newest(conn: Connection) -> tuple[int, str] | None:
    """(version, JSON text)."""
    row = conn.execute(
        sa.select(identifier_kinds.c.version, identifier_kinds.c.value)
        .order_by(identifier_kinds.c.version.desc())
        .limit(1)
    ).first()
    return (row.version, row.value) if row else None


def add(conn: Connection, version: int, value: str, now: int, actor: str) -> None:
    conn.execute(sa.insert(identifier_kinds).values(version=version, value=value, changed_at=now, changed_by=actor))
