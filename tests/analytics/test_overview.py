"""The overview counts people, in the brand's days, and compares with the period before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from siyu.analytics import OverviewParts, overview
from siyu.analytics.windows import window
from siyu.catalog import OWNED_CHANNELS
from siyu.kit import DAY, HOUR, parse_iso
from siyu.profiles import STAGES
from siyu.store import Store
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    made = Shop(store)
    yield made
    made.close()


def read(client: Client, days: int = 30) -> dict[str, Any]:
    answer = client.get("/api/overview", params={"days": days})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_an_empty_house(admin: Client) -> None:
    body = read(admin, 7)
    assert body["persons"] == {"known": 0, "reachable": 0, "active_30d": 0, "new": 0, "entered": 0}
    assert body["revenue"]["total_fen"] == 0
    assert [row["date"] for row in body["daily"]] == [f"2026-02-{day}" for day in (24, 25, 26, 27, 28)] + [
        "2026-03-01", "2026-03-02",
    ]  # fmt: skip
    assert [row["stage"] for row in body["lifecycle"]] == list(STAGES)
    assert {row["channel"] for row in body["channels"]} == set(OWNED_CHANNELS)
    assert body["needs_me"] == {
        "quarantine": 0,
        "failed_messages": 0,
        "journeys_parked": 0,
        "sources_silent": 0,
        "identity_conflicts": 0,
        "data_quality": 0,
        "suggestions": 0,
    }
    for figure in ("known", "reachable", "active_30d", "revenue"):
        assert body["formulas"][figure]["zh"]
        assert body["formulas"][figure]["en"]


def test_persons_are_counted_once(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.identify("a", NOW - 100 * DAY, email="a@example.com"),
        shop.track("a", "page_viewed", NOW - 2 * DAY),
        shop.track("a", "cart_added", NOW - 2 * DAY),
        shop.track("a", "page_viewed", NOW - DAY),
        shop.track("b", "oa_followed", NOW - 3 * DAY),
        shop.track("c", "searched", NOW - 8 * DAY),
        shop.track("d", "oa_unfollowed", NOW - DAY),
        shop.track("e", "lab_visited", NOW - DAY),
    )
    body = read(admin, 7)
    assert body["persons"] == {"known": 5, "reachable": 1, "active_30d": 3, "new": 3, "entered": 1}
    assert body["previous"] == {"known": 2, "reachable": None, "active_30d": 1, "new": 1, "entered": 0}
    days = {row["date"]: row for row in body["daily"]}
    assert [days[f"2026-0{day}"]["active"] for day in ("2-27", "2-28", "3-01", "3-02")] == [1, 1, 2, 0]
    assert [days[f"2026-0{day}"]["new"] for day in ("2-27", "2-28", "3-01")] == [1, 0, 2]
    assert days["2026-02-27"]["entered"] == 1
    stages = {row["stage"]: row["persons"] for row in body["lifecycle"]}
    assert stages == {"new": 4, "first_order": 0, "repeat": 0, "silent": 1, "churned": 0}


def test_merged_persons_are_one(admin: Client, shop: Shop) -> None:
    device = {"anonymousId": "dev-merge-1", "event": "page_viewed", "properties": {}}
    shop.send(
        shop._item("track", NOW - 3 * DAY, **device),
        shop.track("m", "cart_added", NOW - 2 * DAY),
        shop.track("m", "order_paid", NOW - 2 * DAY, order_id="1", total=10),
    )
    assert read(admin)["persons"]["active_30d"] == 2
    shop.send(shop.identify("m", NOW - DAY, anonymous="dev-merge-1"))
    body = read(admin)
    assert (body["persons"]["known"], body["persons"]["active_30d"]) == (1, 1)
    assert body["revenue"]["from_new_fen"] == 1_000


def test_revenue_from_new_and_existing_persons(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.track("old", "order_paid", NOW - 50 * DAY, order_id="1", total=100),
        shop.track("old", "order_paid", NOW - 5 * DAY, order_id="2", total="80.50"),
        shop.track("new", "order_paid", NOW - 4 * DAY, order_id="3", total=30),
        shop.track("new", "order_refunded", NOW - 3 * DAY, order_id="3", total=10),
        shop.track("new", "order_paid", NOW - DAY, order_id="4", total=7),
    )
    shop.send(shop.track("new", "order_paid", NOW - DAY, order_id="4", total=7))
    body = read(admin)
    assert body["revenue"] == {
        "total_fen": 10_750, "from_new_fen": 2_700, "from_existing_fen": 8_050, "previous_total_fen": 10_000,
        "currency": "CNY",
    }  # fmt: skip
    days = {row["date"]: (row["orders"], row["revenue_fen"]) for row in body["daily"]}
    assert (days["2026-02-25"], days["2026-02-26"], days["2026-02-27"]) == ((1, 8_050), (1, 3_000), (0, -1_000))
    assert sum(orders for orders, _ in days.values()) == 3
    assert sum(fen for _, fen in days.values()) == 10_750


def test_owned_channels_and_those_that_may_be_used(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.identify("a", NOW - DAY, email="a@example.com"),
        shop.identify("b", NOW - DAY, email="b@example.com"),
        shop.track("b", "opted_out", NOW - HOUR, channel="email"),
        shop.identify("c", NOW - DAY),
        shop.track("c", "opted_out", NOW - HOUR),
    )
    body = read(admin)
    channels = {row["channel"]: (row["owned"], row["reachable"]) for row in body["channels"]}
    assert channels["email"] == (2, 1)
    assert channels["webhook"] == (3, 2)
    assert channels["sms"] == (0, 0)
    assert body["persons"]["reachable"] == 1


def test_a_day_begins_at_the_brands_midnight(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.track("a", "page_viewed", parse_iso("2026-03-01T15:59:59Z")),
        shop.track("b", "page_viewed", parse_iso("2026-03-01T16:00:00Z")),
        shop.track("c", "page_viewed", parse_iso("2026-03-01T16:00:01Z")),
    )
    days = {row["date"]: row["active"] for row in read(admin, 2)["daily"]}
    assert days == {"2026-03-01": 1, "2026-03-02": 2}


def test_what_the_product_does_makes_nobody_active(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.track("a", "message_sent", NOW - DAY),
        shop.track("a", "journey_entered", NOW - DAY),
        shop.track("a", "consent_granted", NOW - DAY),
    )
    assert read(admin)["persons"]["active_30d"] == 0


def test_other_rooms_say_what_needs_me(store: Store) -> None:
    parts = OverviewParts(
        needs_me={"quarantine": lambda _: 3, "journeys_parked": lambda _: 1}, pipeline=lambda _: {"x": 1}
    )
    body = overview(store, 7, parts)
    assert (body.needs_me.quarantine, body.needs_me.journeys_parked, body.needs_me.failed_messages) == (3, 1, 0)
    assert body.pipeline == {"x": 1}


@pytest.mark.parametrize("days", [0, 367, "many"])
def test_bad_windows_are_named(admin: Client, days: Any) -> None:
    answer = admin.get("/api/overview", params={"days": days})
    assert answer.status_code in (400, 422)
    assert answer.json()["code"]


def test_nobody_reads_it_without_signing_in(client: Client) -> None:
    assert client.get("/api/overview").status_code == 401


@given(
    st.integers(parse_iso("2024-01-01T00:00:00Z"), parse_iso("2028-01-01T00:00:00Z")),
    st.integers(1, 366),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "UTC"]),
)
def test_windows_are_whole_days_and_do_not_overlap(now: int, days: int, zone: str) -> None:
    span = window(now, days, zone)
    assert len(span.dates) == len(set(span.dates)) == days
    assert span.previous_start < span.previous_end <= span.start <= now < span.end
    running, before = span.end - span.start, span.previous_end - span.previous_start
    assert abs(running - before) <= 2 * HOUR, "only a change of the clocks may make them differ"
