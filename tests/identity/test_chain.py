"""Families and tablets that hang together by links that yield: as the reference says, and at a cost that does not grow
with the chain."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from siyu.collect import DEFAULTS
from siyu.identity.partition import Link, partition, void_identifiers
from siyu.identity.rebuild import compare, read_ledger, rebuild
from siyu.identity.types import YIELDS
from siyu.store import Store
from tests.identity.worlds import Record, expected, found, in_order, settle


def neighbours(seed: int) -> list[Record]:
    """Eighty members in a row who log in on their own devices and their neighbours', some with a shared mobile."""
    dice = random.Random(seed)
    records: list[Record] = []
    for _ in range(300):
        member = dice.randrange(80)
        keys = {f"user_id:{member}", f"device:{member + dice.randrange(2)}"}
        if dice.random() < 0.2:
            keys.add(f"mobile:{(member + dice.randrange(2)) // 2}")
        if dice.random() < 0.1:
            keys -= {f"user_id:{member}"}
        records.append((in_order(keys), dice.randrange(200)))
    return records


@pytest.mark.parametrize("seed", range(4))
def test_one_at_a_time_it_is_as_the_reference_says(store: Store, seed: int) -> None:
    records = neighbours(seed)
    settle(store, records, [1])
    assert found(store) == expected(records)
    names, links, yielding, queue = ledger(store)
    result = partition(names, links, [], void_identifiers(names, links, DEFAULTS), DEFAULTS)
    assert yielding == set(result.yielded) == queue, "and so are the links that yield and the queue"
    assert len(yielding) > 20


def ledger(store: Store) -> tuple[dict[int, str], list[Link], set[tuple[int, int]], set[tuple[int, int]]]:
    """Identifiers, links, those stored as yielding, and open conflicts."""
    with store.state.read() as conn:
        names = dict(conn.exec_driver_sql("SELECT id, key FROM identity_identifiers").all())  # type: ignore[arg-type]
        rows = conn.exec_driver_sql("SELECT one, two, at, state FROM identity_links").all()
        waiting = conn.exec_driver_sql("SELECT one, two FROM identity_conflicts WHERE state = 'open'").all()
    yielding = {(row[0], row[1]) for row in rows if row[3] == YIELDS}
    return names, [Link(row[0], row[1], row[2]) for row in rows], yielding, {(row[0], row[1]) for row in waiting}


@contextmanager
def statements(store: Store) -> Iterator[list[int]]:
    """The lengths of the parameters of every statement: how much is asked for and written."""
    lengths: list[int] = []

    def note(_conn: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        lengths.append(len(str(parameters)))

    sa.event.listen(store.state.engine, "before_cursor_execute", note)
    yield lengths
    sa.event.remove(store.state.engine, "before_cursor_execute", note)


def chain(start: int, end: int, *turns: int) -> list[Record]:
    """Each member logs in on a tablet of their own and on the next member's."""
    return [
        ((f"user_id:{member}", f"device:{member + turn}"), 3 * member + turn)
        for member in range(start, end)
        for turn in turns or (0, 1)
    ]


def test_what_a_record_costs_does_not_grow_with_the_chain(store: Store) -> None:
    def cost(records: list[Record]) -> int:
        with statements(store) as lengths:
            settle(store, records, [1], first_batch=records[0][1] + 1_000)
        return sum(lengths)

    settle(store, chain(0, 20))
    short = cost(chain(20, 50))
    settle(store, chain(50, 10_000), [2_500])
    assert cost(chain(10_000, 10_030)) < 2 * short, "after 20,000 links a record asks for no more than after 40"
    assert cost(chain(5_000, 5_060, 2)) < 4 * short, "nor does one that ties members in the middle once more"
    with store.state.read() as conn:
        kept = read_ledger(conn, DEFAULTS)
        done = compare(kept, rebuild(conn, kept, DEFAULTS))
    assert (done.links, done.groups, done.wrong) == (2 * 10_030 + 60, 10_030, [])
