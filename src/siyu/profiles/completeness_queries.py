"""All SQL of how complete portraits are."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.profiles.tables import traits
from siyu.store import EventEngine


def filled(engine: EventEngine, fields: Sequence[Sequence[str]]) -> tuple[int, list[int], int]:
    """Persons; of how many each field (any of its traits) is known; of how many all fields are."""
    knowns = [" OR ".join(f"ifNull(toString(traits.{_path(name)}), '') != ''" for name in names) for names in fields]
    columns = ", ".join(f"({known}) AS f{place}" for place, known in enumerate(knowns))
    counts = ", ".join(f"countIf(f{place})" for place in range(len(fields)))
    whole = " AND ".join(f"f{place}" for place in range(len(fields)))
    sql = f"""
        SELECT count(), {counts}, countIf({whole})
        FROM (SELECT {columns} FROM persons FINAL WHERE deleted = 0 AND staff = 0)
    """  # noqa: S608 - names from our own list
    total, *found = engine.query(sql, max_seconds=20).one()
    return int(total), [int(one) for one in found[:-1]], int(found[-1])


def _path(name: str) -> str:
    return ".".join(f"`{part}`" for part in name.split("."))


def sources_of(conn: Connection, names: Sequence[str]) -> list[tuple[str, str, int, int]]:
    """(trait, source id, persons it told that of, when it last did)."""
    query = (
        sa.select(
            traits.c.name,
            traits.c.source_id,
            sa.func.count(traits.c.person_id.distinct()),
            sa.func.max(traits.c.at),
        )
        .where(traits.c.name.in_(names), traits.c.verb.not_in(("unset", "gone")))
        .group_by(traits.c.name, traits.c.source_id)
    )
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in conn.execute(query)]
