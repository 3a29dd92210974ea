"""Records at random, and what they should come to by the reference."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from siyu import identity
from siyu.collect import DEFAULTS
from siyu.identity.partition import Link, lead, partition, scope, void_identifiers
from siyu.store import Store

Ids = tuple[str, ...]
Record = tuple[Ids, int]
"""Identifier keys, strongest first, and a time."""

TABLES = ("identifiers", "persons", "links", "conflicts", "history", "decisions", "moves")

KEYS = (
    [f"unionid:{n}" for n in range(4)]
    + [f"mobile:{n}" for n in range(4)]
    + [f"user_id:{n}" for n in range(6)]
    + [f"openid.wx1:{n}" for n in range(2)]
    + [f"email:{n}@b.c" for n in range(2)]
    + [f"device:{n}" for n in range(5)]
)


def in_order(keys: set[str]) -> Ids:
    return tuple(sorted(keys, key=lambda key: (DEFAULTS.rank(key.partition(":")[0]), key)))


RECORDS = st.lists(
    st.tuples(st.sets(st.sampled_from(KEYS), min_size=1, max_size=4).map(in_order), st.integers(1, 12)),
    min_size=1,
    max_size=30,
)


def clear(store: Store) -> None:
    with store.state.write() as conn:
        for table in TABLES:
            conn.exec_driver_sql(f"DELETE FROM identity_{table}")


def settle(store: Store, records: Sequence[Record], cuts: Sequence[int] = (), first_batch: int = 1) -> list[int]:
    """Resolve records in batches of the sizes in ``cuts``, over and over (none: all at once); whom they named."""
    persons: list[int] = []
    done, batch = 0, first_batch
    while done < len(records):
        size = cuts[batch % len(cuts)] if cuts else len(records)
        part = records[done : done + size]
        with store.state.write() as conn:
            found = identity.resolve(
                conn, [one[0] for one in part], [one[1] for one in part], ["s"] * len(part), batch * 2
            )
        persons += found.person
        done, batch = done + size, batch + 1
    return persons


def expected(records: Sequence[Record]) -> set[frozenset[str]]:
    """Groups of two and more that the records come to, by the reference alone."""
    keys = sorted({key for ids, _ in records for key in ids})
    number = {key: index for index, key in enumerate(keys)}
    first: dict[tuple[int, int], int] = {}
    for ids, at in records:
        middle = number[ids[lead([scope(key) for key in ids], DEFAULTS)]]
        for key in ids:
            if (other := number[key]) != middle:
                pair = (min(middle, other), max(middle, other))
                first[pair] = min(at, first.get(pair, at))
    links = [Link(*pair, at) for pair, at in first.items()]
    names = dict(enumerate(keys))
    void = void_identifiers(names, links, DEFAULTS)
    groups = partition(names, links, [], void, DEFAULTS).groups
    return {frozenset(names[one] for one in group) for group in groups if len(group) > 1}


def found(store: Store) -> set[frozenset[str]]:
    """Groups of two and more as they are stored."""
    groups: dict[int, set[str]] = {}
    with store.state.read() as conn:
        for person, key in conn.exec_driver_sql("SELECT person_id, key FROM identity_identifiers WHERE person_id <> 0"):
            groups.setdefault(person, set()).add(key)
    return {frozenset(group) for group in groups.values() if len(group) > 1}


def snapshot(store: Store) -> dict[str, int]:
    """Identifier → person number."""
    with store.state.read() as conn:
        rows = conn.exec_driver_sql("SELECT key, person_id FROM identity_identifiers").all()
    return {row[0]: row[1] for row in rows}
