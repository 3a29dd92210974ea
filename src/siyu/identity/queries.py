"""SQL of persons and identifiers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.collect import anchor_of
from siyu.identity.tables import identifiers, persons, veils
from siyu.identity.types import Identifier, Row
from siyu.store import among, bulk

_ROW = "key, id, anchor, person_id, born, state, first_seen_at, last_seen_at, source_id"
_LOCK = 0x51D1


def lock(conn: Connection) -> None:
    """One settling transaction at a time decides who is who. (SQLite has one writer anyway.)"""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def owners(conn: Connection, keys: Collection[str]) -> dict[str, int]:
    """Identifier key → canonical person, for the keys that belong to anybody."""
    return {key: row.person for key, row in known(conn, keys).items() if row.person}


def known(conn: Connection, keys: Collection[str]) -> dict[str, Row]:
    """Those of the keys that are known. Who asks for one that is veiled is answered the veiled row."""
    found = _rows_named(conn, keys)
    if missing := veiled(conn, [key for key in keys if key not in found]):
        rows = _rows_named(conn, missing.values())
        found |= {key: found.get(veiled) or rows[veiled] for key, veiled in missing.items() if veiled in rows}
    return found


def _rows_named(conn: Connection, keys: Collection[str]) -> dict[str, Row]:
    rows = among(conn, f"SELECT {_ROW} FROM identity_identifiers WHERE key IN {{values}}", keys)  # noqa: S608
    return {row[0]: Row(*row) for row in rows}


# --- identifiers that have been forgotten


def veiled(conn: Connection, keys: Collection[str]) -> dict[str, str]:
    """Key → what stands in its place, for those that are veiled."""
    if not keys or conn.execute(sa.select(veils.c.anchor).limit(1)).first() is None:
        return {}
    asked = {anchor_of(key): key for key in keys}
    rows = among(conn, "SELECT anchor, key FROM identity_veils WHERE anchor IN {values}", asked)
    return {asked[row[0]]: row[1] for row in rows}


def put_veil(conn: Connection, anchor: int, key: str, at: int, source: str) -> None:
    bulk(
        conn,
        "INSERT INTO identity_veils (anchor, key, at, source_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (anchor) DO UPDATE SET at = excluded.at, source_id = excluded.source_id",
        [(anchor, key, at, source)],
    )


def drop_veil(conn: Connection, anchor: int) -> None:
    conn.execute(sa.delete(veils).where(veils.c.anchor == anchor))


def rename(conn: Connection, key: str, to: str) -> None:
    conn.execute(sa.update(identifiers).where(identifiers.c.key == key).values(key=to))


# --- rows


def rows_by_id(conn: Connection, ids: Collection[int]) -> dict[int, Row]:
    rows = among(conn, f"SELECT {_ROW} FROM identity_identifiers WHERE id IN {{values}}", ids)  # noqa: S608
    return {row[1]: Row(*row) for row in rows}


def rows_of(conn: Connection, people: Collection[int]) -> list[Row]:
    """Every identifier of these persons."""
    rows = among(conn, f"SELECT {_ROW} FROM identity_identifiers WHERE person_id IN {{values}}", people)  # noqa: S608
    return [Row(*row) for row in rows]


def save_rows(conn: Connection, rows: Iterable[Row]) -> None:
    """Add identifiers, or bring known ones up to date."""
    bulk(
        conn,
        f"INSERT INTO identity_identifiers ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (key) DO UPDATE SET person_id = excluded.person_id, born = excluded.born, state = excluded.state,"
        " first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at",
        [
            (r.key, r.id, r.anchor, r.person, r.born, r.state, r.first_seen_at, r.last_seen_at, r.source_id)
            for r in rows
        ],
    )


def add_rows(conn: Connection, rows: Iterable[Row]) -> None:
    """Add identifiers that are new."""
    bulk(
        conn,
        f"INSERT INTO identity_identifiers ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        [
            (r.key, r.id, r.anchor, r.person, r.born, r.state, r.first_seen_at, r.last_seen_at, r.source_id)
            for r in rows
        ],
    )


def next_identifier(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(identifiers.c.id), 0))).scalar_one()) + 1


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


def add_persons(conn: Connection, rows: Iterable[tuple[int, int, str]]) -> None:
    """Rows are (id, created at, source id)."""
    bulk(conn, "INSERT INTO identity_persons (id, created_at, source_id) VALUES (?, ?, ?)", list(rows))


def merge(conn: Connection, into: dict[int, int]) -> None:
    """Whole persons become part of others, identifiers and earlier aliases included."""
    pairs = [(keep, gone) for gone, keep in into.items()]
    bulk(conn, "UPDATE identity_identifiers SET person_id = ? WHERE person_id = ?", pairs)
    realign(conn, into)


def realign(conn: Connection, canonical: dict[int, int]) -> None:
    """Numbers → their canonical number now; what led to a number that has gone follows it."""
    gone = [(keep, number) for number, keep in canonical.items() if keep != number]
    bulk(conn, "UPDATE identity_persons SET merged_into = ? WHERE merged_into = ?", gone)
    bulk(
        conn,
        "UPDATE identity_persons SET merged_into = ? WHERE id = ?",
        [(None if keep == number else keep, number) for number, keep in canonical.items()],
    )


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
    rows = conn.execute(
        sa.select(identifiers.c.person_id)
        .where(sa.or_(*conditions), identifiers.c.person_id != 0)
        .distinct()
        .limit(limit)
    )
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
