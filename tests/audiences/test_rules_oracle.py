"""The engine and a slow, obvious Python reading of the rule language agree on whoever fits."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.audiences import plan
from siyu.audiences.parse import parse_rule
from siyu.audiences.queries.leaves import Population, find
from siyu.audiences.queries.terms import Moment
from siyu.audiences.rules import Rule
from siyu.settings import Lifecycle
from siyu.store import Store
from tests.audiences import oracle
from tests.audiences.oracle import fits
from tests.audiences.worlds import PEOPLE, RULES, World

_starts = itertools.count(1)


def typed(rule: dict[str, Any], zone: str = "Asia/Shanghai") -> Rule:
    parsed, problems = parse_rule(rule, ZoneInfo(zone))
    assert parsed is not None, (rule, problems)
    return parsed


PLACES = [
    ("Asia/Shanghai", None),
    ("America/New_York", "2026-03-08T07:30:00Z"),
    ("America/New_York", "2026-11-01T06:15:00Z"),
    ("Europe/Berlin", "2026-03-29T01:30:00Z"),
    ("Europe/Berlin", "2028-02-29T23:30:00Z"),
    ("Pacific/Apia", "2026-04-05T13:00:00Z"),
]
"""Zones with a moment in them: around changes of the clock, a leap day, a date line."""


@settings(
    max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seed=st.integers(0, 2**32), rules=st.lists(RULES, min_size=5, max_size=9), place=st.sampled_from(PLACES))
def test_everybody_and_a_list_of_persons_agree_with_the_oracle(
    store: Store, seed: int, rules: list[dict[str, Any]], place: tuple[str, str | None]
) -> None:
    zone, moment = place
    now = store.clock.now_ms() if moment is None else oracle.ms(datetime.fromisoformat(moment))
    with oracle.shop_in(zone):
        agree(store, seed, rules, now, zone)


def agree(store: Store, seed: int, rules: list[dict[str, Any]], now: int, zone: str) -> None:
    world = World(seed, next(_starts) * 10 * PEOPLE, now)
    world.write(store)
    moment = Moment(now, zone, Lifecycle())
    parsed = [typed(rule, zone) for rule in rules]
    probes = plan.probes(parsed)
    whole = Population(*world.all)
    everybody = find(store.events, probes, whole, moment)
    alone = [find(store.events, plan.probes([one]), whole, moment) for one in parsed[:3]]
    some = tuple(person for person in world.humans if person % 3)
    listed = find(store.events, probes, Population(people=(*some, *world.left_out)), moment)
    assert set(everybody.everyone) == set(world.humans)
    assert set(listed.everyone) == set(some)
    for place, (rule, one) in enumerate(zip(rules, parsed, strict=True)):
        expected = {person for person, human in world.humans.items() if fits(rule, human, now)}
        assert set(plan.members(one, everybody.sets, everybody.everyone)) == expected, rule
        assert set(plan.members(one, listed.sets, listed.everyone)) == expected & set(some), rule
        if place < len(alone):
            assert set(plan.members(one, alone[place].sets, alone[place].everyone)) == expected, rule
