"""The catalog tells what the doors have brought in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.catalog import OWNED_CHANNELS, STANDARD
from siyu.kit import DAY, MINUTE, SECOND, ManualClock
from siyu.profiles import STAGES
from siyu.profiles.reach import CHANNELS
from siyu.store import Store
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]


class Ticking(ManualClock):
    """A clock that moves on by ``step`` ms whenever somebody looks at it."""

    step = 0

    def now_ms(self) -> int:
        self.advance(self.step)
        return super().now_ms()


@pytest.fixture
def clock() -> Ticking:
    return Ticking(NOW)


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    made = Shop(store)
    yield made
    made.close()


EVENTS = "person, time, event, key, source, received, amount, props, context"


def read(client: Client) -> dict[str, Any]:
    answer = client.get("/api/catalog")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def entry(client: Client, event: str) -> dict[str, Any]:
    return next(row for row in read(client)["events"] if row["name"] == event)


def types_of(event: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["type"] for row in event["properties"]}


def test_an_empty_house_knows_the_standard_words(admin: Client) -> None:
    body = read(admin)
    assert [row["name"] for row in body["events"]] == list(STANDARD)
    assert all(row["count_30d"] == 0 for row in body["events"])
    assert types_of(next(row for row in body["events"] if row["name"] == "order_paid"))["amount"] == "number"
    assert body["traits"] == []
    assert {row["name"] for row in body["channels"]} == set(OWNED_CHANNELS) == set(CHANNELS)
    assert tuple(row["name"] for row in body["stages"]) == STAGES
    assert body["stages"][0]["label"] == {"zh": "新用户", "en": "New"}


def test_events_are_counted_and_their_properties_typed(admin: Client, shop: Shop) -> None:
    mixed = {"level": 3, "vip": True, "opened_on": "2026-01-02", "shelf": {"row": 2}, "tags": ["a"], "nothing": None}
    shop.send(
        shop.track("u1", "lab_visited", NOW - DAY, **mixed),
        shop.track("u1", "lab_visited", NOW - 2 * DAY, level=4, note="hello"),
        shop.track("u1", "lab_visited", NOW - 31 * DAY, ancient="x"),
        shop.track("u1", "Product Added", NOW - DAY, product_id="p1", texture="gel"),
    )
    lab = entry(admin, "lab_visited")
    assert (lab["count_30d"], lab["group"], lab["label"]) == (2, "custom", {"zh": "lab_visited", "en": "lab_visited"})
    assert types_of(lab) == {
        "level": "number", "vip": "boolean", "opened_on": "time", "shelf.row": "number", "note": "string",
    }  # fmt: skip
    cart = entry(admin, "cart_added")
    assert cart["count_30d"] == 1
    assert {"product_id": "string", "price": "number", "texture": "string"}.items() <= types_of(cart).items()
    assert read(admin)["events"][0]["name"] == "lab_visited", "the most frequent comes first"


def test_rare_events_are_seen_among_many(admin: Client, store: Store) -> None:
    row = "toDateTime64('2026-03-01 00:00:00', 3, 'UTC')"
    store.events.command(
        f"INSERT INTO events ({EVENTS})"
        f" SELECT number % 5000, {row}, 'busy', number, 's', {row}, 0, '{{\"n\": 1}}', '{{}}' FROM numbers(200000)"
    )
    store.events.command(
        f"INSERT INTO events ({EVENTS}) SELECT 777, {row}, 'rare', 1, 's', {row}, 0, '{{\"only\": \"here\"}}', '{{}}'"
    )
    assert entry(admin, "busy")["count_30d"] == 200_000
    assert types_of(entry(admin, "busy")) == {"n": "number"}
    assert types_of(entry(admin, "rare")) == {"only": "string"}


def test_traits_have_types_and_coverage(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.identify("a", NOW - DAY, city="杭州", age=30, vip=True),
        shop.identify("b", NOW - DAY, city="上海", birthday="1990-01-02"),
        shop.identify("c", NOW - DAY, city="北京"),
        shop.identify("d", NOW - DAY),
    )
    traits = {row["name"]: (row["type"], row["coverage"]) for row in read(admin)["traits"]}
    assert traits == {
        "city": ("string", 0.75), "age": ("number", 0.25), "vip": ("boolean", 0.25), "birthday": ("time", 0.25),
    }  # fmt: skip
    assert next(row for row in read(admin)["traits"] if row["name"] == "city")["label"] == {"zh": "城市", "en": "City"}


def test_what_is_new_shows_at_once_where_that_is_cheap(admin: Client, shop: Shop) -> None:
    assert entry(admin, "searched")["count_30d"] == 0
    shop.send(shop.track("a", "searched", NOW - DAY), shop.identify("a", NOW - DAY, shoe=38))
    assert entry(admin, "searched")["count_30d"] == 1
    assert [one["name"] for one in read(admin)["traits"]] == ["shoe"]


@pytest.mark.parametrize(("look", "least"), [(1_000, 15 * SECOND), (9_000, 40 * SECOND)])
def test_what_is_dear_is_kept_a_while(admin: Client, shop: Shop, clock: Ticking, look: int, least: int) -> None:
    """Never longer than a minute, however long it took."""
    clock.step = look
    read(admin)
    clock.step = 0
    shop.send(shop.track("a", "searched", NOW - DAY))
    clock.advance(least)
    assert entry(admin, "searched")["count_30d"] == 0
    clock.advance(MINUTE - least)
    assert entry(admin, "searched")["count_30d"] == 1


def test_nobody_reads_it_without_signing_in(client: Client) -> None:
    assert client.get("/api/catalog").status_code == 401
