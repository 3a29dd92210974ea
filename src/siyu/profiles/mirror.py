"""Changed persons as rows for the event engine, where one question sees what is known and what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.identity import keys_of
from siyu.profiles import settle_queries as queries
from siyu.profiles.fold import fold
from siyu.profiles.queries import ADDRESS_TRAITS, address_in
from siyu.profiles.reach import Withdrawn, channels_of_known
from siyu.profiles.regroup_queries import gone_versions
from siyu.profiles.staff_queries import mark, staff_among
from siyu.profiles.types import Known

Mirrored = Mapping[str, list[Any]]
"""Columns of the engine's ``persons`` table, all of one length."""

_text = msgspec.json.Encoder().encode


def mirror(
    conn: Connection,
    persons: Collection[int],
    gone: Collection[int],
    withdrawn: Withdrawn,
    now: int,
    consents: Mapping[int, list[str]] = MappingProxyType({}),
) -> Mirrored:
    """Columns for the engine's ``persons`` table: one row for each canonical person, and a mark for each gone one.

    ``consents``: what persons said, as ``privacy.said`` answers it.
    """
    rows = queries.persons_of(conn, persons)
    people = [row.person_id for row in rows]
    known = {person: Known({}, {}) for person in people}
    held = keys_of(conn, people)
    staff = staff_among(conn, held)
    mark(conn, {row.person_id: row.staff for row in rows}, staff)
    paid = queries.paid_of(conn, [row.person_id for row in rows if row.orders > 1])
    for person, keys in held.items():
        for key in keys:
            kind, _, value = key.partition(":")
            known[person].addresses[kind.partition(".")[0]] = value
    traits: dict[int, list[str]] = {}
    for (person, name), told in fold(queries.said_of(conn, people), queries.rules_of(conn)).items():
        traits.setdefault(person, []).append(f"{_text(name).decode()}:{told.value}")
        if name in ADDRESS_TRAITS and (address := address_in(name, told.value)):
            known[person].addresses.setdefault(ADDRESS_TRAITS[name], address)
    for (person, channel), (state, at, _) in queries.channels_of(conn, people).items():
        known[person].states[channel] = (state == "on", at)
    reach = channels_of_known(known, withdrawn)
    none = [0] * len(gone)
    versions = gone_versions(conn, gone)
    return {
        "person": people + list(gone),
        "version": [row.version for row in rows] + [versions.get(one, now) for one in gone],
        "created": [row.created_at for row in rows] + none,
        "entered": [row.entered_at for row in rows] + none,
        "entered_via": [row.entered_via for row in rows] + [""] * len(gone),
        "orders": [row.orders for row in rows] + none,
        "revenue": [row.revenue for row in rows] + none,
        "first_order": [row.first_order_at for row in rows] + none,
        "last_order": [row.last_order_at for row in rows] + none,
        "channels": [reach[person] for person in people] + [[] for _ in gone],
        "traits": ["{" + ",".join(traits.get(person, ())) + "}" for person in people] + ["{}"] * len(gone),
        "deleted": [0] * len(people) + [1] * len(gone),
        "consents": [consents.get(person, []) for person in people] + [[] for _ in gone],
        "paid": [paid.get(person, []) for person in people] + [[] for _ in gone],
        "staff": [int(person in staff) for person in people] + none,
    }
