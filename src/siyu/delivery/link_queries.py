"""SQL about tracked links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.delivery.tables import links
from siyu.store import bulk

_NAMES = ("code", "message_id", "person_id", "channel", "campaign", "journey_id", "address", "page", "made_at")


def put(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep links; one that is there already stays as it is."""
    unique = {row["code"]: [row[name] for name in _NAMES] for row in rows}
    bulk(
        conn,
        "INSERT INTO delivery_links"
        " (code, message_id, person_id, channel, campaign, journey_id, address, page, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) DO NOTHING",
        list(unique.values()),
    )


def link(conn: Connection, code: str) -> Row[Any] | None:
    return conn.execute(sa.select(links).where(links.c.code == code)).one_or_none()


def others_since(conn: Connection, row: Row[Any], since: int) -> int:
    """How many other links of the same message were opened since a moment."""
    where = sa.and_(links.c.message_id == row.message_id, links.c.code != row.code, links.c.last_at >= since)
    return int(conn.execute(sa.select(sa.func.count()).select_from(links).where(where)).scalar_one())


def note(conn: Connection, row: Row[Any], now: int, machine: bool) -> int:
    """Count a click; answers how many of its kind there have been."""
    column = links.c.scans if machine else links.c.clicks
    changed = sa.update(links).where(links.c.code == row.code)
    return int(conn.execute(changed.values({column: column + 1, links.c.last_at: now}).returning(column)).scalar_one())


def tallies(conn: Connection, journey: str) -> Sequence[Row[Any]]:
    """(page, messages with it, messages clicked, clicks, scans) of a campaign or journey, the most clicked first."""
    query = (
        sa.select(
            links.c.page,
            sa.func.count().label("made"),
            sa.func.sum(sa.case((links.c.clicks > 0, 1), else_=0)).label("clicked"),
            sa.func.sum(links.c.clicks).label("clicks"),
            sa.func.sum(links.c.scans).label("scans"),
        )
        .where(links.c.journey_id == journey)
        .group_by(links.c.page)
    )
    return conn.execute(query.order_by(sa.desc("clicked")).limit(50)).all()
