"""Operators document what traffic brought, see what looks wrong with it, and let one event take over another's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from siyu.app import House
from siyu.catalog import note_seen, rewrite_merged
from siyu.catalog.quality import anomaly
from siyu.collect.tables import sources
from siyu.kit import DAY
from siyu.store import Store
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    made = Shop(store)
    yield made
    made.close()


def rows(client: Client, kind: str = "event") -> dict[str, dict[str, Any]]:
    answer = client.get("/api/catalog/entries", params={"kind": kind})
    assert answer.status_code == 200, answer.text
    return {row["name"]: row for row in answer.json()}


def show(client: Client, name: str, kind: str = "event") -> dict[str, Any]:
    answer = client.get("/api/catalog/entry", params={"kind": kind, "name": name})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def note(client: Client, name: str, kind: str = "event", **said: Any) -> dict[str, Any]:
    version = show(client, name, kind)["version"]
    answer = client.put(
        "/api/catalog/entry", params={"kind": kind, "name": name}, json=said, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_what_came_is_discovered_with_types_and_masked_examples(admin: Client, shop: Shop, store: Store) -> None:
    shop.send(
        shop.track("a", "lab_visited", NOW - DAY, level=3, phone="13812345678", note="hello"),
        shop.track("b", "lab_visited", NOW, level=4),
        shop.identify("a", NOW, mobile="13812345678", age=30),
    )
    row = rows(admin)["lab_visited"]
    assert (row["count_30d"], row["daily"][-2:], row["flags"]) == (2, [1, 1], [])
    assert (row["first_at"], row["last_at"]) == ("2026-03-01T02:00:00.000Z", "2026-03-02T02:00:00.000Z")
    for _ in range(2):  # as it waits, and once it is written down
        found = {one["name"]: one for one in show(admin, "lab_visited")["properties"]}
        assert (found["level"]["type"], found["level"]["examples"]) == ("number", ["3", "4"])
        assert found["phone"]["examples"] == ["138****5678"]
        assert found["level"]["types"][0] | {"first_at": "", "last_at": ""} == {
            "type": "number", "source_id": "src_shop", "source_name": "网店", "seen": 2, "first_at": "", "last_at": "",
        }  # fmt: skip
        note_seen(store)
    assert show(admin, "lab_visited")["sources"] == ["网店"]
    trait = show(admin, "mobile", "trait")
    assert trait["properties"][0]["examples"] == ["138****5678"]
    assert rows(admin, "trait")["age"]["coverage"] == 0.5


def test_operators_say_what_things_mean(admin: Client, shop: Shop, store: Store) -> None:
    shop.send(shop.track("a", "lab_visited", NOW, level=3))
    said = note(
        admin, "lab_visited", zh="到访实验室", en="Visited the lab", meaning="扫码进入", owner="小王",
        properties={"level": {"zh": "楼层", "en": "Floor", "type": "number"}},
    )  # fmt: skip
    assert (said["row"]["label"], said["row"]["documented"]) == ({"zh": "到访实验室", "en": "Visited the lab"}, True)
    catalog = {one["name"]: one for one in admin.get("/api/catalog").json()["events"]}
    assert catalog["lab_visited"]["label"]["zh"] == "到访实验室"
    assert catalog["lab_visited"]["properties"] == [
        {"name": "level", "type": "number", "label": {"zh": "楼层", "en": "Floor"}}
    ]
    stale = admin.put(
        "/api/catalog/entry",
        params={"kind": "event", "name": "lab_visited"},
        json={"zh": "别的"},
        headers={"If-Match": '"0"'},
    )
    assert stale.status_code == 412
    note(admin, "lab_visited", hidden=True)
    assert "lab_visited" not in {one["name"] for one in admin.get("/api/catalog").json()["events"]}
    assert rows(admin)["lab_visited"]["hidden"]
    assert any(one["action"] == "catalog.note" for one in admin.get("/api/audit").json()["items"])
    assert admin.get("/api/catalog/entry", params={"kind": "event", "name": "nobody knows"}).status_code == 404


def test_a_viewer_reads_and_says_nothing(sign_in_as: Any, shop: Shop) -> None:
    viewer = sign_in_as("viewer")
    assert rows(viewer)
    put = viewer.put("/api/catalog/entry", params={"kind": "event", "name": "order_paid"}, json={})
    assert put.status_code == 403
    assert viewer.post("/api/catalog/merges", json={"name": "a", "into": "b"}).status_code == 403


def test_a_property_of_two_types_is_drift_until_it_is_meant(admin: Client, shop: Shop, store: Store) -> None:
    with store.state.write() as conn:
        app = {"id": "src_app", "name": "小程序", "kind": "segment", "write_key": "wk_app", "created_at": 1}
        conn.execute(sa.insert(sources).values(app))
    shop.send(
        shop.track("a", "lab_visited", NOW, level=3, when="2026-01-01", who="x"),
        shop.track("b", "lab_visited", NOW, level="third", when="soon", who="y"),
    )
    assert rows(admin)["lab_visited"]["flags"] == ["drift"]
    found = {one["name"]: one for one in show(admin, "lab_visited")["properties"]}
    assert [found[name]["drift"] for name in ("level", "when", "who")] == [True, False, False]
    assert {(one["type"], one["source_name"]) for one in found["level"]["types"]} == {
        ("number", "网店"), ("string", "网店"),
    }  # fmt: skip
    assert admin.get("/api/overview").json()["needs_me"]["data_quality"] == 1
    note(admin, "lab_visited", properties={"level": {"type": "any"}})
    assert rows(admin)["lab_visited"]["flags"] == []
    note(admin, "lab_visited", properties={"level": {"type": "any"}, "who": {"type": "number"}})
    assert rows(admin)["lab_visited"]["flags"] == ["unlike_note"]


def test_a_day_unlike_the_same_weekday_is_flagged(admin: Client, store: Store) -> None:
    columns = "person, time, event, key, source, received, amount, props, context"
    for ago, number in [(1, 900), (8, 210), (15, 190), (22, 205), (29, 200), (36, 1), (2, 500), (9, 520)]:
        at = f"fromUnixTimestamp64Milli({NOW - ago * DAY}, 'UTC')"
        store.events.command(
            f"INSERT INTO events ({columns}) SELECT number, {at}, 'lab_visited', number, 's', {at}, 0, '{{}}', '{{}}'"
            f" FROM numbers({number})"
        )
    found = show(admin, "lab_visited")
    assert found["row"]["flags"] == ["rose"]
    assert found["anomaly"] == {"way": "rose", "count": 900, "usual": 200, "before": [210, 190, 205, 200, 1]}


@given(
    usual=st.integers(30, 5_000),
    noise=st.lists(st.floats(0.9, 1.1), min_size=8, max_size=8),
    burst=st.integers(0, 7),
)
def test_usual_days_are_left_alone_and_broken_ones_found(usual: int, noise: list[float], burst: int) -> None:
    daily = [0] * 57
    for week, factor in enumerate(noise):
        daily[56 - 7 * (week + 1)] = int(usual * factor * (20 if week == burst else 1))
    daily[56] = usual
    assert anomaly(daily, 0) is None, "a promotion in the past is no reason"
    daily[56] = 0
    found = anomaly(daily, 0)
    assert found is not None
    assert found.way == "fell"
    assert anomaly(daily, 40) is None, "younger than four weeks: nothing to compare with"


def test_one_event_takes_over_the_name_of_another(admin: Client, app: House, shop: Shop, store: Store) -> None:
    shop.send(shop.track("a", "labVisit", NOW - 40 * DAY, n=1), shop.track("a", "lab_visited", NOW - DAY, n=2))
    assert admin.post("/api/catalog/merges", json={"name": "labVisit", "into": "lab_visited"}).status_code == 200
    assert show(admin, "labVisit")["merging"]
    shop.send(shop.track("b", "labVisit", NOW, n=3))
    for _ in range(2):
        rewrite_merged(store)
    assert not show(admin, "labVisit")["merging"]
    assert _names(store) == {"lab_visited": 3}
    assert show(admin, "lab_visited")["merged"] == ["labVisit"]
    assert "labVisit" not in {one["name"] for one in admin.get("/api/catalog").json()["events"]}
    twice = admin.post("/api/catalog/merges", json={"name": "lab_visited", "into": "searched"})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "merged_twice")

    assert admin.post("/api/catalog/merges", json={"name": "labVisit", "into": None}).status_code == 200
    for _ in range(2):
        rewrite_merged(store)
    assert _names(store) == {"lab_visited": 1, "labVisit": 2}, "also what came while it was merged"


def _names(store: Store) -> dict[str, int]:
    return dict(store.events.query("SELECT toString(event), count() FROM events GROUP BY event").rows)


def test_what_cannot_be_merged_says_why(admin: Client, shop: Shop) -> None:
    shop.send(shop.track("a", "labVisit", NOW))
    rule = {
        "event": "labVisit",
        "aggregate": "count",
        "property": None,
        "where": [],
        "window": None,
        "op": "gte",
        "value": 1,
    }
    made = admin.post("/api/audiences", json={"name": "去过实验室", "rule": {"all": [rule]}})
    assert made.status_code == 201, made.text
    used = admin.post("/api/catalog/merges", json={"name": "labVisit", "into": "searched"})
    assert (used.status_code, used.json()["code"]) == (409, "event_in_use")
    assert "去过实验室" in used.json()["detail"]
    assert [one["name"] for one in show(admin, "labVisit")["usages"]] == ["去过实验室"]
    for name, into, code in (
        ("order_paid", "searched", "not_mergeable"),
        ("other", "order_paid", "has_effects"),
        ("x", "x", "not_mergeable"),
    ):
        answer = admin.post("/api/catalog/merges", json={"name": name, "into": into})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
