"""Who was treated and who was held out, for the review of a journey."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.journeys import queries


class Assigned(msgspec.Struct, frozen=True):
    """``treated`` and ``held``: person → when a holdout first let them go on, or kept them back (epoch ms). Without a
    holdout both are empty. ``percent`` is the share held out, as last set."""

    name: str
    since: int
    participants: int
    treated: dict[int, int]
    held: dict[int, int]
    percent: float


def assignments(conn: Connection, id: str) -> Assigned | None:
    """None for an unknown journey."""
    row: Row[Any] | None = queries.journey(conn, id)
    if row is None:
        return None
    treated: dict[int, int] = {}
    held: dict[int, int] = {}
    percent = 0.0
    for person, code, at, params in queries.holdout_steps(conn, id):
        side = treated if code == "treated" else held
        side[person] = min(at, side.get(person, at))
        percent = float(msgspec.json.decode(params).get("percent", 0.0))
    counts = queries.counts_of(conn, [id])
    return Assigned(row.name, row.published_at or 0, counts.get((id, "", "entered"), 0), treated, held, percent)
