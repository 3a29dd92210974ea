"""All SQL of the privacy room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.privacy.tables import consents, seals
from siyu.privacy.types import Consent, Seal
from siyu.store import among, bulk, chunks

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


def move(conn: Connection, source: int, target: int, anchors: Collection[int] | None) -> None:
    """Give ``target`` what these anchors of ``source`` said, or with None all of it, seals included."""
    if anchors is None:
        for table in (consents, seals):
            conn.execute(sa.update(table).where(table.c.person_id == source).values(person_id=target))
        return
    for part in chunks(sorted(anchors)):
        theirs = sa.and_(consents.c.person_id == source, consents.c.anchor.in_(part))
        conn.execute(sa.update(consents).where(theirs).values(person_id=target))


def seals_of(conn: Connection, person: int) -> list[Seal]:
    """The oldest first, so that a seal comes after those it was put upon."""
    rows = conn.execute(sa.select(seals).where(seals.c.person_id == person).order_by(seals.c.seq))
    return [Seal(row.anchor, row.person_id, _anchors(row.kept), _anchors(row.joined), row.until) for row in rows]


def _anchors(text: str) -> frozenset[int]:
    return frozenset(msgspec.json.decode(text, type=list[int]))


def put_seal(conn: Connection, seal: Seal) -> None:
    sides = {name: msgspec.json.encode(sorted(getattr(seal, name))).decode() for name in ("kept", "joined")}
    values = {"anchor": seal.anchor, "person_id": seal.person, "until": seal.until} | sides
    conn.execute(sa.insert(seals).values(values))


def give_seal(conn: Connection, seal: Seal, person: int) -> None:
    conn.execute(sa.update(seals).where(seals.c.anchor == seal.anchor).values(person_id=person))
    conn.execute(sa.update(consents).where(_of_seal(seal)).values(person_id=person))


def sealed(conn: Connection, persons: Sequence[int]) -> list[int]:
    """Those of the persons who have a seal."""
    rows = among(conn, "SELECT DISTINCT person_id FROM privacy_seals WHERE person_id IN {values}", persons)
    return [row[0] for row in rows]


def empty_seal(conn: Connection, seal: Seal) -> None:
    conn.execute(sa.delete(consents).where(_of_seal(seal)))


def break_seal(conn: Connection, seal: Seal) -> None:
    conn.execute(sa.delete(seals).where(seals.c.anchor == seal.anchor))
    empty_seal(conn, seal)


def _of_seal(seal: Seal) -> Any:
    return sa.and_(consents.c.person_id == seal.person, consents.c.anchor == seal.anchor)


def _state(row: Consent) -> str:
    return "withdrawn" if row.withdrawn else "granted"
