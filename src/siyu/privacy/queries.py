"""All SQL of the privacy room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.privacy.tables import consents
from siyu.privacy.types import Consent
from siyu.store import bulk, chunks

_MANY = 5_000

_BY_PERSON = sa.select(
    consents.c.person_id,
    consents.c.channel,
    consents.c.purpose,
    consents.c.state,
    consents.c.at,
    consents.c.evidence,
    consents.c.source_id,
).where(consents.c.person_id.in_(sa.bindparam("persons", expanding=True)))


def consents_of(conn: Connection, persons: Sequence[int]) -> dict[int, list[Consent]]:
    """Every statement that holds, by person; persons who never said anything are not in the answer."""
    found: dict[int, list[Consent]] = defaultdict(list)
    for part in chunks(list(persons), _MANY):
        for person, channel, purpose, state, at, evidence, source_id in conn.execute(_BY_PERSON, {"persons": part}):
            found[person].append(Consent(person, channel, purpose, state == "withdrawn", at, evidence, source_id))
    return dict(found)


def save(conn: Connection, rows: Iterable[Consent]) -> None:
    """Write statements over those of the same person, channel and purpose."""
    bulk(
        conn,
        "INSERT INTO privacy_consents (person_id, channel, purpose, state, at, evidence, source_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person_id, channel, purpose) DO UPDATE SET"
        " state = excluded.state, at = excluded.at, evidence = excluded.evidence, source_id = excluded.source_id",
        [
            (row.person, row.channel, row.purpose, _state(row), row.at, row.evidence, row.source_id)
            for row in rows
        ],
    )  # fmt: skip


def _state(row: Consent) -> str:
    return "withdrawn" if row.withdrawn else "granted"
