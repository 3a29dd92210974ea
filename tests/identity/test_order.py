"""Whatever the order of arrival and however records are cut into batches: the same persons, as the reference says."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import identity
from siyu.collect import DEFAULTS
from siyu.store import Store
from tests.identity.worlds import RECORDS, Record, clear, expected, found, settle, snapshot

_quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_CUTS = st.lists(st.integers(1, 6), max_size=4)


@_quick
@given(records=RECORDS, cuts=_CUTS, seed=st.integers(0, 1000))
def test_order_and_batches_do_not_matter(store: Store, records: list[Record], cuts: list[int], seed: int) -> None:
    clear(store)
    random.Random(seed).shuffle(records)
    settle(store, records, cuts)
    assert found(store) == expected(records)


@_quick
@given(records=RECORDS, cuts=_CUTS)
def test_what_is_stored_holds_together(store: Store, records: list[Record], cuts: list[int]) -> None:
    clear(store)
    settle(store, records, cuts)
    held: Counter[tuple[int, str]] = Counter()
    with store.state.read() as conn:
        rows = conn.exec_driver_sql("SELECT key, person_id, born FROM identity_identifiers").all()
        persons = dict(conn.exec_driver_sql("SELECT id, merged_into FROM identity_persons").all())  # type: ignore[arg-type]
    for key, person, born in rows:
        assert person == 0 or persons[person] is None, "an identifier belongs to a canonical person"
        assert person == 0 or persons[born] in (None, person), "what it was born under leads to its person"
        held[person, key.partition(":")[0]] += 1
    assert all(count <= DEFAULTS.of(kind).limit for (person, kind), count in held.items() if person)
    assert all(into is None or persons[into] is None for into in persons.values()), "one step leads to the person"


@_quick
@given(records=RECORDS, cuts=_CUTS)
def test_resolving_again_changes_nothing(store: Store, records: list[Record], cuts: list[int]) -> None:
    clear(store)
    settle(store, records, cuts)
    before = snapshot(store)
    who = settle(store, records, first_batch=1000)
    assert snapshot(store) == before
    with store.state.read() as conn:
        assert identity.moved_in(conn, 2000) == []
    assert who == settle(store, records, first_batch=1001)


@_quick
@given(records=RECORDS, cuts=_CUTS)
def test_moves_carry_every_anchor_to_its_person(store: Store, records: list[Record], cuts: list[int]) -> None:
    """What was written under a person moves with the moves of later batches, and ends where the identifier is."""
    clear(store)
    kept: dict[int, int] = {}
    for index, record in enumerate(records):
        with store.state.write() as conn:
            done = identity.resolve(conn, [record[0]], [record[1]], ["s"], index + 1)
        for move in done.moves:
            for anchor, person in kept.items():
                if person == move.source and (move.anchors is None or anchor in move.anchors):
                    kept[anchor] = move.target
        kept[done.anchor[0]] = done.person[0]
        assert all(kept[anchor] in (person, 0) for anchor, person in zip(done.anchor, done.person, strict=True))
    with store.state.read() as conn:
        rows = conn.exec_driver_sql("SELECT anchor, person_id FROM identity_identifiers").all()
    now = {row[0]: row[1] for row in rows}
    assert {anchor: now[anchor] for anchor in kept} == kept
