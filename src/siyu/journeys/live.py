"""The journeys somebody may be in, with every version's plan."""

from __future__ import annotations

from collections import defaultdict

import msgspec
from sqlalchemy.engine import Connection

from siyu.journeys import queries
from siyu.journeys.plans import Plan, plan_of


class Journey(msgspec.Struct):
    """A published journey that is not retired. ``plan`` is what people enter now, ``plans`` every version's."""

    id: str
    name: str
    state: str
    version: int
    published_at: int
    plan: Plan
    plans: dict[int, Plan]


def load(conn: Connection) -> dict[str, Journey]:
    """Journeys somebody may be in, by id."""
    rows = queries.in_state(conn, ["live", "paused"])
    if not rows:
        return {}
    plans: dict[str, dict[int, Plan]] = defaultdict(dict)
    for (id, number), graph in queries.version_graphs(conn, [row.id for row in rows]).items():
        plans[id][number] = plan_of(graph)
    return {
        row.id: Journey(
            row.id,
            row.name,
            row.state,
            row.published_version,
            row.published_at,
            plans[row.id][row.published_version],
            plans[row.id],
        )
        for row in rows
    }


def names_of(journeys: dict[str, Journey]) -> dict[str, str]:
    return {journey.id: journey.name for journey in journeys.values()}
