"""What time alone changes is followed without looking at everybody, and equals a computation from scratch."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.audiences.due import due_step, follow_time
from siyu.audiences.schedules import Schedule
from tests.audiences.oracle import DAY
from tests.audiences.test_live import BOUGHT, PROPERTY, ZONES, Shop, advance, random_records
from tests.audiences.worlds import UNTAGGED_RULES
from tests.conftest import MakeStore

HOUR = 3_600_000
STEPS = [1, 60_000, HOUR, 3 * HOUR, DAY - 1, DAY, 2 * DAY, 7 * DAY, 31 * DAY]
CART = {"event": "cart_added", "op": "gte", "value": 1}
LEFT_CART = {
    "sequence": [{"event": "cart_added"}, {"event": "order_paid", "absent": True}],
    "within": {"n": 2, "unit": "hours"},
}


@pytest.fixture
def shop(store: Any) -> Any:
    opened = Shop(store)
    yield opened
    opened.close()


@PROPERTY
@given(seed=st.integers(0, 2**32), rules=st.lists(UNTAGGED_RULES, min_size=8, max_size=16), zone=ZONES)
def test_following_time_equals_computing_from_scratch(
    make_store: MakeStore, seed: int, rules: list[dict[str, Any]], zone: str
) -> None:
    draw = random.Random(seed)
    shop = Shop(make_store(fresh=True), zone)
    shop.happen(*random_records(shop, seed, 25))
    names = {shop.audience(rule): rule for rule in rules}
    for turn in range(5):
        advance(shop.store, draw.choice(STEPS))
        if turn % 2:
            shop.happen(*random_records(shop, seed + turn, 10))
            advance(shop.store, draw.choice(STEPS))
        follow_time(shop.store, [shop.tell])
        assert shop.all_members(names) == shop.all_from_scratch(names), names
    shop.close()


@pytest.mark.parametrize(
    ("rule", "wait", "change"),
    [
        (
            {"event": "cart_added", "op": "gte", "value": 1, "window": {"last": 30, "unit": "minutes"}},
            HOUR // 2,
            "left",
        ),
        (
            {"event": "cart_added", "op": "gte", "value": 1, "window": {"before": 2, "unit": "hours"}},
            2 * HOUR,
            "entered",
        ),
        ({"event": "cart_added", "aggregate": "last", "op": "in_last_days", "value": 3}, 3 * DAY, "left"),
        (LEFT_CART, 2 * HOUR, "entered"),
        ({"lifecycle": ["new"]}, 30 * DAY - 1, "left"),
    ],
)
def test_time_moves_a_person_at_the_millisecond(shop: Shop, rule: dict[str, Any], wait: int, change: str) -> None:
    name = shop.audience(rule)
    shop.happen(shop.event("device:a", "cart_added"))
    shop.news.clear()
    advance(shop.store, wait)
    follow_time(shop.store, [shop.tell])
    assert shop.news == []
    advance(shop.store, 1)
    follow_time(shop.store, [shop.tell])
    assert shop.news == [(change, name, shop.person("device:a"))]


def test_an_order_in_time_keeps_a_person_out(shop: Shop) -> None:
    shop.audience(LEFT_CART)
    shop.happen(shop.event("device:a", "cart_added"), shop.event("device:b", "cart_added"))
    advance(shop.store, HOUR)
    shop.happen(shop.event("device:a", "order_paid", amount=1, order="o1"))
    advance(shop.store, HOUR + 1)
    follow_time(shop.store, [shop.tell])
    assert [person for *_, person in shop.news] == [shop.person("device:b")]


def test_a_schedule_refreshes_tells_and_moves_on(shop: Shop) -> None:
    name = shop.audience(BOUGHT, kind="scheduled", schedule=Schedule("day", "03:00"))
    user = shop.audience({"audience": name})
    shop.happen(shop.event("device:a", "order_paid", amount=1, order="o1"))
    due_step(shop.store, [shop.tell])
    assert (shop.members(name), shop.members(user), shop.news) == (set(), set(), [])
    advance(shop.store, DAY)
    due_step(shop.store, [shop.tell])
    person = shop.person("device:a")
    assert shop.news == [("entered", name, person), ("entered", user, person)]
    assert shop.members(name) == shop.members(user) == {person} == shop.rebuilt(name) == shop.rebuilt(user)
    due_step(shop.store, [shop.tell])
    assert len(shop.news) == 2
    assert shop.row(name).next_at > shop.store.clock.now_ms()


def test_a_merge_keeps_its_place_in_audiences_that_stand_still(shop: Shop) -> None:
    shop.happen(shop.event("user_id:1", "page_viewed"), shop.event("device:a", "order_paid", amount=1, order="o1"))
    name = shop.audience(BOUGHT, kind="snapshot")
    shop.happen(shop.event("user_id:1 device:a", "page_viewed"))
    assert shop.members(name) == {shop.person("user_id:1")} == shop.rebuilt(name)


def test_what_held_only_between_two_looks_at_the_clock_ends(shop: Shop) -> None:
    name = shop.audience({"entered": {"op": "recurs_in_next_days", "value": 7}})
    shop.happen(shop.event("device:a", "wecom_friend_added"))
    advance(shop.store, 100 * DAY)
    follow_time(shop.store, [shop.tell])
    advance(shop.store, 260 * DAY)
    shop.happen(shop.event("device:a", "order_paid", amount=1, order="o1"))
    assert shop.members(name) == {shop.person("device:a")}
    advance(shop.store, 31 * DAY)
    follow_time(shop.store, [shop.tell])
    assert shop.members(name) == set()
