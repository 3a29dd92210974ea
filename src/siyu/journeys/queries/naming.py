"""Which journeys something stands in: an audience, a tag."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.journeys.tables import journeys, runs, versions


def holding(conn: Connection, text: str) -> list[tuple[str, str, str]]:
    """(id, name, graph) of drafts, published versions and versions people are in, in which a text stands somewhere."""
    kept = journeys.c.state != "retired"
    inside = sa.exists().where(
        runs.c.journey_id == versions.c.journey_id,
        runs.c.version == versions.c.number,
        runs.c.state.in_(["waiting", "parked"]),
    )
    published = sa.and_(kept, versions.c.number == journeys.c.published_version)
    drafts = sa.select(journeys.c.id, journeys.c.name, journeys.c.graph).where(
        kept, journeys.c.graph.contains(text, autoescape=True)
    )
    running = (
        sa.select(journeys.c.id, journeys.c.name, versions.c.graph)
        .join(versions, versions.c.journey_id == journeys.c.id)
        .where(versions.c.graph.contains(text, autoescape=True), sa.or_(published, inside))
    )
    return [(row[0], row[1], row[2]) for row in conn.execute(drafts.union(running))]
