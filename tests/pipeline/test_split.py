"""A split in the real pipeline: what is known goes with its identifier, also when the power fails in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from siyu import privacy
from siyu.collect import Inbox, Record, TraitOp
from siyu.identity import find_person
from siyu.pipeline import Pipeline, Settled
from siyu.profiles import traits_of
from siyu.store import Store
from tests.conftest import NOW, MakeStore
from tests.pipeline.test_exactly_once import PowerCut, cut_at

DEVICE = "device:tablet"
KEYS = (DEVICE, "user_id:ann", "user_id:bob")


def record(key: int, at: int, ids: tuple[str, ...], event: str = "", **fields: Any) -> Record:
    return Record(event, NOW - 100_000 + at, key, key, ids, **fields)


TABLET = (
    record(1, 50, (DEVICE,), traits=(TraitOp("set", "theme", '"dark"'), TraitOp("increment", "visits", "2"))),
    record(2, 51, (DEVICE,), "oa_followed"),
    record(3, 52, (DEVICE,), "consent_withdrawn", props='{"channel":"email"}'),
    record(4, 53, (DEVICE,), "order_paid", amount=900, order="o1", props='{"shop":"s","order_id":"o1"}'),
)
ANN = (
    record(11, 60, ("user_id:ann",), traits=(TraitOp("set", "theme", '"light"'),)),
    record(12, 61, ("user_id:ann",), "order_paid", amount=100, order="o2", props='{"shop":"s","order_id":"o2"}'),
    record(13, 62, ("user_id:ann",), "consent_granted", props='{"channel":"email"}'),
)
LOGIN = (record(14, 70, ("user_id:ann", DEVICE), "logged_in"),)
BOB = (
    # Said later, happened earlier: the tablet was Bob's first, so it and all it has said go over to him.
    record(21, 10, ("user_id:bob", DEVICE), traits=(TraitOp("increment", "visits", "1"),)),
    record(22, 11, ("user_id:bob",), "logged_in"),
)


def known(store: Store) -> dict[str, Any]:
    """What is known of whom each identifier belongs to, and what the event engine has been told of it."""
    mirror = "SELECT person, orders, revenue, toString(traits), channels FROM persons FINAL WHERE deleted = 0"
    told = {row[0]: tuple(row[1:]) for row in store.events.query(mirror)}
    with store.state.read() as conn:
        people = {key: find_person(conn, key) for key in KEYS}
        facts = sa.text("SELECT person_id, orders, revenue, entered_at, entered_via, created_at FROM profiles_persons")
        rows = {row[0]: tuple(row[1:]) for row in conn.execute(facts)}
        assert set(rows) == {person for person in people.values() if person} == set(told)
        return {
            key: {
                "with": sorted(other for other in KEYS if people[other] == person),
                "facts": rows[person],
                "traits": traits_of(conn, [person], ["theme", "visits"]).get(person, {}),
                "withdrawn": privacy.withdrawn(conn, [person]).get(person, frozenset()),
                "told": told[person],
            }
            for key, person in people.items()
            if person is not None
        }


def arrive(store: Store, *batches: Sequence[Record]) -> Inbox:
    inbox = Inbox(store)
    for batch in batches:
        inbox.append("src", store.clock.now_ms(), list(batch))
        Pipeline(store, inbox, []).drain()
    return inbox


def test_what_the_tablet_said_goes_over_with_it(make_store: MakeStore) -> None:
    store = make_store()
    arrive(store, TABLET, ANN, LOGIN).close()
    together = known(store)[DEVICE]
    assert together["with"] == [DEVICE, "user_id:ann"]
    assert together["facts"][:2] == (2, 1000)
    assert together["traits"] == {"theme": "light", "visits": 2}
    assert "email" in together["withdrawn"]
    arrive(store, BOB).close()
    after = known(store)
    assert after["user_id:bob"]["with"] == [DEVICE, "user_id:bob"]
    assert after["user_id:bob"]["facts"][:2] == (1, 900)
    assert after["user_id:bob"]["facts"][3] == "oa_followed"
    assert after["user_id:bob"]["traits"] == {"theme": "dark", "visits": 3}
    assert after["user_id:bob"]["withdrawn"] == frozenset({"email"})
    assert after["user_id:ann"]["facts"][:4] == (1, 100, 0, "")
    assert after["user_id:ann"]["traits"] == {"theme": "light"}
    assert after["user_id:ann"]["withdrawn"] == frozenset()


ORDERS = (
    (TABLET, ANN, LOGIN, BOB),
    (BOB, LOGIN, ANN, TABLET),
    (ANN, LOGIN, TABLET, BOB),
    (BOB, TABLET, ANN, LOGIN),
)


def test_any_order_of_batches_ends_the_same(make_store: MakeStore) -> None:
    ends = []
    for order in (
        (TABLET, ANN, LOGIN, BOB),
        (BOB, LOGIN, ANN, TABLET),
        (ANN, LOGIN, TABLET, BOB),
        (BOB, TABLET, ANN, LOGIN),
    ):
        store = make_store(fresh=True)
        arrive(store, *order).close()
        ends.append({key: {**state, "facts": state["facts"][:4]} for key, state in known(store).items()})
        store.close()
    assert all(end == ends[0] for end in ends[1:])


@pytest.fixture
def undisturbed(make_store: MakeStore) -> dict[str, Any]:
    store = make_store(fresh=True)
    arrive(store, TABLET, ANN, LOGIN, BOB).close()
    return known(store)


POINTS = ("before commit1", "before events1", "after events1", "after events2", "before commit2", "before clear1")


@pytest.mark.parametrize("point", POINTS)
def test_a_power_cut_during_a_split_changes_nothing(
    make_store: MakeStore, undisturbed: dict[str, Any], point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(fresh=True)
    arrive(store, TABLET, ANN, LOGIN).close()
    inbox = Inbox(store)
    inbox.append("src", store.clock.now_ms(), list(BOB))
    told: list[list[int]] = []

    def tell(_store: Store, _conn: Any, settled: Settled) -> None:
        told.append([move.target for move in settled.moves if move.anchors is not None])

    with monkeypatch.context() as patch:
        cut_at(store, point, patch)
        with pytest.raises(PowerCut):
            Pipeline(store, inbox, [tell]).drain()
    Pipeline(store, inbox, [tell]).drain()
    inbox.close()
    assert known(store) == undisturbed
    assert len([moved for moved in told if moved]) == 1
