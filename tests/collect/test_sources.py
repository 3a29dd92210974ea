"""Sources: made, changed, rotated, switched off; their health; the newest records; the snippets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House, build_app
from siyu.kit import DAY, HOUR, ManualClock, iso
from siyu.store import Store

Client = TestClient[Any]
Make = Callable[..., dict[str, Any]]


def track(client: Client, key: str, user: str = "u1", event: str = "Product Added", **rest: Any) -> int:
    body = {"userId": user, "event": event, "properties": {"price": 9.9}} | rest
    return client.post("/v1/track", json=body, auth=(key, "")).status_code


def newest(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/debugger", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_source_is_made_listed_and_changed(admin: Client, make_source: Make) -> None:
    made = make_source("segment", name="官方商城", category="search/baidu")
    assert (made["disabled"], made["count_24h"], made["last_at"], made["version"]) == (False, 0, None, 1)
    assert [one["id"] for one in admin.get("/api/sources").json()["items"]] == [made["id"]]
    shown = admin.get(f"/api/sources/{made['id']}")
    assert shown.headers["etag"] == '"1"'
    changed = admin.patch(f"/api/sources/{made['id']}", json={"name": "商城"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["category"], changed.json()["version"]) == (
        "商城",
        "search/baidu",
        2,
    )
    stale = admin.patch(f"/api/sources/{made['id']}", json={"name": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert [entry["action"] for entry in admin.get("/api/audit").json()["items"][:2]] == [
        "collect.source_changed",
        "collect.source_added",
    ]


def test_lists_page(admin: Client, make_source: Make) -> None:
    made = [make_source("segment", name=f"n{n}")["id"] for n in range(5)]
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = admin.get("/api/sources", params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
    assert sorted(seen) == sorted(made)
    assert admin.get("/api/sources?after=nothing").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": "", "kind": "segment"},
        {"name": "  ", "kind": "segment"},
        {"name": "x", "kind": "fax"},
        {"name": "x", "kind": "segment", "category": "a/b/c"},
        {"name": "x" * 81, "kind": "segment"},
    ],
)
def test_a_source_must_be_sound(admin: Client, body: dict[str, Any]) -> None:
    assert admin.post("/api/sources", json=body).status_code in (400, 422)


def test_only_the_key_of_an_open_source_lets_events_in(
    admin: Client, make_source: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from siyu.collect import door

    monkeypatch.setattr(door, "_KEY_SECONDS", -1.0)
    made = make_source("segment")
    assert track(admin, made["write_key"]) == 200
    fresh = admin.post(f"/api/sources/{made['id']}/rotate-key").json()
    assert track(admin, made["write_key"]) == 401
    assert track(admin, fresh["write_key"]) == 200
    assert admin.delete(f"/api/sources/{made['id']}").status_code == 204
    assert track(admin, fresh["write_key"]) == 401
    version = admin.get(f"/api/sources/{made['id']}").json()["version"]
    admin.patch(f"/api/sources/{made['id']}", json={"disabled": False}, headers={"If-Match": f'"{version}"'})
    assert track(admin, fresh["write_key"]) == 200


def test_health_counts_a_day(
    admin: Client, app: House, clock: ManualClock, make_source: Make, sign_in_as: Callable[..., Client]
) -> None:
    made = make_source("segment")
    for _ in range(3):
        track(admin, made["write_key"])
    arrived = iso(clock.now_ms())
    admin.post("/v1/batch", json={"batch": [{"type": "track"}, {"type": "track", "userId": "u", "event": "e"}]},
               auth=(made["write_key"], ""))  # fmt: skip
    waiting = admin.get("/api/pipeline").json()
    assert (waiting["backlog"]["batches"], waiting["backlog"]["events"]) == (4, 4)
    app.pipeline.drain()
    clock.advance(HOUR)
    seen = admin.get(f"/api/sources/{made['id']}").json()
    assert (seen["count_24h"], seen["last_at"], seen["errors_24h"]) == (4, arrived, 1)
    flow = admin.get("/api/pipeline").json()
    assert {stage["stage"]: stage["count_24h"] for stage in flow["stages"]}["collect"] == 4
    assert (flow["sources"][0]["count_24h"], flow["backlog"]["events"]) == (4, 0)
    assert flow["settled_at"] == arrived
    clock.advance(DAY + HOUR)
    sign_in_as("admin", "next.day@example.com")
    later = admin.get(f"/api/sources/{made['id']}").json()
    assert (later["count_24h"], later["last_at"], later["errors_24h"]) == (0, arrived, 0)


def test_the_debugger_shows_a_record_at_once_and_its_person_once_resolved(
    admin: Client, app: House, make_source: Make
) -> None:
    made = make_source("segment")
    admin.post("/v1/identify", json={"userId": "u1", "traits": {"phone": "13812345678"}}, auth=(made["write_key"], ""))
    track(admin, made["write_key"])
    event, identify = newest(admin)
    assert (event["event"], event["person"], event["source_name"]) == ("cart_added", None, "网店")
    assert event["props"] == {"price": 9.9}
    assert (identify["event"], identify["props"]) == ("identify", {"set": {"phone": "13812345678"}})
    assert {"type": "mobile", "value": "138****5678"} in identify["identifiers"]
    app.pipeline.drain()
    person = admin.get("/api/persons?q=13812345678").json()["items"][0]["id"]
    assert {one["person"] for one in newest(admin)} == {person}


def test_the_debugger_keeps_to_one_source_and_pages(admin: Client, make_source: Make) -> None:
    quiet, busy = make_source("segment", name="quiet"), make_source("segment", name="busy")
    track(admin, quiet["write_key"], user="first")
    admin.post("/v1/batch", json={"batch": [{"type": "track", "userId": f"u{n}", "event": "e"} for n in range(300)]},
               auth=(busy["write_key"], ""))  # fmt: skip
    assert [one["source_name"] for one in newest(admin, source_id=quiet["id"])] == ["quiet"]
    page = admin.get("/api/debugger?limit=3").json()
    assert [one["identifiers"][0]["value"][0] for one in page["items"]] == ["u", "u", "u"]
    following = newest(admin, limit=3, after=page["next"])
    assert int(following[0]["id"]) == int(page["items"][-1]["id"]) - 1
    assert admin.get("/api/debugger?after=x").status_code == 400


def test_the_debugger_knows_what_came_before_this_process(
    admin: Client, app: House, store: Store, clock: ManualClock, make_source: Make
) -> None:
    made = make_source("segment")
    track(admin, made["write_key"], event="earlier")
    app.pipeline.drain()
    clock.advance(1000)
    again = build_app(store, with_loops=False)
    with TestClient(again) as client:
        client.cookies.update(admin.cookies)
        track(client, made["write_key"], event="later")
        again.pipeline.drain()
        found = newest(client)
        assert [one["event"] for one in found] == ["later", "earlier"]
        assert found[0]["person"] == found[1]["person"]
        assert newest(client, source_id="src_other") == []


@pytest.mark.parametrize("kind", ["segment", "sensors", "import", "webhook"])
def test_snippets_carry_key_and_address(admin: Client, store: Store, make_source: Make, kind: str) -> None:
    made = make_source(kind)
    found = admin.get(f"/api/sources/{made['id']}/snippets").json()
    assert bool(found) == (kind != "webhook")
    for one in found:
        assert store.settings.public_url.partition("://")[2] in one["code"]
        assert kind == "import" or made["write_key"] in one["code"]
        assert "{{" not in one["code"].replace("{{ ", "")


def test_python_snippets_are_python(admin: Client, make_source: Make) -> None:
    found = [one for kind in ("segment", "sensors")
             for one in admin.get(f"/api/sources/{make_source(kind)['id']}/snippets").json()]  # fmt: skip
    programs = [one["code"] for one in found if one["language"] == "python"]
    assert len(programs) == 3
    for program in programs:
        compile(program, "snippet", "exec")


def test_places_where_people_buy_and_nobody_comes_in_from(
    admin: Client, app: House, store: Store, make_source: Callable[..., dict[str, Any]]
) -> None:
    """Two shops of one place count as one; a parcel's card covers its shop; who is inside by another way does not."""
    paths = {"a": "shop/tmall", "b": "shop/tmall", "c": "shop/jd", "d": "wechat/mini", "e": ""}
    keys = {name: make_source("segment", name, category=path)["write_key"] for name, path in paths.items()}

    def did(source: str, user: str, event: str) -> None:
        item = {
            "type": "track",
            "userId": user,
            "event": event,
            "properties": {"order_id": f"{source}{user}", "total": 1},
        }
        assert admin.post("/v1/batch", json={"batch": [item]}, auth=(keys[source], "")).status_code == 200

    for source, user in (("a", "u1"), ("b", "u1"), ("b", "u2"), ("c", "u3"), ("d", "u4")):
        did(source, user, "order_paid")
    did("d", "u1", "phone_bound")
    did("e", "u3", "parcel_matched")
    app.pipeline.drain()
    found = {one.pop("path"): one for one in admin.get("/api/sources/coverage").json()}
    assert found["shop/tmall"] == {"sources": ["a", "b"], "buyers": 2, "inside": 1, "came": 0, "covered": False}
    assert found["shop/jd"] == {"sources": ["c"], "buyers": 1, "inside": 0, "came": 1, "covered": True}
    assert found["wechat/mini"] == {"sources": ["d"], "buyers": 1, "inside": 0, "came": 1, "covered": True}
    assert found["e"] == {"sources": ["e"], "buyers": 0, "inside": 0, "came": 0, "covered": True}
