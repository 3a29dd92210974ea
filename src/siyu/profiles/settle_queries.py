"""All SQL of the profiles room's writing side."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.profiles.tables import orders, persons
from siyu.store import among, bulk, chunks


class PersonRow(NamedTuple):
    """A row of profiles_persons."""

    person_id: int
    version: int
    created_at: int
    entered_at: int
    entered_via: str
    entered_source_id: str
    orders: int
    revenue: int
    first_order_at: int
    last_order_at: int


Key = tuple[int, str]
Held = tuple[str, int, str]
"""(value, at, source id) of a trait; (state, at, evidence) of a channel."""


def traits_of(conn: Connection, people: Collection[int]) -> dict[Key, Held]:
    """(person, name) → (value JSON, at, source id)."""
    rows = among(
        conn, "SELECT person_id, name, value, at, source_id FROM profiles_traits WHERE person_id IN {values}", people
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def save_traits(conn: Connection, rows: Iterable[tuple[int, str, str, int, str]]) -> None:
    """Rows are (person, name, value, at, source id)."""
    bulk(
        conn,
        "INSERT INTO profiles_traits (person_id, name, value, at, source_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id, name) DO UPDATE"
        " SET value = excluded.value, at = excluded.at, source_id = excluded.source_id",
        list(rows),
    )


def drop_traits(conn: Connection, rows: Iterable[Key]) -> None:
    bulk(conn, "DELETE FROM profiles_traits WHERE person_id = ? AND name = ?", list(rows))


def channels_of(conn: Connection, people: Collection[int]) -> dict[Key, Held]:
    """(person, channel) → (state, at, evidence)."""
    rows = among(
        conn,
        "SELECT person_id, channel, state, at, evidence FROM profiles_channels WHERE person_id IN {values}",
        people,
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def save_channels(conn: Connection, rows: Iterable[tuple[int, str, str, int, str]]) -> None:
    """Rows are (person, channel, state, at, evidence)."""
    bulk(
        conn,
        "INSERT INTO profiles_channels (person_id, channel, state, at, evidence) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id, channel) DO UPDATE"
        " SET state = excluded.state, at = excluded.at, evidence = excluded.evidence",
        list(rows),
    )


def save_payments(conn: Connection, rows: Iterable[tuple[str, str, int, int, int, str, int, str, str]]) -> None:
    """Rows are (shop, order id, person, paid at, amount, currency, units, source id, raw).

    A refund that came before its order left a row without payment: that row is filled.
    """
    bulk(
        conn,
        "INSERT INTO profiles_orders"
        " (shop, order_id, person_id, paid_at, amount, currency, units, source_id, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (shop, order_id) DO UPDATE SET paid_at = excluded.paid_at, amount = excluded.amount,"
        " currency = excluded.currency, units = excluded.units, raw = excluded.raw"
        " WHERE profiles_orders.paid_at = 0",
        list(rows),
    )


def save_refunds(conn: Connection, rows: Iterable[tuple[str, str, int, int, str, str]]) -> None:
    """Rows are (shop, order id, person, refunded, source id, raw)."""
    bulk(
        conn,
        "INSERT INTO profiles_orders"
        " (shop, order_id, person_id, paid_at, amount, refunded, source_id, raw) VALUES (?, ?, ?, 0, 0, ?, ?, ?)"
        " ON CONFLICT (shop, order_id) DO UPDATE SET refunded = profiles_orders.refunded + excluded.refunded",
        list(rows),
    )


def owners_of_orders(conn: Connection, found: Collection[tuple[str, str]]) -> set[int]:
    """The persons who hold these (shop, order id)."""
    owners: set[int] = set()
    for part in chunks(list(found)):
        pair = sa.tuple_(orders.c.shop, orders.c.order_id)
        owners.update(conn.execute(sa.select(orders.c.person_id).where(pair.in_(list(part)))).scalars())
    return owners


def move_orders(conn: Connection, merged: dict[int, int]) -> None:
    bulk(
        conn,
        "UPDATE profiles_orders SET person_id = ? WHERE person_id = ?",
        [(keep, gone) for gone, keep in merged.items()],
    )


def count_orders(conn: Connection, people: Collection[int]) -> dict[int, tuple[int, int, int, int]]:
    """Person → (orders, revenue fen, first paid at, last paid at), counted afresh from the orders."""
    found = dict.fromkeys(people, (0, 0, 0, 0))
    rows = among(
        conn,
        "SELECT person_id, count(*), sum(amount - refunded), min(paid_at), max(paid_at) FROM profiles_orders"
        " WHERE paid_at > 0 AND person_id IN {values} GROUP BY person_id",
        people,
    )
    found.update((row[0], (int(row[1]), int(row[2]), row[3], row[4])) for row in rows)
    return found


def save_counts(conn: Connection, counts: dict[int, tuple[int, int, int, int]]) -> None:
    bulk(
        conn,
        "UPDATE profiles_persons SET orders = ?, revenue = ?, first_order_at = ?, last_order_at = ?"
        " WHERE person_id = ?",
        [(*count, person) for person, count in counts.items()],
    )


def add_persons(conn: Connection, rows: Iterable[tuple[int, int, int]]) -> None:
    """Rows are (person, created at, version)."""
    bulk(
        conn,
        "INSERT INTO profiles_persons (person_id, created_at, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        list(rows),
    )


def enter(conn: Connection, rows: Iterable[tuple[int, str, str, int]]) -> None:
    """Rows are (entered at, via, source id, person). The earliest entry stays."""
    bulk(
        conn,
        "UPDATE profiles_persons SET entered_at = ?, entered_via = ?, entered_source_id = ?"
        " WHERE person_id = ? AND (entered_at = 0 OR entered_at > ?)",
        [(at, via, source, person, at) for at, via, source, person in rows],
    )


def persons_of(conn: Connection, people: Collection[int]) -> list[PersonRow]:
    """The rows of those persons that are canonical."""
    rows = among(
        conn,
        "SELECT person_id, version, created_at, entered_at, entered_via, entered_source_id, orders, revenue,"
        " first_order_at, last_order_at FROM profiles_persons WHERE person_id IN {values}",
        people,
    )
    return [PersonRow(*row) for row in rows]


def drop_persons(conn: Connection, people: Collection[int]) -> None:
    bulk(conn, "DELETE FROM profiles_persons WHERE person_id = ?", [(person,) for person in people])
    bulk(conn, "DELETE FROM profiles_channels WHERE person_id = ?", [(person,) for person in people])
    bulk(conn, "DELETE FROM profiles_traits WHERE person_id = ?", [(person,) for person in people])


def age_created(conn: Connection, rows: Iterable[tuple[int, int]]) -> None:
    """Rows are (created at, person). The earliest stays."""
    bulk(
        conn,
        "UPDATE profiles_persons SET created_at = ? WHERE person_id = ? AND created_at > ?",
        [(at, person, at) for at, person in rows],
    )


def bump(conn: Connection, people: Collection[int], now: int) -> None:
    """Give changed persons a version above the one they had."""
    for part in chunks(list(people)):
        conn.execute(
            sa.update(persons)
            .where(persons.c.person_id.in_(part))
            .values(version=sa.case((persons.c.version >= now, persons.c.version + 1), else_=now))
        )
