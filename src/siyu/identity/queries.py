"""All SQL of the identity room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.identity.tables import identifiers, links, persons
from siyu.identity.types import Conflict, Identifier, Merge
from siyu.store import among, bulk


def owners(conn: Connection, keys: Collection[str]) -> dict[str, int]:
    """Identifier key → canonical person, for the keys that are known."""
    return {
        row[0]: row[1]
        for row in among(conn, "SELECT key, person_id FROM identity_identifiers WHERE key IN {values}", keys)
    }


def keys_of(conn: Connection, people: Collection[int]) -> dict[int, set[str]]:
    """Person → its identifier keys."""
    found: dict[int, set[str]] = {person: set() for person in people}
    for person, key in among(
        conn, "SELECT person_id, key FROM identity_identifiers WHERE person_id IN {values}", people
    ):
        found[person].add(key)
    return found


def next_person(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(persons.c.id), 0))).scalar_one()) + 1


def add_persons(conn: Connection, rows: Iterable[tuple[int, int, str, int | None]]) -> None:
    """Rows are (id, created at, source id, merged into)."""
    bulk(
        conn,
        "INSERT INTO identity_persons (id, created_at, source_id, merged_into) VALUES (?, ?, ?, ?)",
        list(rows),
    )


def add_identifiers(conn: Connection, rows: Iterable[tuple[str, int, int, str]]) -> None:
    """Rows are (key, person, first seen at, source id)."""
    bulk(
        conn,
        "INSERT INTO identity_identifiers (key, person_id, first_seen_at, source_id) VALUES (?, ?, ?, ?)",
        list(rows),
    )


def absorb(conn: Connection, into: dict[int, int]) -> None:
    """Make absorbed persons point at their canonical person, identifiers and earlier aliases included."""
    for gone, keep in into.items():
        conn.execute(sa.update(identifiers).where(identifiers.c.person_id == gone).values(person_id=keep))
        conn.execute(
            sa.update(persons)
            .where(sa.or_(persons.c.id == gone, persons.c.merged_into == gone))
            .values(merged_into=keep)
        )


def add_links(conn: Connection, merges: Sequence[Merge], batch: int) -> None:
    bulk(
        conn,
        "INSERT INTO identity_links (at, person_id, absorbed_id, key, source_id, batch) VALUES (?, ?, ?, ?, ?, ?)",
        [(merge.at, merge.person, merge.absorbed, merge.key, merge.source_id, batch) for merge in merges],
    )


def add_conflicts(conn: Connection, found: Sequence[Conflict]) -> None:
    bulk(
        conn,
        "INSERT INTO identity_conflicts (person_id, key, other_person_id, at, source_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [(one.person, one.key, one.other, one.at, one.source_id) for one in found],
    )


def merges_of_batch(conn: Connection, batch: int) -> list[int]:
    """Persons absorbed by a batch."""
    return list(conn.execute(sa.select(links.c.absorbed_id).where(links.c.batch == batch)).scalars())


def canonical(conn: Connection, people: Collection[int]) -> dict[int, int]:
    """Person → canonical person, for those that were absorbed."""
    rows = among(
        conn, "SELECT id, merged_into FROM identity_persons WHERE merged_into IS NOT NULL AND id IN {values}", people
    )
    return {row[0]: row[1] for row in rows}


def exists(conn: Connection, person: int) -> bool:
    return conn.execute(sa.select(persons.c.id).where(persons.c.id == person)).first() is not None


def aliases(conn: Connection, person: int) -> list[int]:
    return list(conn.execute(sa.select(persons.c.id).where(persons.c.merged_into == person)).scalars())


def identifiers_of(conn: Connection, person: int) -> list[Identifier]:
    rows = conn.execute(
        sa.select(identifiers.c.key, identifiers.c.first_seen_at, identifiers.c.source_id)
        .where(identifiers.c.person_id == person)
        .order_by(identifiers.c.first_seen_at, identifiers.c.key)
    )
    return [Identifier(row[0], *_split(row[0]), row[1], row[2]) for row in rows]


def _split(key: str) -> tuple[str, str]:
    kind, _, value = key.partition(":")
    return kind, value


def find_prefix(conn: Connection, prefixes: Sequence[str], limit: int) -> list[int]:
    """Persons with an identifier key that starts with one of the prefixes."""
    conditions = [sa.and_(identifiers.c.key >= text, identifiers.c.key < text + "\U0010ffff") for text in prefixes]
    rows = conn.execute(sa.select(identifiers.c.person_id).where(sa.or_(*conditions)).distinct().limit(limit))
    return list(rows.scalars())


def scopes(conn: Connection, family: str) -> list[str]:
    """Scoped kinds in use, such as ``openid.wx1`` (found by skipping along the key order)."""
    found: list[str] = []
    after = f"{family}."
    while len(found) < 100:
        key = conn.execute(
            sa.select(identifiers.c.key).where(identifiers.c.key > after).order_by(identifiers.c.key).limit(1)
        ).scalar()
        if key is None or not key.startswith(f"{family}."):
            break
        kind = key.partition(":")[0]
        found.append(kind)
        after = f"{kind}:\U0010ffff"
    return found
