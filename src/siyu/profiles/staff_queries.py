"""All SQL of staff and test accounts, and of persons to be written to the event engine anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.profiles.tables import persons, staff, staff_keys, staff_rule, staff_ruled, unmirrored
from siyu.store import among, bulk

_ONLY = 1


def staff_among(conn: Connection, held: Mapping[int, Collection[str]]) -> set[int]:
    """Those of canonical persons (with their identifier keys) who are staff: by hand, else by list or rule."""
    found = ruled_among(conn, held)
    if conn.execute(sa.select(sa.exists(staff_keys.select()))).scalar():
        keys = {key for keys in held.values() for key in keys}
        listed = {row[0] for row in among(conn, "SELECT key FROM profiles_staff_keys WHERE key IN {values}", keys)}
        found |= {person for person, keys in held.items() if not listed.isdisjoint(keys)}
    for person, said in said_among(conn, held).items():
        found = found | {person} if said else found - {person}
    return found


def ruled_among(conn: Connection, people: Iterable[int]) -> set[int]:
    rows = among(conn, "SELECT person_id FROM profiles_staff_ruled WHERE person_id IN {values}", people)
    return {row[0] for row in rows}


def said_among(conn: Connection, people: Iterable[int]) -> dict[int, bool]:
    """Person → what was last said by hand; at the same time, that they are staff."""
    last: dict[int, tuple[int, int]] = {}
    rows = among(conn, "SELECT person_id, at, staff FROM profiles_staff WHERE person_id IN {values}", people)
    for person, at, is_staff in rows:
        last[person] = max((at, is_staff), last.get(person, (0, 0)))
    return {person: bool(is_staff) for person, (_, is_staff) in last.items()}


def mark(conn: Connection, before: Mapping[int, int], now: Collection[int]) -> None:
    """Keep in the state who is staff, where that has changed."""
    rows = [(int(person in now), person) for person, was in before.items() if was != int(person in now)]
    bulk(conn, "UPDATE profiles_persons SET staff = ? WHERE person_id = ?", rows)


def say(conn: Connection, person: int, anchors: Iterable[int], wanted: bool | None, now: int) -> None:
    """Set by hand for every anchor of a person; None takes back what was said."""
    conn.execute(sa.delete(staff).where(staff.c.person_id == person))
    if wanted is not None:
        rows = [{"person_id": person, "anchor": one, "staff": int(wanted), "at": now} for one in anchors]
        conn.execute(sa.insert(staff), rows)


def rule_row(conn: Connection) -> Row[Any] | None:
    return conn.execute(sa.select(staff_rule).where(staff_rule.c.id == _ONLY)).one_or_none()


def put_rule(conn: Connection, rule: str, version: int) -> None:
    """Version 1 is new."""
    if version == 1:
        conn.execute(sa.insert(staff_rule).values(id=_ONLY, rule=rule, version=version))
    else:
        conn.execute(sa.update(staff_rule).values(rule=rule, version=version, followed_at=0))


def followed(conn: Connection, version: int, now: int) -> None:
    conn.execute(sa.update(staff_rule).where(staff_rule.c.version == version).values(followed_at=now))


def ruled(conn: Connection) -> set[int]:
    return set(conn.execute(sa.select(staff_ruled.c.person_id)).scalars())


def change_ruled(conn: Connection, came: Iterable[int], went: Iterable[int]) -> None:
    bulk(conn, "INSERT INTO profiles_staff_ruled (person_id) VALUES (?) ON CONFLICT DO NOTHING", [(p,) for p in came])
    bulk(conn, "DELETE FROM profiles_staff_ruled WHERE person_id = ?", [(person,) for person in went])


def keys(conn: Connection) -> list[str]:
    return list(conn.execute(sa.select(staff_keys.c.key).order_by(staff_keys.c.key)).scalars())


def put_keys(conn: Connection, came: Iterable[str], went: Iterable[str]) -> None:
    bulk(conn, "INSERT INTO profiles_staff_keys (key) VALUES (?) ON CONFLICT DO NOTHING", [(key,) for key in came])
    bulk(conn, "DELETE FROM profiles_staff_keys WHERE key = ?", [(key,) for key in went])


def count_staff(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).where(persons.c.staff == 1)).scalar_one())


def staff_persons(conn: Connection, before: int | None, limit: int) -> list[int]:
    """Canonical persons who are staff, the newest first."""
    query = sa.select(persons.c.person_id).where(persons.c.staff == 1).order_by(persons.c.person_id.desc())
    if before is not None:
        query = query.where(persons.c.person_id < before)
    return list(conn.execute(query.limit(limit)).scalars())


def marked_among(conn: Connection, people: Iterable[int]) -> set[int]:
    rows = among(conn, "SELECT person_id, staff FROM profiles_persons WHERE person_id IN {values}", people)
    return {row[0] for row in rows if row[1]}


def again(conn: Connection, people: Iterable[int]) -> None:
    """Have these persons written to the event engine anew."""
    rows = [(person,) for person in people]
    bulk(conn, "INSERT INTO profiles_unmirrored (person_id) VALUES (?) ON CONFLICT DO NOTHING", rows)


def waiting(conn: Connection, limit: int) -> list[int]:
    query = sa.select(unmirrored.c.person_id).order_by(unmirrored.c.person_id).limit(limit)
    return list(conn.execute(query).scalars())


def done(conn: Connection, people: Iterable[int]) -> None:
    bulk(conn, "DELETE FROM profiles_unmirrored WHERE person_id = ?", [(person,) for person in people])
