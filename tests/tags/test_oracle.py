"""Every kind against a slow reading of its config, for everybody in one scan and for a list of persons."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.audiences import Moment
from siyu.settings import Lifecycle
from siyu.store import Store
from siyu.tags import compute
from siyu.tags.kinds import KINDS
from siyu.tags.queries import scan, values
from siyu.tags.queries.scan import Ask
from tests.audiences import oracle as rules_oracle
from tests.audiences.worlds import DATED_WINDOWS, EVENTS, PEOPLE, WHERES, WITHIN, World
from tests.tags import oracle

_starts = itertools.count(1)
_WINDOWS = DATED_WINDOWS
_NAMES = st.sampled_from(EVENTS)
_SOME = st.lists(WHERES, max_size=1)


def _made(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    whole = {"event": _NAMES, "window": _WINDOWS, "where": _SOME} | parts
    return st.fixed_dictionaries(whole).map(lambda config: (kind, config))


_TEXT = st.sampled_from(["category", "price"])
_EDGES = st.lists(st.sampled_from([0, 1, 2, 5, 30, 90, 10_000]), min_size=1, max_size=3, unique=True).map(sorted)
TAGS = st.one_of(
    _made("number", measure=st.sampled_from(["count", "days_since"])),
    _made(
        "number", measure=st.sampled_from(["sum", "avg", "min", "max"]), property=st.sampled_from(["amount", "price"])
    ),
    _made("number", measure=st.just("distinct"), property=st.sampled_from(["category", "amount"])),
    _made("first_last", which=st.sampled_from(["first", "last"])),
    _made("first_last", which=st.sampled_from(["first", "last"]), property=st.sampled_from(["category", "amount"])),
    _made(
        "preference",
        property=_TEXT,
        by=st.sampled_from(["events", "amount"]),
        top=st.integers(1, 3),
        share=st.sampled_from([0, 25, 50]),
    ),
    _made("distribution", of=st.sampled_from(["hour", "weekday"]), least=st.integers(1, 3)),
    _made("interval", answer=st.sampled_from(["days", "next_date"]), least=st.integers(1, 2)),
    _made("rfm", answer=st.sampled_from(["segment", "code"]), parts=st.integers(2, 5)),
    _made("rfm", answer=st.just("code"), bands=st.just("fixed"), recency=_EDGES, frequency=_EDGES, money=_EDGES),
    st.builds(
        lambda names, within, window: (
            "sequence",
            {
                "sequence": [{"event": name} for name in names],
                "within": {"n": within[0], "unit": within[1]},
                "window": window,
            },
        ),
        st.lists(_NAMES, min_size=2, max_size=3),
        WITHIN,
        _WINDOWS,
    ),
)
PLACES = [
    ("Asia/Shanghai", None),
    ("America/New_York", "2026-03-08T07:30:00Z"),
    ("America/New_York", "2026-11-01T12:30:00Z"),
    ("Europe/Berlin", "2026-03-29T01:30:00Z"),
    ("Europe/Berlin", "2028-02-29T23:30:00Z"),
]


def ask(number: int, kind: str, config: dict[str, Any], zone: str) -> Ask:
    declared = KINDS[kind]
    typed = compute.config_of(kind, json.dumps(config))
    probes, problems = declared.probes(typed, ZoneInfo(zone))
    assert problems == [], (kind, config)
    return Ask(f"tag_{number}", declared, typed, probes)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seed=st.integers(0, 2**32), wanted=st.lists(TAGS, min_size=4, max_size=8), place=st.sampled_from(PLACES))
def test_every_kind_agrees_with_the_oracle(
    store: Store, seed: int, wanted: list[tuple[str, dict[str, Any]]], place: tuple[str, str | None]
) -> None:
    zone, moment = place
    now = store.clock.now_ms() if moment is None else rules_oracle.ms(datetime.fromisoformat(moment))
    with rules_oracle.shop_in(zone):
        agree(store, seed, wanted, now, zone)


def agree(store: Store, seed: int, wanted: list[tuple[str, dict[str, Any]]], now: int, zone: str) -> None:
    world = World(seed, next(_starts) * 10 * PEOPLE, now)
    world.write(store)
    moment = Moment(now, zone, Lifecycle())
    asks = [ask(place, kind, config, zone) for place, (kind, config) in enumerate(wanted)]
    buyers = list(world.humans.values())
    people = list(world.humans)
    asks = [_with_edges(one, config, world, now) for one, (_, config) in zip(asks, wanted, strict=True)]
    some = scan.events(asks, moment, scan.some(store.events, people))
    listed = {
        (one.tag, one.person): one.items or one.value for one in values.found_in(store.events, some, asks, people)
    }
    parts = scan.scopes(store.events, world.start, world.end, PEOPLE)
    whole: dict[tuple[str, int], Any] = {}
    for part in parts:
        one_scan = scan.events(asks, moment, part)
        found = values.found_in(store.events, one_scan, asks, people)
        whole |= {(one.tag, one.person): one.items or one.value for one in found}
    assert whole == listed
    for one, (kind, config) in zip(asks, wanted, strict=True):
        for person, human in world.humans.items():
            expected = oracle.value(kind, config, human, now, buyers)
            assert whole.get((one.tag, person)) == expected, (kind, config, human.events)


def _with_edges(one: Ask, config: dict[str, Any], world: World, now: int) -> Ask:
    """The edges of this world alone: other worlds lie in the same store."""
    if one.kind.name != "rfm" or config.get("bands") == "fixed":
        return one
    event = {"event": config["event"], "where": config["where"]}
    scoped = [oracle.in_scope(event, config, human, now) for human in world.humans.values()]
    rows = [oracle.numbers(counted, now) for counted in scoped if counted]
    if not rows:
        return one
    facts = {}
    for place, part in enumerate(("recency", "frequency", "money")):
        ranked = sorted(row[place] for row in rows)
        cuts = [oracle.level(each / config["parts"], len(ranked)) for each in range(1, config["parts"])]
        facts[part] = sorted({float(ranked[cut]) for cut in cuts})
    return Ask(one.tag, one.kind, one.config, one.probes, facts)


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_edges_of_bands_are_those_of_everybody(store: Store, parts: int) -> None:
    world = World(parts, 1_000, store.clock.now_ms())
    world.write(store)
    moment = Moment(store.clock.now_ms(), "Asia/Shanghai", Lifecycle())
    config = {"event": "order_paid", "parts": parts, "where": [], "window": None}
    one = ask(0, "rfm", config, "Asia/Shanghai")
    assert scan.edges(store.events, one, moment) == _with_edges(one, config, world, moment.now).facts
