"""All SQL of the profiles room's writing side."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.profiles.fold import Place, Said
from siyu.profiles.tables import persons, rules
from siyu.profiles.types import TraitRules
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
    staff: int


Fact = tuple[str, int, str]
"""(state, at, evidence) of a channel."""
Spot = tuple[int, int, str]
"""Person, anchor, channel."""


def rules_of(conn: Connection) -> TraitRules:
    """The rules traits are folded by, decoded only when they have changed."""
    text = conn.execute(sa.select(rules.c.value)).scalar()
    return _decoded(text) if text else _DEFAULT


_DEFAULT = TraitRules()


@lru_cache(maxsize=4)
def _decoded(text: str) -> TraitRules:
    return msgspec.json.decode(text, type=TraitRules)


def said_of(conn: Connection, people: Collection[int], table: str = "profiles_traits") -> list[Said]:
    """Everything these persons' anchors said of traits. ``table``: this one or ``profiles_sensitive_traits``."""
    rows = among(
        conn,
        "SELECT person_id, name, anchor, verb, source_id, value, at, first_value, first_at"  # noqa: S608
        f" FROM {table} WHERE person_id IN {{values}}",
        people,
    )
    return [Said(*row) for row in rows]


def save_said(conn: Connection, rows: Iterable[Said], table: str = "profiles_traits") -> None:
    bulk(
        conn,
        f"INSERT INTO {table} (person_id, name, anchor, verb, source_id, value, at, first_value, first_at)"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person_id, name, anchor, verb, source_id) DO UPDATE"
        " SET value = excluded.value, at = excluded.at, first_value = excluded.first_value,"
        " first_at = excluded.first_at",
        list(rows),
    )


def drop_said(conn: Connection, places: Iterable[Place], table: str = "profiles_traits") -> None:
    """Statements that were taken back leave nothing behind."""
    bulk(
        conn,
        f"DELETE FROM {table} WHERE person_id = ? AND name = ? AND anchor = ? AND verb = ? AND source_id = ?",  # noqa: S608
        list(places),
    )


def channel_facts(conn: Connection, people: Collection[int]) -> dict[Spot, Fact]:
    """What each anchor of these persons said of channels."""
    rows = among(
        conn,
        "SELECT person_id, anchor, channel, state, at, evidence FROM profiles_channels WHERE person_id IN {values}",
        people,
    )
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in rows}


def heavier(one: Fact, other: Fact) -> bool:
    """Does the first of two statements about a channel hold? The later; of two at once, that it is off."""
    return (one[1], one[0] == "off", one[2]) > (other[1], other[0] == "off", other[2])


def channels_of(conn: Connection, people: Collection[int]) -> dict[tuple[int, str], Fact]:
    """(person, channel) → what holds, over all anchors."""
    found: dict[tuple[int, str], Fact] = {}
    for (person, _, channel), fact in channel_facts(conn, people).items():
        held = found.get((person, channel))
        if held is None or heavier(fact, held):
            found[person, channel] = fact
    return found


def save_channels(conn: Connection, rows: Iterable[tuple[int, int, str, str, int, str]]) -> None:
    """Rows are (person, anchor, channel, state, at, evidence)."""
    bulk(
        conn,
        "INSERT INTO profiles_channels (person_id, anchor, channel, state, at, evidence) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id, anchor, channel) DO UPDATE"
        " SET state = excluded.state, at = excluded.at, evidence = excluded.evidence",
        list(rows),
    )


def save_payments(conn: Connection, rows: Iterable[tuple[str, str, int, int, int, int, str, int, str, str]]) -> None:
    """Rows are (shop, order id, person, anchor, paid at, amount, currency, units, source id, raw).

    A refund that came before its order left a row without payment: that row is filled, and is whose paid.
    """
    bulk(
        conn,
        "INSERT INTO profiles_orders"
        " (shop, order_id, person_id, anchor, paid_at, amount, currency, units, source_id, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (shop, order_id) DO UPDATE SET person_id = excluded.person_id, anchor = excluded.anchor,"
        " paid_at = excluded.paid_at, amount = excluded.amount, source_id = excluded.source_id,"
        " currency = excluded.currency, units = excluded.units, raw = excluded.raw"
        " WHERE profiles_orders.paid_at = 0",
        list(rows),
    )


def save_refunds(conn: Connection, rows: Iterable[tuple[str, str, int, int, int, str, str]]) -> None:
    """Rows are (shop, order id, person, anchor, refunded, source id, raw)."""
    bulk(
        conn,
        "INSERT INTO profiles_orders"
        " (shop, order_id, person_id, anchor, paid_at, amount, refunded, source_id, raw)"
        " VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?)"
        " ON CONFLICT (shop, order_id) DO UPDATE SET refunded = profiles_orders.refunded + excluded.refunded",
        list(rows),
    )


def owners_of_orders(conn: Connection, found: Collection[tuple[str, str]]) -> set[int]:
    """The persons who hold these (shop, order id)."""
    rows = among(conn, "SELECT person_id FROM profiles_orders WHERE (shop, order_id) IN {values}", found)
    return {row[0] for row in rows}


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


def save_entries(conn: Connection, rows: Iterable[tuple[int, int, int, str, str]]) -> None:
    """Rows are (person, anchor, at, via, source id). The earliest of each anchor stays."""
    bulk(
        conn,
        "INSERT INTO profiles_entries (person_id, anchor, at, via, source_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id, anchor) DO UPDATE"
        " SET at = excluded.at, via = excluded.via, source_id = excluded.source_id"
        " WHERE (excluded.at, excluded.via, excluded.source_id)"
        " < (profiles_entries.at, profiles_entries.via, profiles_entries.source_id)",
        list(rows),
    )


def fold_entries(conn: Connection, people: Collection[int]) -> None:
    """Give persons the earliest entry of their anchors, or none."""
    first: dict[int, tuple[int, str, str]] = dict.fromkeys(people, (0, "", ""))
    rows = among(conn, "SELECT person_id, at, via, source_id FROM profiles_entries WHERE person_id IN {values}", people)
    for person, *entry in rows:
        first[person] = min(tuple(entry), first[person] if first[person][1] else tuple(entry))
    bulk(
        conn,
        "UPDATE profiles_persons SET entered_at = ?, entered_via = ?, entered_source_id = ? WHERE person_id = ?",
        [(*entry, person) for person, entry in first.items()],
    )


def persons_of(conn: Connection, people: Collection[int]) -> list[PersonRow]:
    """The rows of those persons that are canonical."""
    rows = among(
        conn,
        "SELECT person_id, version, created_at, entered_at, entered_via, entered_source_id, orders, revenue,"
        " first_order_at, last_order_at, staff FROM profiles_persons WHERE person_id IN {values}",
        people,
    )
    return [PersonRow(*row) for row in rows]


def paid_of(conn: Connection, people: Collection[int]) -> dict[int, list[int]]:
    """Person → when they paid their orders, in order of time."""
    found: dict[int, list[int]] = {}
    rows = among(
        conn, "SELECT person_id, paid_at FROM profiles_orders WHERE paid_at > 0 AND person_id IN {values}", people
    )
    for person, at in rows:
        found.setdefault(person, []).append(at)
    return {person: sorted(times) for person, times in found.items()}


def bump(conn: Connection, people: Collection[int], now: int) -> None:
    """Give changed persons a version above the one they had."""
    for part in chunks(list(people)):
        conn.execute(
            sa.update(persons)
            .where(persons.c.person_id.in_(part))
            .values(version=sa.case((persons.c.version >= now, persons.c.version + 1), else_=now))
        )
