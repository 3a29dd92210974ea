"""All SQL of traits kept apart."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.profiles.tables import sensitive, sensitive_traits, traits

_COLUMNS = "person_id, name, anchor, verb, source_id, value, at, first_value, first_at"


def classes(conn: Connection) -> dict[str, tuple[str, int]]:
    """Trait kept apart → (its class, since when)."""
    rows = conn.execute(sa.select(sensitive.c.name, sensitive.c["class"], sensitive.c.since).order_by(sensitive.c.name))
    return {row[0]: (row[1], row[2]) for row in rows}


def put_class(conn: Connection, name: str, kind: str | None, now: int) -> None:
    conn.execute(sa.delete(sensitive).where(sensitive.c.name == name))
    if kind is not None:
        conn.execute(sa.insert(sensitive).values({"name": name, "class": kind, "since": now}))


def move(conn: Connection, name: str, *, apart: bool) -> list[int]:
    """Carry a trait's rows over. Answers the persons who have some."""
    source, target = (traits, sensitive_traits) if apart else (sensitive_traits, traits)
    people = list(conn.execute(sa.select(source.c.person_id).where(source.c.name == name).distinct()).scalars())
    conn.execute(sa.insert(target).from_select(_COLUMNS.split(", "), sa.select(source).where(source.c.name == name)))
    conn.execute(sa.delete(source).where(source.c.name == name))
    return people
