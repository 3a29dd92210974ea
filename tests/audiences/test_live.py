"""Membership that follows the stream is what a computation from scratch would give, whatever comes in."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from siyu.accounts import Operator
from siyu.audiences import actions, look_ahead, members_of, on_settled, plan, sweep
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import Membership
from siyu.audiences.queries.leaves import EVERYBODY, find
from siyu.audiences.types import AudienceDraft
from siyu.collect import Inbox, Record
from siyu.collect.types import TraitOp
from siyu.kit import ManualClock
from siyu.pipeline import Pipeline, Settled
from siyu.settings import ProductSettings
from siyu.settings.actions import change_settings
from siyu.store import Store, among
from tests.audiences.oracle import DAY
from tests.audiences.test_rules_oracle import typed
from tests.audiences.worlds import DATES, UNTAGGED_RULES, VALUES
from tests.conftest import MakeStore

OPERATOR = Operator("opr_1", "Test", "t@example.com", "admin", "en")
BOUGHT = {"event": "order_paid", "aggregate": "count", "op": "gte", "value": 1}
NEVER_BOUGHT = {"event": "order_paid", "aggregate": "count", "op": "eq", "value": 0}
RECENT_CART = {"event": "cart_added", "aggregate": "count", "window": {"last_days": 1}, "op": "gte", "value": 1}
ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Apia"])
"""The days of the tests lie around the change of the clock in the second; the third is a day ahead of it."""
PROPERTY = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Shop:
    """A store with its pipeline, and what subscribers were told."""

    def __init__(self, store: Store, zone: str = "Asia/Shanghai") -> None:
        self.store, self.zone = store, zone
        if zone != "Asia/Shanghai":
            with store.state.write() as conn:
                change_settings(conn, OPERATOR, ProductSettings(timezone=zone), '"0"')
        self.news: list[tuple[str, str, int]] = []
        self.parted: set[int] = set()
        self.merges: list[tuple[int, dict[int, int]]] = []
        """How much had been told before, and which persons then became others."""
        self.inbox = Inbox(store)
        self.pipeline = Pipeline(store, self.inbox, [on_settled, self.tell], [look_ahead])
        self._next = 1

    def tell(self, _store: Store, _conn: Connection, settled: Settled) -> None:
        self.merges.append((len(self.news), dict(settled.merged)))
        self.news += [("entered", *one) for one in settled.entered]
        self.news += [("left", *one) for one in settled.left]
        self.parted |= {who for move in settled.moves if move.anchors for who in (move.source, move.target)}
        self.parted |= {keep for gone, keep in settled.merged.items() if gone in self.parted}

    def happen(self, *records: Record) -> None:
        self.inbox.append("src", self.store.clock.now_ms(), list(records))
        self.pipeline.drain()

    def event(self, who: str, name: str, ago: int = 0, **more: Any) -> Record:
        self._next += 1
        time = self.store.clock.now_ms() - ago
        return Record(event=name, time=time, bucket=time // 1000, key=self._next, ids=tuple(who.split()), **more)

    def audience(self, rule: dict[str, Any], kind: Any = "live", **more: Any) -> str:
        return actions.create(self.store, OPERATOR, AudienceDraft("测试", rule, kind=kind, **more), "en").id

    def members(self, audience: str) -> set[int]:
        with self.store.state.read() as conn:
            return set(members_of(self.store, conn, audience))

    def all_from_scratch(self, names: dict[str, Any]) -> dict[str, set[int]]:
        with self.store.state.read() as conn:
            moment = moment_of(conn, self.store.clock.now_ms())
        parsed = {name: typed(rule, self.zone) for name, rule in names.items()}
        found = find(self.store.events, plan.probes(parsed.values()), EVERYBODY, moment)
        return {name: set(plan.members(rule, found.sets, found.everyone)) for name, rule in parsed.items()}

    def all_members(self, names: dict[str, Any]) -> dict[str, set[int]]:
        return {name: self.members(name) for name in names}

    def row(self, audience: str) -> Any:
        with self.store.state.read() as conn:
            return actions._row(conn, audience)

    def rebuilt(self, audience: str) -> set[int]:
        """Members as a process would read them that has just started."""
        fresh = Membership()
        with self.store.state.read() as conn:
            fresh.catch_up(conn)
        return set(fresh.members(audience))

    def person(self, key: str) -> int:
        with self.store.state.read() as conn:
            row = among(conn, "SELECT person_id FROM identity_identifiers WHERE key IN {values}", [key])[0]
            return int(row[0])

    def close(self) -> None:
        self.inbox.close()


@pytest.fixture
def shop(store: Store) -> Any:
    opened = Shop(store)
    yield opened
    opened.close()


def random_records(shop: Shop, seed: int, count: int) -> list[Record]:
    """Devices and members that turn out to be the same persons; events early, late, and at the same time."""
    draw = random.Random(seed)
    records = []
    for _ in range(count):
        ids = draw.choice([f"device:{draw.randrange(12)}", f"user_id:{draw.randrange(6)}"])
        if draw.random() < 0.15:
            ids = f"user_id:{draw.randrange(6)} device:{draw.randrange(12)}"
        props = {"category": draw.choice(VALUES), "price": draw.choice(VALUES), "day": draw.choice(DATES)}
        traits = tuple(
            TraitOp("set", name, json.dumps(draw.choice(pool)))
            for name, pool in (("city", VALUES), ("level", VALUES), ("day", DATES))
            if draw.random() < 0.1
        )
        if draw.random() < 0.1:
            traits += (
                draw.choice([TraitOp("unset", draw.choice(["city", "level", "day"]), ""), TraitOp("delete", "", "")]),
            )
        name = draw.choice(["cart_added", "order_paid", "page_viewed", "oa_followed", ""]) or (
            "" if traits else "other"
        )
        ago = draw.choice([0, 0, 1, DAY, DAY - 1, 2 * DAY, 30 * DAY, 90 * DAY])
        order = {"amount": draw.choice([1, 9_900, 10_000]), "order": f"o{shop._next}"} if name == "order_paid" else {}
        records.append(shop.event(ids, name, ago, props=json.dumps(props), traits=traits, **order))
    return records


@PROPERTY
@given(
    seed=st.integers(0, 2**32),
    rules=st.lists(UNTAGGED_RULES, min_size=6, max_size=12),
    batches=st.lists(st.integers(1, 25), min_size=2, max_size=6),
    zone=ZONES,
)
def test_following_the_stream_equals_computing_from_scratch(
    make_store: MakeStore, seed: int, rules: list[dict[str, Any]], batches: list[int], zone: str
) -> None:
    shop = Shop(make_store(fresh=True), zone)
    shop.happen(*random_records(shop, seed, 20))
    names = {shop.audience(rule): rule for rule in rules}
    before = {name: shop.members(name) for name in names}
    for turn, count in enumerate(batches):
        shop.happen(*random_records(shop, seed + turn + 1, count))
        assert shop.all_members(names) == shop.all_from_scratch(names), names
    check_news(shop, before)
    advance(shop.store, DAY)
    sweep(shop.store, [shop.tell])
    assert shop.all_members(names) == shop.all_from_scratch(names), names
    assert shop.all_members(names) == {name: shop.rebuilt(name) for name in names}
    check_news(shop, before)
    shop.close()


def advance(store: Store, ms: int) -> None:
    assert isinstance(store.clock, ManualClock)
    store.clock.advance(ms)


def check_news(shop: Shop, before: dict[str, set[int]]) -> None:
    """What subscribers were told, each merge taken in its turn, leads from the first members to the present ones.

    Of those who took part in a split, and who absorbed one of them, nothing is told.
    """
    for name, first in before.items():
        told, place = set(first), 0
        for until, merged in [*shop.merges, (len(shop.news), {})]:
            for kind, audience, person in shop.news[place:until]:
                if audience == name:
                    told.add(person) if kind == "entered" else told.discard(person)
            told = {merged.get(person, person) for person in told}
            place = until
        assert told >= shop.members(name) - shop.parted


def test_entering_and_leaving_are_told_once(shop: Shop) -> None:
    shop.happen(shop.event("device:a", "page_viewed"), shop.event("device:b", "page_viewed"))
    bought, never = shop.audience(BOUGHT), shop.audience(NEVER_BOUGHT)
    a, b = shop.person("device:a"), shop.person("device:b")
    assert (shop.members(bought), shop.members(never)) == (set(), {a, b})
    order = shop.event("device:a", "order_paid", amount=100, order="o1")
    shop.happen(order)
    shop.happen(order)
    shop.happen(shop.event("device:a", "order_paid", amount=100, order="o2"))
    assert shop.news == [("entered", bought, a), ("left", never, a)]
    assert (shop.members(bought), shop.members(never)) == ({a}, {b})


def test_a_new_person_is_found_by_what_has_not_happened(shop: Shop) -> None:
    never = shop.audience(NEVER_BOUGHT)
    shop.happen(shop.event("device:new", "some_other_event"))
    assert shop.news == [("entered", never, shop.person("device:new"))]


def test_a_person_leaves_when_the_window_has_passed(shop: Shop) -> None:
    recent = shop.audience(RECENT_CART)
    shop.happen(shop.event("device:a", "cart_added"))
    person = shop.person("device:a")
    advance(shop.store, DAY)
    assert sweep(shop.store, [shop.tell]).left == 0
    advance(shop.store, 1)
    swept = sweep(shop.store, [shop.tell])
    assert (swept.entered, swept.left) == (0, 1)
    assert shop.news == [("entered", recent, person), ("left", recent, person)]
    assert sweep(shop.store, [shop.tell]).left == 0


def test_a_merge_makes_no_news_of_a_member(shop: Shop) -> None:
    bought = shop.audience(BOUGHT)
    shop.happen(shop.event("user_id:1", "page_viewed"))
    shop.happen(shop.event("device:a", "order_paid", amount=100, order="o1"))
    old = shop.person("device:a")
    assert shop.news == [("entered", bought, old)]
    shop.happen(shop.event("user_id:1 device:a", "page_viewed"))
    kept = shop.person("user_id:1")
    assert kept == shop.person("device:a")
    assert shop.members(bought) == {kept} == shop.rebuilt(bought)
    assert len(shop.news) == 1


def test_a_merge_that_disqualifies_is_told(shop: Shop) -> None:
    never = shop.audience(NEVER_BOUGHT)
    shop.happen(shop.event("user_id:1", "page_viewed"), shop.event("device:a", "page_viewed"))
    shop.happen(shop.event("device:a", "order_paid", amount=100, order="o1"))
    shop.news.clear()
    shop.happen(shop.event("user_id:1 device:a", "page_viewed"))
    assert shop.members(never) == set()
    assert [kind for kind, *_ in shop.news] == ["left"]


def test_a_split_makes_no_news_and_each_is_where_it_belongs(shop: Shop) -> None:
    dark = shop.audience({"trait": "theme", "op": "eq", "value": "dark"})
    light = shop.audience({"trait": "theme", "op": "eq", "value": "light"})
    shop.happen(shop.event("device:a", "page_viewed", 9_000, traits=(TraitOp("set", "theme", '"dark"'),)))
    shop.happen(shop.event("user_id:1", "page_viewed", 8_000, traits=(TraitOp("set", "theme", '"light"'),)))
    shop.happen(shop.event("user_id:1 device:a", "page_viewed", 7_000))
    assert (shop.members(dark), shop.members(light)) == (set(), {shop.person("device:a")})
    shop.news.clear()
    # The device was somebody else's before: known late, it goes over to them, with the theme it had chosen.
    shop.happen(shop.event("user_id:2 device:a", "page_viewed", 10_000))
    one, other = shop.person("user_id:1"), shop.person("user_id:2")
    assert other == shop.person("device:a") != one
    assert shop.members(dark) == {other} == shop.rebuilt(dark)
    assert shop.members(light) == {one} == shop.rebuilt(light)
    assert shop.news == []
    assert sweep(shop.store, [shop.tell]).entered == 0


def test_a_transaction_that_fails_leaves_no_trace(shop: Shop) -> None:
    bought = shop.audience(BOUGHT)

    def fail(*_: object) -> None:
        raise RuntimeError("a subscriber fails")

    shop.inbox.append("src", shop.store.clock.now_ms(), [shop.event("device:a", "order_paid", amount=1, order="o1")])
    with pytest.raises(RuntimeError):
        Pipeline(shop.store, shop.inbox, [on_settled, fail]).drain()
    assert shop.members(bought) == set() == shop.rebuilt(bought)
    shop.pipeline.drain()
    assert shop.members(bought) == {shop.person("device:a")}
    assert len(shop.news) == 1


def test_membership_survives_a_restart(make_store: MakeStore) -> None:
    first = Shop(make_store())
    bought = first.audience(BOUGHT)
    first.happen(*[first.event(f"device:{number}", "order_paid", amount=1, order=f"o{number}") for number in range(30)])
    members = first.members(bought)
    assert len(members) == 30
    first.close()
    first.store.close()
    again = Shop(make_store())
    again._next = 1_000
    assert again.members(bought) == members
    again.happen(again.event("device:99", "order_paid", amount=1, order="o99"))
    assert len(again.members(bought)) == 31
    again.close()


def test_a_changed_rule_fills_anew_without_news(shop: Shop) -> None:
    shop.happen(shop.event("device:a", "order_paid", amount=1, order="o1"), shop.event("device:b", "cart_added"))
    name = shop.audience(BOUGHT)
    a, b = shop.person("device:a"), shop.person("device:b")
    assert shop.members(name) == {a}
    draft = AudienceDraft("新规则", {"not": BOUGHT})
    changed = actions.change(shop.store, OPERATOR, name, draft, '"1"', "en")
    assert (changed.version, changed.size, changed.entered_24h) == (2, 1, 0)
    assert shop.members(name) == {b} == shop.rebuilt(name)
    shop.happen(shop.event("device:b", "order_paid", amount=1, order="o2"))
    assert shop.news == [("left", name, b)]


def test_an_audience_that_is_not_live_stays_as_it_was(shop: Shop) -> None:
    shop.happen(shop.event("device:a", "order_paid", amount=1, order="o1"))
    name = shop.audience(BOUGHT, kind="scheduled")
    shop.happen(shop.event("device:b", "order_paid", amount=1, order="o2"))
    assert (len(shop.members(name)), shop.news) == (1, [])
    assert actions.refresh(shop.store, OPERATOR, name).size == 2


def test_several_made_at_once_are_what_each_would_be(shop: Shop) -> None:
    shop.happen(shop.event("device:a", "order_paid", amount=1, order="o1"), shop.event("device:b", "cart_added"))
    drafts = [AudienceDraft(f"{number}", rule) for number, rule in enumerate((BOUGHT, NEVER_BOUGHT, RECENT_CART))]
    made = actions.create_many(shop.store, OPERATOR, drafts, "en")
    assert [shop.members(name) for name in made] == [shop.members(shop.audience(one.rule)) for one in drafts]
