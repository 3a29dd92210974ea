"""Records that could not be taken: seen, mended, replayed, dropped; never lost and never doubled."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.kit import DAY, ManualClock, iso
from siyu.store import Store

Client = TestClient[Any]
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def segment(admin: Client, make_source: Make) -> Callable[..., None]:
    key = make_source("segment")["write_key"]

    def send(*items: dict[str, Any]) -> None:
        good = {"type": "track", "userId": "good", "event": "fine", "messageId": "good"}
        admin.post("/v1/batch", json={"batch": [good, *items]}, auth=(key, ""))

    return send


def waiting(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/quarantine", params={"state": "waiting"} | params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def names(app: House, store: Store) -> list[str]:
    app.pipeline.drain()
    return [row[0] for row in store.events.query("SELECT event FROM events ORDER BY event")]


def test_a_bad_record_is_kept_with_its_reason(admin: Client, segment: Callable[..., None]) -> None:
    segment({"type": "track", "userId": "u1", "messageId": "m"}, {"type": "dance", "userId": "u1"})
    first, second = reversed(waiting(admin))
    assert (first["reason"], first["state"], first["door"], first["source_name"]) == (
        "no_event_name",
        "waiting",
        "segment",
        "网店",
    )
    assert json.loads(first["record"]) == {"type": "track", "userId": "u1", "messageId": "m"}
    assert second["reason"] == "unknown_type"
    assert [one["id"] for one in waiting(admin, reason="unknown_type")] == [second["id"]]
    page = admin.get("/api/quarantine?limit=1").json()
    assert [one["id"] for one in waiting(admin, after=page["next"])] == [first["id"]]


def test_what_is_wrong_is_said_in_the_readers_language(
    admin: Client, segment: Callable[..., None], store: Store, make_source: Make
) -> None:
    segment(
        {"type": "dance", "userId": "u1"},
        {"type": "track", "event": "x", "userId": "undefined"},
        {"type": "track", "event": {}, "userId": "u1"},
        {"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"revenue": "两百"}},
    )
    key = make_source("sensors")["write_key"]
    spaced = [{"type": "track", "event": "has space", "time": store.clock.now_ms(), "distinct_id": "c1"}]
    data = base64.b64encode(json.dumps(spaced).encode()).decode()
    admin.post(f"/sa?token={key}", data={"data_list": data})
    english = [one["detail"] for one in waiting(admin)]
    assert not re.search("[一-鿿]", "".join(english).replace("两百", ""))
    admin.headers["Accept-Language"] = "zh-CN"
    chinese = [one["detail"] for one in waiting(admin)]
    assert [one for one in chinese if not re.search("[一-鿿]{2}", one)] == []
    assert chinese[:2] == ["事件名 'has space' 只能由字母、数字、_ 和 $ 组成，最多 100 个。", "'两百' 不是金额。"]


def test_a_mended_record_is_replayed_once(
    admin: Client, app: House, store: Store, segment: Callable[..., None]
) -> None:
    segment({"type": "track", "userId": "u1", "messageId": "m"})
    item = waiting(admin)[0]
    mended = json.dumps(json.loads(item["record"]) | {"event": "mended"})
    assert admin.put(f"/api/quarantine/{item['id']}", json={"record": mended}).status_code == 200
    for expected in ({"replayed": 1, "settled": 1, "failed": 0}, {"replayed": 0, "settled": 0, "failed": 0}):
        answer = admin.post("/api/quarantine/replay", json={"ids": [item["id"]]})
        assert answer.json() == expected
    assert names(app, store) == ["fine", "mended"]
    assert waiting(admin) == []
    assert admin.get("/api/quarantine?state=replayed").json()["items"][0]["id"] == item["id"]
    assert admin.put(f"/api/quarantine/{item['id']}", json={"record": "{}"}).status_code == 409


def test_replaying_all_takes_what_can_be_taken_by_now(
    admin: Client, app: House, store: Store, clock: ManualClock, segment: Callable[..., None], sign_in_as: Any
) -> None:
    soon = iso(clock.now_ms() + 2 * DAY)
    segment({"type": "track", "userId": "u1", "event": "early", "timestamp": soon}, {"type": "dance", "userId": "u1"})
    assert admin.post("/api/quarantine/replay", json={"all": True}).json() == {"replayed": 2, "settled": 0, "failed": 2}
    clock.advance(2 * DAY)
    sign_in_as("admin", "next.day@example.com")
    only = {"all": True, "reason": "time_in_future"}
    assert admin.post("/api/quarantine/replay", json=only).json() == {"replayed": 1, "settled": 1, "failed": 0}
    assert names(app, store) == ["early", "fine"]
    assert [one["reason"] for one in waiting(admin)] == ["unknown_type"]


def test_sensors_records_are_replayed_in_their_own_format(
    admin: Client, app: House, store: Store, clock: ManualClock, make_source: Make
) -> None:
    key = make_source("sensors")["write_key"]
    good = {"type": "track", "event": "fine", "time": clock.now_ms(), "distinct_id": "c1", "properties": {}}
    body = base64.b64encode(json.dumps([good, good | {"event": "has space"}]).encode()).decode()
    assert admin.post(f"/sa?token={key}", data={"data_list": body}).status_code == 200
    item = waiting(admin)[0]
    assert (item["reason"], item["door"]) == ("bad_name", "sensors")
    mended = item["record"].replace("has space", "mended")
    admin.put(f"/api/quarantine/{item['id']}", json={"record": mended})
    assert admin.post("/api/quarantine/replay", json={"all": True}).json()["settled"] == 1
    assert names(app, store) == ["fine", "mended"]


def test_dropped_records_stay_visible_and_are_not_replayed(admin: Client, segment: Callable[..., None]) -> None:
    segment({"type": "dance", "userId": "u1"})
    item = waiting(admin)[0]
    assert admin.post("/api/quarantine/drop", json={"ids": [item["id"]]}).json() == {"dropped": 1}
    assert admin.post("/api/quarantine/replay", json={"all": True}).json()["replayed"] == 0
    assert admin.get("/api/quarantine").json()["items"][0]["state"] == "dropped"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/replay", {}, 400),
        ("/replay", {"ids": ["1"], "all": True}, 400),
        ("/replay", {"ids": ["x"]}, 422),
        ("/replay", {"ids": []}, 422),
        ("/drop", {"ids": ["-1"]}, 422),
        ("/drop", {}, 422),
    ],
)
def test_unclear_requests_are_refused(admin: Client, path: str, body: dict[str, Any], status: int) -> None:
    assert admin.post(f"/api/quarantine{path}", json=body).status_code == status


def test_a_record_that_is_not_there(admin: Client) -> None:
    assert admin.put("/api/quarantine/77", json={"record": "{}"}).status_code == 404
    assert admin.put("/api/quarantine/77", json={"record": "{broken"}).status_code == 400
