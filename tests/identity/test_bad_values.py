"""Values that name nobody, beside a good identifier: the record is taken, nobody is merged, and the reason is told."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.app import House
from siyu.store import Store
from tests.identity.worlds import found, snapshot

NULLS = [
    "null",
    "None",
    "NULL ",
    "0",
    "000",
    "ｎｕｌｌ",
    "nuӏӏ",
    "-",
    "－",
    "未知",
    "(null)",
    "undefined",
    "N/A",
    "[]",
    "''",
]
BAD: list[tuple[str, str, str]] = [
    *(("device", value, "blocked_identifier") for value in NULLS),
    ("mobile", "１３８００１３８０００", "bad_identifier"),
    ("mobile", "😀😀😀", "bad_identifier"),
    ("email", "nobody at all", "bad_identifier"),
    ("member_card", "x" * 10_240, "too_long"),
    ("unionid", "o\u202eX", "bad_text"),
]


@pytest.fixture
def key(admin: Any) -> str:
    return str(admin.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()["write_key"])


def record(user: str, kind: str, value: str) -> dict[str, Any]:
    context = {"app": "shop", "externalIds": [{"type": kind, "id": value}]}
    return {
        "type": "track",
        "event": "e",
        "userId": user,
        "messageId": f"{user}-{kind}-{value[:9]}",
        "context": context,
    }


def test_what_names_nobody_ties_nobody_and_says_why(admin: Any, app: House, store: Store, key: str) -> None:
    batch = [record(user, kind, value) for kind, value, _ in BAD for user in ("u1", "u2")]
    batch.append(record("u3", "mobile", "１３９１２３４５６７８"))
    answer = admin.post("/v1/batch", json={"batch": batch}, auth=(key, ""))
    assert (answer.status_code, answer.json().get("rejected", [])) == (200, [])
    app.pipeline.drain()
    assert found(store) == {frozenset({"user_id:u3", "mobile:+8613912345678"})}
    assert set(snapshot(store)) == {"user_id:u1", "user_id:u2", "user_id:u3", "mobile:+8613912345678"}
    newest = list(reversed(admin.get("/api/debugger?limit=200").json()["items"]))
    told = [[one["reason"] for one in item["context"].get("ignored_identifiers", [])] for item in newest]
    assert told == [[why] for _, _, why in BAD for _ in ("u1", "u2")] + [[]]
    assert newest[0]["context"]["ignored_identifiers"] == [
        {"type": "device", "value": "null", "reason": "blocked_identifier"}
    ]
    assert newest[0]["context"]["app"] == "shop"
    kept = store.events.query("SELECT count() FROM events WHERE context LIKE '%ignored_identifiers%'").one()[0]
    assert kept == 2 * len(BAD)


def test_what_may_be_somebodys_is_masked(admin: Any, key: str) -> None:
    admin.post("/v1/batch", json={"batch": [record("u1", "mobile", "1391234567")]}, auth=(key, ""))
    (item,) = admin.get("/api/debugger").json()["items"]
    assert item["context"]["ignored_identifiers"][0]["value"] == "139****4567"


def test_a_thousand_beside_a_good_neighbour(admin: Any, app: House, store: Store, key: str) -> None:
    """Most of them nothing: what is left is few enough for a person."""
    many = [{"type": "device", "id": "null"}] * 990 + [{"type": "device", "id": f"d{n}"} for n in range(10)]
    event = record("u1", "device", "x") | {"context": {"externalIds": many}}
    assert admin.post("/v1/batch", json={"batch": [event]}, auth=(key, "")).status_code == 200
    app.pipeline.drain()
    assert found(store) == {frozenset({"user_id:u1", *(f"device:d{n}" for n in range(10))})}
    (item,) = admin.get("/api/debugger").json()["items"]
    assert len(item["context"]["ignored_identifiers"]) == 20


def test_the_sensors_door_says_it_too(admin: Any, app: House, store: Store) -> None:
    made = admin.post("/api/sources", json={"name": "app", "kind": "sensors"}).json()
    sent = {
        "type": "track",
        "event": "e",
        "distinct_id": "u1",
        "login_id": "u1",
        "properties": {},
        "time": 1772416800000,
    }
    sent["identities"] = {"$identity_login_id": "u1", "$identity_mobile": "123"}
    answer = admin.post(f"/sa?token={made['write_key']}", json=sent)
    assert answer.status_code == 200, answer.text
    app.pipeline.drain()
    assert set(snapshot(store)) == {"user_id:u1"}
    (item,) = admin.get("/api/debugger").json()["items"]
    assert [one["reason"] for one in item["context"]["ignored_identifiers"]] == ["bad_identifier"]
