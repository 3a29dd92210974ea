"""All SQL of the rules traits are folded by."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.profiles.tables import rules, traits
from siyu.profiles.types import TraitRules

_ONLY = 1


class Stored(msgspec.Struct, frozen=True):
    """The rules as they stand, and how far the last change has been carried through."""

    rules: TraitRules
    version: int
    stale: list[str]
    done_until: int


def stored(conn: Connection) -> Stored:
    row = conn.execute(sa.select(rules).where(rules.c.id == _ONLY)).one_or_none()
    if row is None:
        return Stored(TraitRules(), 0, [], 0)
    value = msgspec.json.decode(row.value, type=TraitRules)
    return Stored(value, row.version, msgspec.json.decode(row.stale, type=list[str]), row.done_until)


def store(conn: Connection, wanted: Stored, now: int) -> None:
    """Write the rules; version 1 is new."""
    values = {
        "value": msgspec.json.encode(wanted.rules).decode(),
        "version": wanted.version,
        "changed_at": now,
        "stale": msgspec.json.encode(wanted.stale).decode(),
        "done_until": wanted.done_until,
    }
    if wanted.version == 1:
        conn.execute(sa.insert(rules).values(id=_ONLY, **values))
    else:
        conn.execute(sa.update(rules).where(rules.c.id == _ONLY).values(values))


def several(conn: Connection, names: Sequence[str], after: int, limit: int) -> list[int]:
    """Persons of whom more than one value of one of these traits is known, in order of their number."""
    query = (
        sa.select(traits.c.person_id)
        .where(traits.c.person_id > after, traits.c.name.in_(names))
        .group_by(traits.c.person_id)
        .having(sa.or_(sa.func.count() > 1, sa.func.max(traits.c.first_at) > 0))
        .order_by(traits.c.person_id)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def reached(conn: Connection, version: int, person: int, *, done: bool) -> None:
    values: dict[str, object] = {"done_until": person}
    if done:
        values["stale"] = "[]"
    conn.execute(sa.update(rules).where(rules.c.id == _ONLY, rules.c.version == version).values(values))
