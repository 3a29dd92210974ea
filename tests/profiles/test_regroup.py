"""Merging and unmerging: what is known follows, nothing doubles, nothing is lost, and each gets back what it had."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu import privacy
from siyu.identity import Move
from siyu.profiles.types import STRATEGIES, TraitRules
from tests.profiles.known import SOURCES, Told, World, anchors_of, op

NAMES = ("a", "b")
TIMES = st.integers(1, 12)
VALUES = st.sampled_from([1, 5, "x", ["p"], ["p", "q"]])
OPS = st.one_of(
    st.builds(op, st.sampled_from(["set", "set_once"]), st.sampled_from(NAMES), VALUES),
    st.builds(op, st.just("increment"), st.sampled_from(NAMES), st.integers(1, 9)),
    st.builds(op, st.just("append"), st.sampled_from(NAMES), st.sampled_from(["p", "r", ["q", "s"]])),
    st.builds(op, st.just("unset"), st.sampled_from(NAMES)),
    st.builds(op, st.just("delete"), st.just("")),
)
CONSENT = ("consent_granted", "consent_withdrawn", "opted_out")
CHANNELS = st.sampled_from(["{}", '{"channel":"email"}', '{"channel":"sms"}'])


def telling(**fields: Any) -> st.SearchStrategy[Told]:
    who = {"origin": st.integers(0, 2), "anchor": st.integers(0, 1), "at": TIMES, "source": st.sampled_from(SOURCES)}
    return st.builds(Told, **(who | fields))


TRAITS = telling(traits=st.lists(OPS, min_size=1, max_size=3).map(tuple))
FACTS = telling(event=st.sampled_from(["oa_followed", "oa_unfollowed", "wecom_friend_added", "member_registered"]))
SAID = telling(event=st.sampled_from(CONSENT), props=CHANNELS)
PAID = telling(
    event=st.sampled_from(["order_paid", "order_refunded"]), amount=st.integers(1, 900), order=st.just("unnumbered")
)
HISTORY = st.lists(st.one_of(TRAITS, FACTS, SAID, PAID), max_size=14)
RULES = st.builds(
    TraitRules,
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(STRATEGIES)),
    st.permutations(SOURCES),
)
ARRIVALS = st.randoms(use_true_random=False)
some = settings(max_examples=60, deadline=None)


def numbered(told: list[Told]) -> list[Told]:
    """Every order is paid once, and refunded by whoever paid it."""
    found = []
    for place, one in enumerate(told):
        event = "order_paid" if one.order and place % 2 else one.event
        props = json.dumps({"shop": "s"}) if one.order else one.props
        order = f"{one.origin}-{place if event == 'order_paid' else place - 1}" if one.order else ""
        found.append(Told(one.origin, one.anchor, one.at, event, props, order, one.amount, one.traits, one.source))
    return found


@contextmanager
def worlds(count: int, rules: TraitRules | None = None) -> Iterator[list[World]]:
    made = [World(rules) for _ in range(count)]
    yield made
    for world in made:
        world.close()


def settle_shuffled(world: World, told: list[Told], pick: random.Random) -> None:
    rest = list(told)
    pick.shuffle(rest)
    while rest:
        size = pick.randint(1, 4)
        world.settle(rest[:size])
        rest = rest[size:]


@some
@given(HISTORY.map(numbered), RULES, ARRIVALS)
def test_any_order_of_arrival_tells_the_same(told: list[Told], rules: TraitRules, pick: random.Random) -> None:
    with worlds(2, rules) as (whole, shuffled):
        whole.settle(told)
        settle_shuffled(shuffled, told, pick)
        assert shuffled.known() == whole.known()


@some
@given(HISTORY.map(numbered), HISTORY.map(numbered), RULES, st.permutations([0, 1, 2]), ARRIVALS)
def test_unmerged_is_as_if_never_merged(
    before: list[Told], after: list[Told], rules: TraitRules, order: list[int], pick: random.Random
) -> None:
    """Merge all three in any order, let more happen, take them apart in any order."""
    after = [Told(t.origin, t.anchor, t.at, t.event, t.props, t.order and f"z{t.order}", t.amount, t.traits, t.source)
             for t in after]  # fmt: skip
    with worlds(2, rules) as (apart, merged):
        apart.settle(before)
        settle_shuffled(merged, before, pick)
        assert merged.known() == apart.known()
        one, two, three = order
        merged.merge(max(one, two), min(one, two)).merge(max(three, min(one, two)), min(three, one, two))
        assert set(merged.who.values()) == {1}
        settle_shuffled(merged, after, pick)
        apart.settle(after)
        merged.part(pick.choice(order))
        left = next(group for group in ([0, 1], [0, 2], [1, 2]) if len({merged.who[one] for one in group}) == 1)
        merged.part(left[1])
        assert merged.known() == apart.known()


@some
@given(HISTORY.map(numbered), RULES, ARRIVALS)
def test_when_persons_became_one_makes_no_difference(told: list[Told], rules: TraitRules, pick: random.Random) -> None:
    """As the house comes to know it. When it was itself decides which side said what before, as far as consent goes."""
    since = pick.randint(0, 13)
    with worlds(2, rules) as (early, late):
        early.merge(1, 0, since).merge(2, 0, since)
        settle_shuffled(early, told, pick)
        cut = pick.randint(0, len(told))
        late.settle(told[:cut])
        late.merge(2, 1, since).merge(1, 0, since).settle(told[cut:])
        for world in (early, late):
            assert set(world.who.values()) == {1}
        assert early.known() == late.known()


@some
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), TIMES, st.integers(1, 9)), max_size=20), ARRIVALS)
def test_sums_never_double(steps: list[tuple[int, int, int, int]], pick: random.Random) -> None:
    told = [Told(origin, anchor, at, traits=(op("increment", "n", step),)) for origin, anchor, at, step in steps]
    with worlds(1) as (world,):
        settle_shuffled(world, told, pick)
        for _ in range(3):
            world.merge(1, 0).merge(2, 0)
            assert world.trait(1, "n") == (sum(step for *_, step in steps) or None)
            world.part(1).part(2)
        for origin in range(3):
            assert world.trait(origin + 1, "n") == (sum(step for who, _, _, step in steps if who == origin) or None)


SPOKEN = {"event": st.sampled_from(CONSENT), "props": CHANNELS}
ONE, OTHER = telling(**SPOKEN, origin=st.just(0)), telling(**SPOKEN, origin=st.just(1))
SIDES = st.lists(st.one_of(ONE, OTHER), max_size=8)


@some
@given(SIDES, st.integers(0, 13), ARRIVALS)
def test_a_no_survives_the_merge_until_a_later_yes(said: list[Told], since: int, pick: random.Random) -> None:
    """However late what was said before the merge arrives, also by identifiers that had been silent until then."""
    with worlds(2) as (world, apart):
        cut = pick.randint(0, len(said))
        world.settle(said[:cut]).merge(1, 0, since)
        settle_shuffled(world, said[cut:], pick)
        sides = apart.settle([one for one in said if one.at <= since]).known()
        if all(one.at <= since for one in said):
            assert world.known()[1]["withdrawn"] == sides[1]["withdrawn"] | sides[2]["withdrawn"]
        world.settle([Told(0, 1, 100, "consent_granted")])
        assert world.known()[1]["withdrawn"] == frozenset()


def test_a_late_no_of_a_silent_identifier_belongs_to_its_side() -> None:
    with worlds(1) as (world,):
        world.settle([Told(0, 0, 5, "consent_granted")]).merge(1, 0, 6)
        world.settle([Told(1, 1, 3, "consent_withdrawn")])
        assert world.known()[1]["withdrawn"], "it would have held had it come in time"
        world.part(1)
        assert (bool(world.known()[1]["withdrawn"]), bool(world.known()[2]["withdrawn"])) == (False, True)


@some
@given(SIDES, SIDES, SIDES)
def test_what_a_merge_within_settled_outlives_a_split(one: list[Told], other: list[Told], third: list[Told]) -> None:
    """Two became one and then a third; one identifier leaves, and the others are as if it had never been there."""
    third = [Told(2, said.anchor, said.at, said.event, said.props) for said in third]
    before = [*one, *other, *third]
    with worlds(2) as (world, without):
        leaver = anchors_of(1)[1]
        world.settle(before).merge(1, 0).merge(2, 0)
        world.settle([], [Move(1, 2, (leaver,))])
        without.settle([said for said in before if (said.origin, said.anchor) != (1, 1)]).merge(1, 0).merge(2, 0)
        with_it, never = (privacy.withdrawn(each.conn, [1]).get(1, frozenset()) for each in (world, without))
        assert with_it == never


def test_a_no_outlives_that_an_identifier_which_agreed_leaves() -> None:
    email = '{"channel":"email"}'
    with worlds(1) as (world,):
        world.settle([Told(0, 0, 1, "consent_withdrawn", email)])
        world.settle([Told(who, by, at, "consent_granted", email) for who, by, at in ((1, 0, 2), (1, 1, 2), (2, 0, 3))])
        world.merge(1, 0).merge(2, 0).settle([], [Move(1, 2, (anchors_of(1)[1],))])
        assert "email" in privacy.withdrawn(world.conn, [1])[1]


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_the_first_value_is_the_first_however_it_arrives(order: tuple[int, ...]) -> None:
    with worlds(1, TraitRules({"t": "first"})) as (world,):
        for at in order:
            world.settle([Told(0, 0, at, traits=(op("set", "t", f"at {at}"), op("set_once", "u", f"at {at}")))])
        assert (world.trait(1, "t"), world.trait(1, "u")) == ("at 1", "at 1")
        world.settle([Told(0, 0, 1, traits=(op("unset", "t"),))])
        assert world.trait(1, "t") == "at 3"


def test_a_counter_set_anew_counts_from_there() -> None:
    with worlds(1) as (world,):
        steps = [Told(0, 0, at, traits=(op("increment", "n", 1),)) for at in range(1, 400)]
        for start in range(0, len(steps), 40):
            world.settle(steps[start : start + 40])
        assert world.trait(1, "n") == 399
        world.settle([Told(0, 0, 350, traits=(op("set", "n", 0),))])
        assert world.trait(1, "n") == 50
        world.settle([Told(0, 0, 500 + at, traits=(op("increment", "n", 2),)) for at in range(300)])
        assert world.trait(1, "n") == 650


@pytest.mark.parametrize(
    ("strategy", "expected"), [("latest", "new"), ("first", "old"), ("trusted", "sure"), ("longest", ["l", "m"])]
)
def test_each_strategy_picks_its_own(strategy: Any, expected: Any) -> None:
    told = [
        Told(0, 0, 1, traits=(op("set", "t", "old"),), source="src_b"),
        Told(0, 0, 2, traits=(op("set", "t", "sure"),), source="src_a"),
        Told(1, 0, 3, traits=(op("set", "t", ["l", "m"]),), source="src_b"),
        Told(1, 1, 4, traits=(op("set", "t", "new"),), source="src_b"),
    ]
    with worlds(1, TraitRules({"t": strategy}, ["src_a", "src_b"])) as (world,):
        world.settle(told).merge(1, 0)
        assert world.trait(1, "t") == expected
        world.part(1)
        assert world.trait(1, "t") == ("old" if strategy == "first" else "sure")


def test_removals_reach_every_identifier_and_go_when_they_are_parted() -> None:
    with worlds(1) as (world,):
        world.settle([Told(1, 0, 3, traits=(op("set", "t", 1), op("set", "u", 1))),
                      Told(0, 0, 5, traits=(op("unset", "t"),))])  # fmt: skip
        world.merge(1, 0)
        assert (world.trait(1, "t"), world.trait(1, "u")) == (None, 1)
        world.settle([Told(0, 1, 6, traits=(op("delete", ""),))])
        assert world.trait(1, "u") is None
        world.part(1)
        assert (world.trait(2, "t"), world.trait(2, "u")) == (1, 1)
