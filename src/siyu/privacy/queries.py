"""All SQL of the privacy room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.privacy.tables import consents
from siyu.privacy.types import Consent
from siyu.store import among, bulk

_BY_PERSON = """
    SELECT person_id, anchor, channel, purpose, state, at, evidence, source_id
    FROM privacy_consents WHERE person_id IN {values}
"""


def consents_of(conn: Connection, persons: Sequence[int]) -> dict[int, list[Consent]]:
    """What every anchor last said, by person; persons who never said anything are not in the answer."""
    found: dict[int, list[Consent]] = defaultdict(list)
    for person, anchor, channel, purpose, state, at, evidence, source_id in among(conn, _BY_PERSON, persons):
        found[person].append(Consent(person, anchor, channel, purpose, state == "withdrawn", at, evidence, source_id))
    return dict(found)


_WITHDRAWN = sa.text("privacy_consents.state = 'withdrawn'")
"""Written out, not bound, so that the index over just these rows is used."""


def count_withdrawn(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count(consents.c.person_id.distinct())).where(_WITHDRAWN)).scalar_one())


def some_withdrawn(conn: Connection, every: int) -> list[int]:
    """Persons who withdrew something; with ``every`` n only those whose number n divides."""
    query = sa.select(consents.c.person_id).where(_WITHDRAWN).distinct()
    if every > 1:
        query = query.where(consents.c.person_id % every == 0)
    return list(conn.execute(query).scalars())


def save(conn: Connection, rows: Iterable[Consent]) -> None:
    """Write statements over those of the same anchor, channel and purpose."""
    bulk(
        conn,
        "INSERT INTO privacy_consents (person_id, anchor, channel, purpose, state, at, evidence, source_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person_id, anchor, channel, purpose) DO UPDATE SET"
        " state = excluded.state, at = excluded.at, evidence = excluded.evidence, source_id = excluded.source_id",
        [
            (row.person, row.anchor, row.channel, row.purpose, _state(row), row.at, row.evidence, row.source_id)
            for row in rows
        ],
    )  # fmt: skip


def drop(conn: Connection, rows: Collection[Consent]) -> None:
    keys = [(row.person, row.anchor, row.channel, row.purpose) for row in rows]
    where = "person_id = ? AND anchor = ? AND channel = ? AND purpose = ?"
    bulk(conn, f"DELETE FROM privacy_consents WHERE {where}", keys)  # noqa: S608


def withdrawn_among(conn: Connection, persons: Collection[int]) -> set[int]:
    """Those of the persons of whom something is withdrawn."""
    statement = "SELECT person_id FROM privacy_consents WHERE state = 'withdrawn' AND person_id IN {values}"
    return {row[0] for row in among(conn, statement, persons)}


def _state(row: Consent) -> str:
    return "withdrawn" if row.withdrawn else "granted"
