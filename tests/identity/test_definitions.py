"""Definitions of identifier kinds: edited with a preview, followed by persons; bad identifiers tie nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from siyu.app import House
from siyu.collect import key_of
from siyu.identity import editing
from siyu.store import Store
from tests.identity.worlds import found, settle, snapshot


def test_persons_follow_a_change_that_was_previewed(admin: Any, app: House, store: Store) -> None:
    settle(store, [((f"user_id:{n}", "device:d"), n) for n in (1, 2)])
    before = snapshot(store)
    shown = admin.get("/api/identity/definitions")
    kinds = shown.json()["kinds"]
    for kind in kinds:
        kind["limit"] = 2 if kind["name"] == "user_id" else kind["limit"]
    said = admin.post("/api/identity/definitions/preview", json={"kinds": kinds}).json()
    assert said == {"merged": 1, "split": 0, "persons_before": 2, "persons_after": 1}
    assert snapshot(store) == before
    changed = admin.put("/api/identity/definitions", json={"kinds": kinds}, headers={"If-Match": shown.headers["etag"]})
    assert changed.json()["version"] == 1
    assert found(store) == {frozenset({"user_id:1", "user_id:2", "device:d"})}
    app.pipeline.drain()
    back = admin.put("/api/identity/definitions", json=shown.json(), headers={"If-Match": changed.headers["etag"]})
    assert back.status_code == 200
    assert snapshot(store) == before
    with store.state.read() as conn:
        assert editing.verify(conn).wrong == []
    stale = admin.put("/api/identity/definitions", json=shown.json(), headers={"If-Match": shown.headers["etag"]})
    assert stale.status_code == 412


def test_a_kind_of_ones_own_comes_in_through_the_door_and_is_found(admin: Any, app: House) -> None:
    shown = admin.get("/api/identity/definitions")
    own = {"name": "health_card", "zh": "就诊卡", "en": "Health card", "limit": 1, "merges": True}
    body = {"kinds": [own, *shown.json()["kinds"]]}
    changed = admin.put("/api/identity/definitions", json=body, headers={"If-Match": shown.headers["etag"]})
    assert changed.status_code == 200, changed.text
    key = admin.post("/api/sources", json={"name": "门诊", "kind": "segment"}).json()["write_key"]
    ids = [{"id": "HC-7781", "type": "health_card", "collection": "users", "encoding": "none"}]
    batch = [
        {
            "type": "track",
            "event": "visited",
            "anonymousId": device,
            "context": {"externalIds": ids},
            "messageId": device,
        }
        for device in ("kiosk-1", "phone-2")
    ]
    assert admin.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
    app.pipeline.drain()
    [person] = admin.get("/api/persons", params={"q": "HC-7781"}).json()["items"]
    kinds = {node["type"] for node in admin.get(f"/api/persons/{person['id']}/graph").json()["nodes"]}
    assert kinds == {"health_card", "device"}


def test_only_admins_edit_definitions(sign_in_as: Callable[..., Any]) -> None:
    operator = sign_in_as("operator", "does@example.com")
    body = operator.get("/api/identity/definitions").json()
    assert operator.put("/api/identity/definitions", json=body).status_code == 403


@pytest.mark.parametrize(
    "raw",
    ["", " ", "null", "ＮＵＬＬ", "(null)", "<null>", "'None'", "nuӏӏ", "nu\u200bll", "0000", "０００", "无", "-",
     "x" * 10_240, "a\x00b", "[object Object]", "undefined"],
)  # fmt: skip
def test_values_that_name_nobody(raw: str) -> None:
    assert key_of("user_id", raw) is None


def test_values_are_normalised() -> None:
    assert key_of("mobile", "１３９ 1234-5678") == "mobile:+8613912345678"
    assert key_of("email", "Ａ@B.cn") == "email:a@b.cn"
    assert key_of("custom.crm", "😀7") == "custom.crm:😀7"


def test_a_list_of_identifiers_is_no_person(admin: Any, app: House, store: Store) -> None:
    many = [{"type": "custom.crm", "id": f"c{n}"} for n in range(1000)]
    event = {"type": "track", "event": "e", "userId": "u1", "context": {"externalIds": many}}
    source = admin.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()
    answer = admin.post("/v1/batch", json={"batch": [event, {"type": "track", "event": "e", "userId": "u2"}]},
                        auth=(source["write_key"], ""))  # fmt: skip
    assert answer.json()["rejected"][0]["reason"] == "too_many_identifiers"
    app.pipeline.drain()
    assert set(snapshot(store)) == {"user_id:u2"}
