"""Audiences over HTTP, on events that came in by HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from siyu.app import House
from siyu.audiences.commands import audience
from siyu.kit import ManualClock, inert, iso
from siyu.store import Store

BOUGHT = {"event": "order_paid", "aggregate": "count", "window": {"last_days": 30}, "op": "gte", "value": 1}
FOUR = {
    "all": [
        {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        {"event": "cart_added", "aggregate": "count", "window": {"last_days": 30}, "op": "gte", "value": 1},
        {"event": "order_paid", "aggregate": "count", "window": {"last_days": 30}, "op": "eq", "value": 0},
        {"any": [{"reachable": "email"}, {"lifecycle": ["new"]}]},
    ]
}
Client = TestClient[Any]


class Door:
    """The Segment door of the application under test."""

    def __init__(self, admin: Client, app: House, store: Store) -> None:
        made = admin.post("/api/sources", json={"name": "Shop", "kind": "segment"})
        assert made.status_code == 201, made.text
        self._key = made.json()["write_key"]
        self._client, self._app, self._store = admin, app, store
        self._sent = 0

    def send(self, *items: dict[str, Any]) -> None:
        batch = []
        for item in items:
            self._sent += 1
            batch.append({"messageId": f"m{self._sent}", "timestamp": iso(self._store.clock.now_ms()), **item})
        token = base64.b64encode(f"{self._key}:".encode()).decode()
        headers = {"authorization": f"Basic {token}"}
        answer = self._client.post("/v1/batch", json={"batch": batch}, headers=headers)
        assert answer.status_code == 200, answer.text
        self._app.pipeline.drain()


@pytest.fixture
def door(admin: Client, app: House, store: Store) -> Door:
    return Door(admin, app, store)


def track(who: str, event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": who, "event": event, "properties": properties}


def identify(who: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": who, "traits": traits}


def create(admin: Client, rule: dict[str, Any], name: str = "近30天已购") -> dict[str, Any]:
    made = admin.post("/api/audiences", json={"name": name, "rule": rule})
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def test_a_preview_counts_and_reads_the_rule(admin: Client, door: Door) -> None:
    door.send(identify("u1", city="上海"), track("u1", "Product Added"), identify("u2", city="北京"))
    door.send(identify("u3", city="杭州"), track("u3", "Product Added"), track("u3", "Order Completed", total=9.9))
    found = admin.post("/api/audiences/preview", json={"rule": FOUR}).json()
    assert (found["count"], found["everyone"], len(found["sample"])) == (1, 3, 1)
    assert found["reading"]["zh"] == (
        "城市 属于 上海、杭州，且近 30 天“加购”至少 1 次，且近 30 天没有“支付订单”，"
        "且（可通过邮件触达，或生命周期为 新用户）"
    )
    assert found["reading"]["en"] == (
        "city is one of 上海, 杭州, and “Added to cart” at least once in the last 30 days, "
        "and no “Paid an order” in the last 30 days, and (can be reached by email, or lifecycle stage is new)"
    )


def test_an_audience_follows_orders_that_come_in(admin: Client, door: Door, clock: ManualClock) -> None:
    door.send(track("u1", "Order Completed", total=5, order_id="o1"))
    made = create(admin, BOUGHT)
    assert (made["size"], made["entered_24h"], made["version"]) == (1, 0, 1)
    clock.advance(1_000)
    door.send(track("u2", "Order Completed", total=5, order_id="o2"))
    now = admin.get(f"/api/audiences/{made['id']}").json()
    assert (now["size"], now["entered_24h"], now["fresh_at"]) == (2, 1, iso(clock.now_ms()))
    changes = admin.get(f"/api/audiences/{made['id']}/changes").json()["items"]
    assert [one["change"] for one in changes] == ["entered"]
    people = admin.get(f"/api/audiences/{made['id']}/persons", params={"limit": 1}).json()
    rest = admin.get(f"/api/audiences/{made['id']}/persons", params={"limit": 5, "after": people["next"]}).json()
    assert len({one["id"] for one in people["items"] + rest["items"]}) == 2
    assert rest["next"] is None


def test_each_wrong_clause_is_named_in_the_readers_language(admin: Client) -> None:
    rule = {"all": [{"trait": "age", "op": "gt", "value": []}, {"not": {"event": "x", "op": "gte", "value": "many"}}]}
    answer = admin.post("/api/audiences/preview", json={"rule": rule})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["/all/0/value", "/all/1/not/value"]
    assert answer.json()["errors"][1]["message"] == "A number is needed."
    zh = admin.post("/api/audiences/preview", json={"rule": rule}, headers={"Accept-Language": "zh-CN"}).json()
    assert zh["errors"][1]["message"] == "这里需要一个数字。"


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"all": []},
        {"all": [{"trait": "a", "op": "eq", "value": 1}] * 500},
        {"trait": "a`; DROP TABLE events", "op": "eq", "value": 1},
        {"trait": "a..b", "op": "exists"},
        {"trait": "a", "op": "eq", "value": {"x": 1}},
        {"trait": "a", "op": "eq", "value": 1, "extra": 1},
        {"trait": "a", "op": "eq", "value": 10**400},
        {"event": "x", "aggregate": "sum", "op": "gt", "value": 1},
        {"event": "x", "window": {"last_days": -1}, "op": "gt", "value": 1},
        {"event": "x", "window": {"from": "2026-02-30"}, "op": "gt", "value": 1},
        {"event": "x", "where": [{"property": "p\\", "op": "exists"}], "op": "gt", "value": 1},
        {"lifecycle": ["unheard"]},
        {"reachable": "telepathy"},
        {"entered": {"op": "before", "value": "yesterday"}},
        {"audience": "aud_none"},
    ],
)
def test_rules_that_cannot_be_are_refused(admin: Client, rule: dict[str, Any]) -> None:
    answer = admin.post("/api/audiences/preview", content=json.dumps({"rule": rule}))
    assert answer.status_code in (400, 422), answer.text
    assert admin.post("/api/audiences", content=json.dumps({"name": "x", "rule": rule})).status_code in (400, 422)
    assert admin.get("/api/audiences").json()["items"] == []


@pytest.mark.parametrize("value", ["'; DROP TABLE events --", "{t0:String}", "\\'", "\x00", "😀", "%s", "\\N"])
def test_texts_of_a_rule_are_only_ever_texts(admin: Client, door: Door, value: str) -> None:
    door.send(identify("u1", note=value), identify("u2", note="else"), track("u1", value, **{"we ird": value}))
    rule = {
        "all": [
            {"trait": "note", "op": "eq", "value": value},
            {"event": value, "op": "gte", "value": 1, "where": [{"property": "we ird", "op": "in", "value": [value]}]},
        ]
    }
    found = admin.post("/api/audiences/preview", json={"rule": rule})
    assert found.status_code == 200, found.text
    assert found.json()["count"] == 1


def test_deep_nesting_is_refused(admin: Client) -> None:
    rule: dict[str, Any] = {"trait": "a", "op": "exists"}
    for _ in range(40):
        rule = {"not": rule}
    answer = admin.post("/api/audiences/preview", json={"rule": rule})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "too_deep"


def test_an_edit_needs_the_version_it_started_from(admin: Client) -> None:
    made = create(admin, BOUGHT)
    body = {"name": "改名", "rule": BOUGHT, "kind": "live"}
    url = f"/api/audiences/{made['id']}"
    assert admin.put(url, json=body).status_code == 428
    changed = admin.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "改名")
    assert admin.put(url, json=body, headers={"If-Match": '"1"'}).status_code == 412


def test_the_same_creation_is_done_once(admin: Client) -> None:
    body, headers = {"name": "一次", "rule": BOUGHT}, {"Idempotency-Key": "k1"}
    first, second = (admin.post("/api/audiences", json=body, headers=headers).json() for _ in range(2))
    assert first["id"] == second["id"]
    assert len(admin.get("/api/audiences").json()["items"]) == 1


def test_nested_audiences_count_as_their_rule_and_circles_are_refused(admin: Client, door: Door) -> None:
    door.send(track("u1", "Order Completed", total=5, order_id="o1"), track("u2", "Product Added"))
    inner = create(admin, BOUGHT, "已购")
    outer = create(admin, {"not": {"audience": inner["id"]}}, "未购")
    assert (outer["size"], outer["reading"]["zh"]) == (1, "不满足（属于人群“已购”）")
    circle = {"name": "已购", "rule": {"any": [BOUGHT, {"audience": outer["id"]}]}}
    refused = admin.put(f"/api/audiences/{inner['id']}", json=circle, headers={"If-Match": '"1"'})
    assert refused.status_code == 422
    assert (refused.json()["errors"][0]["field"], refused.json()["errors"][0]["code"]) == ("/any/1/audience", "cycle")
    used = admin.delete(f"/api/audiences/{inner['id']}")
    assert (used.status_code, used.json()["code"]) == (409, "audience_in_use")
    assert admin.delete(f"/api/audiences/{outer['id']}").status_code == 204
    assert admin.delete(f"/api/audiences/{inner['id']}").status_code == 204
    assert admin.get(f"/api/audiences/{inner['id']}").status_code == 404


def test_viewers_look_and_do_not_touch(sign_in_as: Any) -> None:
    viewer = sign_in_as("viewer")
    assert viewer.post("/api/audiences/preview", json={"rule": BOUGHT}).status_code == 200
    assert viewer.post("/api/audiences", json={"name": "x", "rule": BOUGHT}).status_code == 403


def test_pages_of_audiences(admin: Client) -> None:
    made = [create(admin, BOUGHT, f"人群{number}")["id"] for number in range(5)]
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        page = admin.get("/api/audiences", params=params).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(made)
    assert admin.get("/api/audiences", params={"after": "nonsense"}).status_code == 400


def test_the_command_line_previews_and_exports(admin: Client, door: Door, store: Store, tmp_path: Any) -> None:
    door.send(track("u1", "Order Completed", total=5, order_id="o1"))
    made = create(admin, BOUGHT)
    settings = store.settings
    store.close()
    environment = {"SIYU_EVENTS": settings.events, "SIYU_EVENTS_DATABASE": settings.events_database}
    environment["SIYU_STATE"] = settings.state
    data = ["--data", str(settings.data)]
    run = CliRunner(env=environment)
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps(BOUGHT))
    previewed = run.invoke(audience, ["preview", str(rule), *data])
    assert previewed.exit_code == 0, previewed.output
    listed = run.invoke(audience, ["list", "--json", *data])
    assert json.loads(listed.output)[0]["id"] == made["id"]
    exported = run.invoke(audience, ["members", made["id"], "--csv", *data])
    assert exported.output.splitlines()[0].startswith("id,name,identifiers,stage")
    assert len(exported.output.splitlines()) == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_exports_hold_no_formulas(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_rules_are_told_by_the_names_operators_gave(admin: Client, door: Door) -> None:
    door.send(
        track("ann", "store_walk", zone="A"),
        {"type": "identify", "userId": "ann", "traits": {"city": "上海", "tier": "gold"}},
    )
    zone = {"zone": {"zh": "区域", "en": "Area"}}
    notes = [
        ("event", "store_walk", {"zh": "进店", "en": "Store visit", "properties": zone}),
        ("event", "order_paid", {"zh": "成交", "en": "Purchase"}),
        ("trait", "tier", {"zh": "会员卡级", "en": "Card"}),
    ]
    for kind, name, note in notes:
        entry = {"kind": kind, "name": name}
        answer = admin.put("/api/catalog/entry", params=entry, json=note, headers={"If-Match": '"0"'})
        assert answer.is_success, answer.text
    where = [{"property": "zone", "op": "eq", "value": "A"}]
    walked = {"event": "store_walk", "aggregate": "count", "op": "gte", "value": 1, "where": where}
    rule = {"all": [{"trait": "tier", "op": "eq", "value": "gold"}, walked, {"not": BOUGHT}]}
    made = admin.post("/api/audiences", json={"name": "进店", "rule": rule}).json()
    read = {
        "zh": "会员卡级 是 gold，且“进店”（区域 是 A）至少 1 次，且不满足（近 30 天“成交”至少 1 次）",
        "en": "Card is gold, and “Store visit” (Area is A) at least once, "
        "and not (“Purchase” at least once in the last 30 days)",
    }
    assert (made["size"], made["reading"]) == (1, read)
    assert admin.post("/api/audiences/preview", json={"rule": rule}).json()["reading"] == read
    twice = {"all": [walked | {"value": 3}, walked | {"op": "lt"}]}
    checked = admin.post("/api/audiences/check", json={"rule": twice}, headers={"accept-language": "zh"}).json()
    assert "“进店”（区域 是 A）" in checked["notes"][0]["message"]
    person = admin.get("/api/persons", params={"q": "ann"}).json()["items"][0]["id"]
    timeline = admin.get(f"/api/persons/{person}/timeline").json()["items"]
    assert {"zh": "进店", "en": "Store visit"} in [one["label"] for one in timeline]
