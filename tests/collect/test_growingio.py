"""The GrowingIO door: what is taken, what is refused, and that a retry counts once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.store import Store

Client = TestClient[Any]


@pytest.fixture
def post(admin: Client, make_source: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    key = make_source("growingio")["write_key"]

    def send(*items: Any, path: str = "/v3/projects/{}/collect", **query: Any) -> Any:
        return admin.post(path.format(key), content=json.dumps(items).encode(), params=query)

    return send


def event(store: Store, **more: Any) -> dict[str, Any]:
    common = {"eventType": "CUSTOM", "eventName": "Tried", "userId": "u1", "timestamp": store.clock.now_ms() - 1000}
    return common | {"dataSourceId": "ds", "projectKey": "p", "sdkVersion": "1.0.5", "platform": "python"} | more


def rows(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT event, toUnixTimestamp64Milli(time), toString(props) FROM events ORDER BY time, event"
    return [tuple(row) for row in store.events.query(sql)]


def test_a_retry_counts_once_and_the_clients_clock_is_taken_out(post: Any, app: House, store: Store) -> None:
    late = event(store, timestamp=store.clock.now_ms() - 3_605_000)
    for _ in range(2):
        assert post(late, stm=store.clock.now_ms() - 3_600_000).json() == {"success": True}
    app.pipeline.drain()
    assert [row[:2] for row in rows(store)] == [("Tried", store.clock.now_ms() - 5000)]


def test_neighbours_of_a_bad_record_are_kept(post: Any, app: House, store: Store) -> None:
    faults = [event(store, userId=None), event(store, userId="null"), event(store, eventName=None),
              event(store, eventType="DANCE"), event(store, attributes=[1]), {"key": "product"}, "text"]  # fmt: skip
    answer = post(event(store), *faults).json()
    assert [(one["index"], one["reason"]) for one in answer["rejected"]] == [
        (1, "no_identifier"), (2, "blocked_identifier"), (3, "no_event_name"), (4, "unknown_type"),
        (5, "wrong_type"), (6, "no_identifier"), (7, "wrong_type"),
    ]  # fmt: skip
    app.pipeline.drain()
    assert len(rows(store)) == 1


def test_user_keys_name_the_kind_of_id(post: Any, app: House, store: Store, admin: Client) -> None:
    post(event(store, userKey="phone", userId="13712345678", deviceId="d-1"),
         event(store, userKey="unionid", userId="union-mei", deviceId="d-1"),
         event(store, userKey="store card", userId="77", deviceId="d-1"))  # fmt: skip
    app.pipeline.drain()
    [person] = admin.get("/api/persons").json()["items"]
    shown = admin.get(f"/api/persons/{person['id']}").json()
    kinds = {one["type"] for one in shown["identifiers"]}
    assert kinds == {"mobile", "unionid", "custom.store_card", "device"}


def test_items_are_taken_and_stop_nothing(post: Any, app: House, store: Store, admin: Client) -> None:
    """They are about nobody: neither protocol's may hold up what comes behind."""
    item = {"key": "product", "id": "S1", "attributes": {"name": "精华"}}
    assert post(item, path="/projects/{}/collect/item").json() == {"success": True}
    key = admin.post("/api/sources", json={"name": "神策", "kind": "sensors"}).json()["write_key"]
    record = {"type": "item_set", "item_type": "book", "item_id": "1", "properties": {}, "time": store.clock.now_ms()}
    assert admin.post(f"/sa?token={key}", json=record).is_success
    post(event(store))
    app.pipeline.drain()
    assert [row[0] for row in rows(store)] == ["Tried"]


def test_lists_and_addresses(post: Any, app: House, store: Store, admin: Client) -> None:
    assert post(event(store, attributes={"tags": "a||b"}), path="/v3/projects/{}/collect/").is_success
    app.pipeline.drain()
    assert json.loads(rows(store)[0][2]) == {"tags": ["a", "b"]}
    assert post(event(store), path="/v3/projects/{}/other").status_code == 404
    assert admin.post("/v3/projects/guess/collect", content=b"[]").status_code == 401
    assert admin.get("/v3/projects/guess/collect").status_code == 405
    assert post(path="/v3/projects/{}/collect").json() == {"success": True}


def test_a_body_of_another_kind_is_refused(post: Any, admin: Client) -> None:
    assert post(path="/v3/projects/{}/collect").is_success
    packed = admin.post("/v3/projects/x/collect", content=b"\x00\xff\xfe")
    assert packed.status_code in (400, 401)


def test_what_was_put_aside_is_mended_and_replayed(post: Any, app: House, store: Store, admin: Client) -> None:
    assert post(event(store, eventType="DANCE")).status_code == 400
    app.pipeline.drain()
    [waiting] = admin.get("/api/quarantine").json()["items"]
    record = json.dumps(event(store))
    assert admin.put(f"/api/quarantine/{waiting['id']}", json={"record": record}).is_success
    assert admin.post("/api/quarantine/replay", json={"ids": [waiting["id"]]}).json()["settled"] == 1
    app.pipeline.drain()
    assert len(rows(store)) == 1
