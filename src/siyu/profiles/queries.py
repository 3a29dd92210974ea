"""All SQL of the profiles room's reading side."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.identity import keys_of
from siyu.profiles.fold import Said, fold
from siyu.profiles.settle_queries import channels_of, rules_of
from siyu.profiles.tables import orders, persons, traits
from siyu.profiles.types import Facts, Happening, Known, Order, Trait
from siyu.store import EventEngine, among, chunks

ADDRESS_TRAITS = {"email": "email", "$email": "email", "push_token": "push_token", "pushToken": "push_token"}
"""Traits that hold an address: trait name → the address family it counts as."""

NAME_TRAITS = ("name", "$name", "full_name", "姓名", "nickname", "nick_name", "昵称", "firstName", "lastName")

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")

_MANY = 5_000
"""Persons bound into one IN list here; half the limit of the tightest database."""


def known_of(conn: Connection, people: Sequence[int]) -> dict[int, Known]:
    """The facts reach is computed from, of every canonical person asked for."""
    known = {person: Known({}, {}) for person in people}
    for person, keys in keys_of(conn, people).items():
        addresses = known[person].addresses
        for key in sorted(keys):  # the first of several is the same on every day
            kind, _, value = key.partition(":")
            addresses.setdefault(kind.partition(".")[0], value)
    for (person, channel), (state, at, _) in channels_of(conn, known).items():
        known[person].states[channel] = (state == "on", at)
    said = [Said(*row) for row in among(conn, _ADDRESSES, known)]
    for (person, name), told in fold(said, rules_of(conn)).items():
        if address := address_in(name, told.value):
            known[person].addresses.setdefault(ADDRESS_TRAITS[name], address)
    return known


def addresses_of(conn: Connection, people: Sequence[int]) -> dict[int, set[str]]:
    """Every address of canonical persons: their identifiers, and whatever address their traits have ever named. Those
    that were forgotten are among them, as messages that went to them name them now."""
    held = keys_of(conn, people, veiled=True)
    found = {person: {key.partition(":")[2] for key in keys} for person, keys in held.items()}
    for row in (Said(*row) for row in among(conn, _ADDRESSES, people)):
        for value in (row.value, row.first_value):
            if row.name and value and row.verb not in ("unset", "gone") and (address := address_in(row.name, value)):
                found[row.person].add(address)
    return found


def address_in(name: str, value: str) -> str | None:
    """The address in a trait's JSON text, or None when it can't be one."""
    address = msgspec.json.decode(value)
    if not isinstance(address, str):
        return None
    if ADDRESS_TRAITS[name] == "email":
        return address.strip().lower() if _EMAIL.fullmatch(address.strip()) else None
    return address.strip() or None


_ADDRESSES = (
    "SELECT person_id, name, anchor, verb, source_id, value, at, first_value, first_at"  # noqa: S608 - names from above
    " FROM profiles_traits WHERE name IN (''"
    + "".join(f", '{name}'" for name in ADDRESS_TRAITS)
    + ") AND person_id IN {values}"
)


def facts_of(conn: Connection, people: Collection[int]) -> dict[int, Facts]:
    """What is counted of canonical persons; those unknown are not in the answer."""
    return {row[0]: Facts(*row) for row in among(conn, _FACTS, people)}


_FACTS = """
    SELECT person_id, created_at, entered_at, entered_via, entered_source_id, orders, revenue, first_order_at,
           last_order_at
    FROM profiles_persons WHERE person_id IN {values}
"""


def newest(conn: Connection, before: int | None, limit: int) -> list[int]:
    """Canonical persons, the newest first."""
    query = sa.select(persons.c.person_id).order_by(persons.c.person_id.desc()).limit(limit)
    if before is not None:
        query = query.where(persons.c.person_id < before)
    return list(conn.execute(query).scalars())


def people_after(conn: Connection, person: int, limit: int) -> list[int]:
    """Canonical persons above a number, by number."""
    query = sa.select(persons.c.person_id).where(persons.c.person_id > person).order_by(persons.c.person_id)
    return list(conn.execute(query.limit(limit)).scalars())


def count_persons(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(persons)).scalar_one())


def traits_of(conn: Connection, people: Collection[int], names: Collection[str] = ()) -> dict[int, list[Trait]]:
    """Traits of canonical persons by name, all of them or those named."""
    found: dict[int, list[Trait]] = defaultdict(list)
    said: list[Said] = []
    for part in chunks(list(people), _MANY):
        query = sa.select(traits).where(traits.c.person_id.in_(part))
        if names:
            query = query.where(traits.c.name.in_(["", *names]))
        said += [Said(*row) for row in conn.execute(query)]
    for (person, name), told in sorted(fold(said, rules_of(conn)).items()):
        found[person].append(Trait(name, msgspec.json.decode(told.value), told.at, told.source_id, told.anchor))
    return found


def orders_of(conn: Connection, people: Collection[int], after: tuple[int, str, str] | None, limit: int) -> list[Order]:
    """Orders, the newest first, those of one time by shop and number."""
    place = sa.tuple_(orders.c.paid_at, orders.c.shop, orders.c.order_id)
    query = (
        sa.select(
            orders.c.shop,
            orders.c.order_id,
            orders.c.paid_at,
            orders.c.amount,
            orders.c.refunded,
            orders.c.currency,
            orders.c.units,
            orders.c.source_id,
            orders.c.raw,
        )
        .where(orders.c.person_id.in_(list(people)))
        .order_by(orders.c.paid_at.desc(), orders.c.shop.desc(), orders.c.order_id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(place < sa.tuple_(*after, types=[sa.BigInteger, sa.Text, sa.Text]))
    return [Order(*row) for row in conn.execute(query)]


def payer_of(conn: Connection, shop: str, order: str) -> tuple[int, int] | None:
    """(person, anchor) an order was paid under."""
    here = sa.and_(orders.c.shop == shop, orders.c.order_id == order, orders.c.paid_at > 0)
    row = conn.execute(sa.select(orders.c.person_id, orders.c.anchor).where(here)).one_or_none()
    return (row[0], row[1]) if row is not None else None


def order_ids_of(conn: Connection, people: Collection[int]) -> list[tuple[int, str, str]]:
    """(person, shop, order id) of every order these people have paid."""
    found: list[tuple[int, str, str]] = []
    for part in chunks(sorted(people)):
        query = sa.select(orders.c.person_id, orders.c.shop, orders.c.order_id).where(orders.c.person_id.in_(part))
        found += [(row[0], row[1], row[2]) for row in conn.execute(query.order_by(orders.c.paid_at))]
    return found


_sources = sa.table("collect_sources", sa.column("id"), sa.column("name"))


def source_names(conn: Connection) -> dict[str, str]:
    """Source id → its name; what the product itself did comes from ``siyu``."""
    named = {row[0]: row[1] for row in conn.execute(sa.select(_sources.c.id, _sources.c.name))}
    return {"siyu": "Siyu"} | named


def people_in_engine(
    engine: EventEngine, where: Sequence[str], params: dict[str, Any], before: int | None, limit: int
) -> list[int]:
    """Canonical persons that fit every condition over the ``persons`` columns, the newest first."""
    terms = ["deleted = 0", *where]
    if before is not None:
        terms.append("person < {before:UInt64}")
        params = params | {"before": before}
    fits = " AND ".join(terms)
    sql = f"SELECT person FROM persons FINAL WHERE {fits} ORDER BY person DESC LIMIT {{most:UInt32}}"  # noqa: S608
    rows = engine.query(sql, params | {"most": limit}, max_seconds=10)
    return [int(row[0]) for row in rows]


def count_in_engine(engine: EventEngine, where: Sequence[str], params: dict[str, Any]) -> int:
    sql = f"SELECT count() FROM persons FINAL WHERE {' AND '.join(['deleted = 0', *where])}"  # noqa: S608
    return int(engine.query(sql, params, max_seconds=10).one()[0])


NAME_CONDITION = (
    "positionCaseInsensitiveUTF8(concat("
    + ", ' ', ".join(f"toString(traits.`{name}`)" for name in NAME_TRAITS)
    + "), {name_part:String}) > 0"
)
"""Has a name with ``name_part`` in it."""


def timeline(
    engine: EventEngine,
    people: Sequence[int],
    after: tuple[int, int] | None,
    limit: int,
    events: tuple[bool, Sequence[str]] | None = None,
) -> list[Happening]:
    """Events of these persons (all numbers one person has had), the newest first.

    ``after`` is (time, key) of the last one seen. ``events`` keeps (True) or leaves out (False) the names given.
    """
    terms = ["person IN {people:Array(UInt64)}"]
    params: dict[str, Any] = {"people": list(people), "most": limit}
    if after is not None:
        terms.append("time <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')")
        terms.append("(toUnixTimestamp64Milli(time), key) < ({until:Int64}, {last:UInt64})")
        params |= {"until": after[0], "last": after[1]}
    if events is not None:
        terms.append(f"event {'IN' if events[0] else 'NOT IN'} {{names:Array(String)}}")
        params["names"] = list(events[1])
    sql = f"""
        SELECT key, toUnixTimestamp64Milli(time) AS at, toUnixTimestamp64Milli(received), event, source, amount,
               toString(props), context
        FROM events WHERE {" AND ".join(terms)}
        ORDER BY time DESC, key DESC LIMIT {{most:UInt32}}
    """  # noqa: S608
    rows = engine.query(sql, params, max_seconds=10, settings={"force_primary_key": 1})
    return [Happening(*row) for row in rows]
