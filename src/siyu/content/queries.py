"""All SQL of the content room."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.content.tables import templates, versions
from siyu.store import chunks

_NEWEST = sa.select(templates, versions.c.draft, versions.c.at, versions.c.by).join(
    versions, sa.and_(versions.c.template_id == templates.c.id, versions.c.number == templates.c.version)
)


def newest(conn: Connection, id: str) -> Row[Any] | None:
    """A template with its newest version."""
    return conn.execute(_NEWEST.where(templates.c.id == id)).one_or_none()


def list_newest(
    conn: Connection, channel: str | None, archived: bool, after: tuple[int, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Newest templates first."""
    query = _NEWEST.where(templates.c.archived == archived)
    if channel:
        query = query.where(templates.c.channel == channel)
    if after is not None:
        query = query.where(sa.tuple_(templates.c.created_at, templates.c.id) < sa.tuple_(*after))
    return conn.execute(query.order_by(templates.c.created_at.desc(), templates.c.id.desc()).limit(limit)).all()


def holding(conn: Connection, text: str) -> Sequence[Row[Any]]:
    """Templates in whose newest version a text stands somewhere, archived ones aside."""
    query = _NEWEST.where(~templates.c.archived, versions.c.draft.contains(text, autoescape=True))
    return conn.execute(query.order_by(templates.c.name, templates.c.id)).all()


def version_rows(conn: Connection, id: str) -> Sequence[Row[Any]]:
    """Every version of a template, newest first."""
    query = sa.select(versions).where(versions.c.template_id == id).order_by(versions.c.number.desc())
    return conn.execute(query.limit(100)).all()


def drafts(conn: Connection, ids: Collection[str]) -> dict[tuple[str, int], str]:
    """(template, version) → draft as JSON text; version 0 is the newest of one that is not archived."""
    found: dict[tuple[str, int], str] = {}
    for part in chunks(sorted(ids)):
        rows = conn.execute(sa.select(versions).where(versions.c.template_id.in_(part)))
        found.update({(row.template_id, row.number): row.draft for row in rows})
        living = sa.select(templates.c.id, templates.c.version)
        for row in conn.execute(living.where(templates.c.id.in_(part), ~templates.c.archived)):
            found[row.id, 0] = found[row.id, row.version]
    return found


def newest_numbers(conn: Connection, ids: Collection[str]) -> dict[str, int]:
    rows = conn.execute(sa.select(templates.c.id, templates.c.version).where(templates.c.id.in_(list(ids))))
    return {row.id: row.version for row in rows}


def insert(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(templates).values(dict(values)))


def add_version(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(versions).values(dict(values)))


def update(conn: Connection, id: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(templates).where(templates.c.id == id).values(dict(values)))
