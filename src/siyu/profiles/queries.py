"""All SQL of the profiles room's reading side."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.profiles.tables import channels, traits
from siyu.profiles.types import Known
from siyu.store import chunks

ADDRESS_TRAITS = {"email": "email", "$email": "email", "push_token": "push_token", "pushToken": "push_token"}
"""Traits that hold an address: trait name → the address family it counts as."""

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")

_MANY = 5_000
"""Persons bound into one IN list here; half the limit of the tightest database."""

_identifiers = sa.table("identity_identifiers", sa.column("key"), sa.column("person_id"), sa.column("first_seen_at"))


def known_of(conn: Connection, persons: Sequence[int]) -> dict[int, Known]:
    """The facts reach is computed from, of every person asked for. Two queries for each 5,000 persons."""
    known = {person: Known({}, {}) for person in persons}
    for part in chunks(list(known), _MANY):
        for person, key, at in conn.execute(_KEYS, {"persons": part}):
            kind, _, value = key.partition(":")
            _keep_oldest(known[person].addresses, kind.partition(".")[0], value, at)
        for person, is_trait, name, value, at in conn.execute(_SIGNS, {"persons": part}):
            if not is_trait:
                known[person].states[name] = (value == "on", at)
            elif address := _address(name, value):
                _keep_oldest(known[person].addresses, ADDRESS_TRAITS[name], address, at)
    return known


def _address(name: str, value: str) -> str | None:
    """The address in a trait's JSON text, or None when it can't be one."""
    address = msgspec.json.decode(value)
    if not isinstance(address, str):
        return None
    if ADDRESS_TRAITS[name] == "email":
        return address.strip().lower() if _EMAIL.fullmatch(address.strip()) else None
    return address.strip() or None


def _keep_oldest(addresses: dict[str, tuple[str, int]], family: str, value: str, at: int) -> None:
    held = addresses.get(family)
    if held is None or (at, value) < (held[1], held[0]):
        addresses[family] = (value, at)


_KEYS = sa.select(_identifiers.c.person_id, _identifiers.c.key, _identifiers.c.first_seen_at).where(
    _identifiers.c.person_id.in_(sa.bindparam("persons", expanding=True))
)
_SIGNS = sa.union_all(
    sa.select(channels.c.person_id, sa.literal_column("0"), channels.c.channel, channels.c.state, channels.c.at).where(
        channels.c.person_id.in_(sa.bindparam("persons", expanding=True))
    ),
    sa.select(traits.c.person_id, sa.literal_column("1"), traits.c.name, traits.c.value, traits.c.at).where(
        traits.c.person_id.in_(sa.bindparam("persons", expanding=True)), traits.c.name.in_(list(ADDRESS_TRAITS))
    ),
)
