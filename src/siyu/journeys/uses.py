"""Which journeys would miss an audience or a tag."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from siyu.audiences import Use
from siyu.content import mentions
from siyu.journeys.queries import naming


def uses(conn: Connection, name: str) -> list[Use]:
    """Journeys that name an audience or a tag (its id, or ``tag.`` and its name in a text) or have people in a version
    that does."""
    found = {id: title for id, title, graph in naming.holding(conn, name) if mentions(graph, name)}
    return [Use(id, title) for id, title in sorted(found.items(), key=lambda pair: (pair[1], pair[0]))]
