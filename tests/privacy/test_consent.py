"""Consent as it adds up: any order, any number of repeats, any split into batches, merges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from siyu.catalog import OWNED_CHANNELS
from siyu.identity import Move
from siyu.identity.tables import identifiers, links
from siyu.privacy import consent_of, consents, on_settled, withdraw, withdrawn
from siyu.store import Store, metadata

Said = tuple[int, int, str, str | None]
"""Person, time, event, channel (None = all)."""


class Columns(msgspec.Struct):
    person: list[int]
    anchor: list[int]
    time: list[int]
    event: list[str]
    source: list[str]
    props: list[str]


class Batch(msgspec.Struct):
    events: Columns
    moves: list[Move] = []


def merge(merged: dict[int, int]) -> list[Move]:
    return [Move(gone, kept, None) for gone, kept in merged.items()]


def batch(said: list[Said], moves: list[Move] | None = None) -> Batch:
    """Every person speaks as one anchor, a hundred times their number."""
    props = [json.dumps({} if channel is None else {"channel": channel}) for *_, channel in said]
    columns = Columns(
        [row[0] for row in said],
        [row[0] * 100 for row in said],
        [row[1] for row in said],
        [row[2] for row in said],
        ["src_a"] * len(said),
        props,
    )
    return Batch(columns, moves or [])


def one(event: str, props: Any, at: int = 10, person: int = 1) -> Batch:
    text = props if isinstance(props, str) else json.dumps(props)
    return Batch(Columns([person], [person * 100], [at], [event], ["src_a"], [text]))


class World:
    """A state database of this test, written to the way the pipeline does."""

    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        metadata.create_all(self.engine)
        self.conn: Connection = self.engine.connect()

    def settle(self, *batches: Batch) -> World:
        no_store: Store = None  # type: ignore[assignment]
        for each in batches:
            on_settled(no_store, self.conn, each)
        return self

    def link(self, one: int, two: int, at: int) -> None:
        """Two persons' identifiers turn out to be one person's."""
        row = {"person_id": one, "first_seen_at": at, "source_id": "src_a"}
        for person in (one, two):
            mine = {"key": f"user_id:{person}", "id": person, "anchor": person * 100, "born": person}
            self.conn.execute(sa.insert(identifiers).values(row | mine))
        self.conn.execute(sa.insert(links).values(one=one, two=two, at=at, source=1, event=1))

    def rows(self) -> list[tuple[Any, ...]]:
        return sorted(tuple(row) for row in self.conn.execute(sa.text("SELECT * FROM privacy_consents")))

    def close(self) -> None:
        self.conn.close()
        self.engine.dispose()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


CHANNELS = st.sampled_from([None, "email", "sms"])
SAID = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(1, 6),
        st.sampled_from(["consent_granted", "consent_withdrawn", "opted_out"]),
        CHANNELS,
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(SAID, st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_repeats_and_batching_change_nothing(said: list[Said], random: Any, size: int) -> None:
    whole, shuffled = World(), World()
    try:
        whole.settle(batch(said))
        twice = said * 2
        random.shuffle(twice)
        shuffled.settle(*(batch(twice[start : start + size]) for start in range(0, len(twice), size)))
        assert shuffled.rows() == whole.rows()
    finally:
        whole.close()
        shuffled.close()


@settings(max_examples=60, deadline=None)
@given(SAID)
def test_the_later_word_holds_and_a_withdrawal_wins_ties(said: list[Said]) -> None:
    world = World()
    try:
        world.settle(batch(said))
        for channel in ("email", "sms"):
            answers = consent_of(world.conn, [1, 2, 3], channel)
            for person in (1, 2, 3):
                words = [(at, event != "consent_granted") for who, at, event, on in said
                         if who == person and on in (None, channel)]  # fmt: skip
                expected = "unknown" if not words else "withdrawn" if max(words)[1] else "granted"
                assert answers[person] == expected
    finally:
        world.close()


@settings(max_examples=150, deadline=None)
@given(SAID)
@example([(1, 2, "consent_granted", None), (2, 1, "consent_withdrawn", None), (2, 2, "consent_granted", "email")])
def test_a_merge_keeps_the_strictest(said: list[Said]) -> None:
    world = World()
    try:
        world.settle(batch(said))
        names = ["email", "sms", "app"]
        before = {name: set(consent_of(world.conn, [1, 2, 3], name).values()) - {"unknown"} for name in names}
        world.settle(batch([], merge({2: 1, 3: 1})))
        for name in names:
            expected = "withdrawn" if "withdrawn" in before[name] else "granted" if before[name] else "unknown"
            assert consent_of(world.conn, [1], name)[1] == expected
        settled = world.rows()
        world.settle(batch([], merge({2: 1, 3: 1})))
        assert world.rows() == settled, "a batch repeated after a crash changed something"
        world.settle(batch([row for row in said if row[0] == 1]))
        assert world.rows() == settled, "an old event heard again undid the merge"
    finally:
        world.close()


def test_a_merged_person_may_consent_again_later(world: World) -> None:
    world.link(1, 2, at=5)
    world.settle(batch([(1, 5, "consent_granted", "email"), (2, 3, "opted_out", None)]), batch([], merge({2: 1})))
    assert consent_of(world.conn, [1], "email") == {1: "withdrawn"}
    world.settle(batch([(1, 6, "consent_granted", "email")]))
    assert consent_of(world.conn, [1], "email") == {1: "granted"}
    assert withdrawn(world.conn, [1, 9]) == {1: frozenset(OWNED_CHANNELS) - {"email"}}


def test_purposes_are_apart(world: World) -> None:
    world.settle(one("consent_withdrawn", {"channel": "email", "purpose": "research"}))
    assert consent_of(world.conn, [1], "email", "research") == {1: "withdrawn"}
    assert consent_of(world.conn, [1], "email") == {1: "unknown"}
    assert withdrawn(world.conn, [1]) == {}


def test_several_channels_and_untidy_names(world: World) -> None:
    world.settle(one("opted_out", {"channel": [" EMAIL", "sms", ""]}))
    assert withdrawn(world.conn, [1]) == {1: frozenset({"email", "sms"})}


@pytest.mark.parametrize("props", ["{not json", '{"channel": 7}', '{"channel": [1]}', "[]"])
def test_an_unreadable_no_is_a_no_and_an_unreadable_yes_is_no_yes(world: World, props: str) -> None:
    world.settle(one("consent_granted", props, at=9))
    assert consent_of(world.conn, [1], "email") == {1: "unknown"}
    world.settle(one("opted_out", props))
    assert consent_of(world.conn, [1], "email") == {1: "withdrawn"}


def test_evidence_names_the_event_and_the_text(world: World) -> None:
    world.settle(one("consent_granted", {"channel": "sms", "text_version": "2026-03"}))
    [held] = consents(world.conn, 1)
    assert json.loads(held.evidence) == {"event": "consent_granted", "text_version": "2026-03"}
    assert (held.channel, held.purpose, held.withdrawn, held.at, held.source_id) == (
        "sms", "marketing", False, 10, "src_a",
    )  # fmt: skip


def test_withdraw_holds_at_once(world: World) -> None:
    world.settle(one("consent_granted", {"channel": "email"}))
    assert consent_of(world.conn, [1], "email") == {1: "granted"}
    withdraw(world.conn, 1, "email", {"link": "unsubscribe"}, 11)
    assert consent_of(world.conn, [1], "email") == {1: "withdrawn"}
    withdraw(world.conn, 1, "sms", {}, 5)
    assert withdrawn(world.conn, [1]) == {1: frozenset({"email", "sms"})}
