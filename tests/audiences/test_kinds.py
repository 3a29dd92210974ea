"""Kinds of membership over HTTP: snapshots, rankings, lists; what they were, cost, and need."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.audiences import due_step
from siyu.kit import ManualClock
from siyu.store import Store
from tests.audiences.test_api import BOUGHT, Door, create, identify, track

Client = TestClient[Any]


@pytest.fixture
def door(admin: Client, app: House, store: Store) -> Door:
    return Door(admin, app, store)


def make(admin: Client, rule: dict[str, Any], **more: Any) -> Any:
    return admin.post("/api/audiences", json={"name": "人群", "rule": rule} | more)


def upload(
    admin: Client, text: str | bytes, path: str = "/api/audiences/lists", method: str = "POST", **more: Any
) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    return admin.request(method, path, files={"file": ("list.csv", raw, "text/csv")}, data={"name": "名单"}, **more)


def orders(door: Door, **totals: float) -> None:
    door.send(*[track(who, "Order Completed", total=total, order_id=f"o-{who}") for who, total in totals.items()])


def test_a_snapshot_stays_as_it_was(admin: Client, door: Door) -> None:
    orders(door, u1=5)
    made = make(admin, BOUGHT, kind="snapshot").json()
    orders(door, u2=5)
    assert admin.get(f"/api/audiences/{made['id']}").json()["size"] == 1
    refused = admin.post(f"/api/audiences/{made['id']}/refresh")
    assert (refused.status_code, refused.json()["code"]) == (409, "audience_frozen")


def test_the_first_by_value(admin: Client, door: Door) -> None:
    orders(door, u1=5, u2=50, u3=20, u4=50)
    by = {"event": "order_paid", "aggregate": "sum", "property": "amount"}
    made = make(admin, BOUGHT, kind="scheduled", top={"n": 2, "by": by}).json()
    assert (made["size"], made["next_at"], made["rows_read"] > 0) == (2, None, True)
    assert made["reading"]["zh"].endswith("最高的 2 人")
    people = admin.get(f"/api/audiences/{made['id']}/persons").json()["items"]
    assert [person["revenue_fen"] for person in people] == [5000, 5000]
    points = [identify("u1", points=3), identify("u3", points=9)]
    door.send(*points)
    ranked = make(admin, BOUGHT, kind="snapshot", top={"n": 1, "by": {"trait": "points"}}).json()
    assert admin.get(f"/api/audiences/{ranked['id']}/persons").json()["items"][0]["revenue_fen"] == 2000


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"top": {"n": 1, "by": {"trait": "points"}}}, "top"),
        ({"kind": "snapshot", "top": {"n": 0, "by": {"trait": "points"}}}, "top/n"),
        ({"kind": "snapshot", "top": {"n": 1, "by": {"lifecycle": ["new"]}}}, "top/by/op"),
        ({"kind": "live", "schedule": {"every": "day"}}, "schedule"),
        ({"kind": "list"}, "kind"),
    ],
)
def test_kinds_that_do_not_go_together_are_refused(admin: Client, more: dict[str, Any], field: str) -> None:
    answer = make(admin, BOUGHT, **more)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert admin.get("/api/audiences").json()["items"] == []


def test_a_list_of_mixed_identifiers(admin: Client, door: Door) -> None:
    door.send(identify("u1", phone="13912345678"), identify("u2", email="two@example.com"), identify("u3"))
    text = "13912345678\nTwo@example.com\nuser_id:u3\nu1\n\nnobody@example.com\n1380000\n"
    tried = upload(admin, text, "/api/audiences/lists?dry_run=true")
    assert (tried.status_code, tried.json()["audience"]) == (200, None)
    assert admin.get("/api/audiences").json()["items"] == []
    made = upload(admin, text)
    assert made.status_code == 201, made.text
    report, audience = made.json()["report"], made.json()["audience"]
    assert (report["rows"], report["persons"], report["repeated"], report["faulty"]) == (6, 3, 1, 2)
    assert [(one["row"], one["value"], one["why"]) for one in report["errors"]] == [
        (6, "n****@example.com", "unknown_person"),
        (7, "1****", "unknown_person"),
    ]
    assert (audience["kind"], audience["size"]) == ("list", 3)
    outside = create(admin, {"not": {"audience": audience["id"]}}, "不在名单里")
    assert outside["size"] == 0
    again = upload(admin, "user_id\nu1\n", f"/api/audiences/{audience['id']}/list", "PUT", headers={"If-Match": '"1"'})
    assert again.json()["audience"]["size"] == 1
    due_step(door._store)
    assert admin.get(f"/api/audiences/{outside['id']}").json()["size"] == 2
    changes = admin.get(f"/api/audiences/{audience['id']}/changes").json()["items"]
    assert [one["change"] for one in changes] == ["left", "left"]


def test_columns_name_kinds_and_rows_may_contradict_themselves(admin: Client, door: Door) -> None:
    door.send(identify("u1", phone="13912345678"), identify("u2", email="two@example.com"))
    rows = "手机号,邮箱\n13912345678,\n13912345678,two@example.com\n,\nbad,worse\n"
    report = upload(admin, rows.encode("gb18030")).json()["report"]
    assert (report["persons"], [one["why"] for one in report["errors"]]) == (1, ["several_persons", "unreadable"])
    typed = upload(admin, "type,value\nuser_id,u1\nemail,two@example.com\n").json()["report"]
    assert (typed["persons"], typed["faulty"]) == (2, 0)


def test_bad_files_leave_nothing_behind(admin: Client, door: Door) -> None:
    for raw, status, code in (
        (b"", 422, "bad_list"),
        (b"\xff\xfe\x00\x00\x81", 422, "bad_list"),
        (b"who@example.com\n", 422, "nobody_listed"),
        (b"x" * (10 << 20) + b"y", 413, "too_large"),
    ):
        answer = upload(admin, raw)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert admin.post("/api/audiences/lists", data={"name": "x"}).status_code == 400
    assert admin.get("/api/audiences").json()["items"] == []


def test_ten_megabytes_of_mixed_rows_are_answered_with_their_faults(admin: Client, door: Door) -> None:
    door.send(identify("u1", phone="13912345678"))
    line = "u1\nnobody@example.com\n13912345678\n"
    text = line * ((10 << 20) // len(line))
    made = upload(admin, text)
    assert made.status_code == 201, made.text
    report = made.json()["report"]
    assert (report["persons"], len(report["errors"])) == (1, 200)
    assert report["faulty"] * 3 == report["rows"] == text.count("\n")


def test_a_size_is_kept_for_every_refresh(admin: Client, door: Door, clock: ManualClock) -> None:
    orders(door, u1=5)
    made = make(admin, BOUGHT, kind="scheduled").json()
    orders(door, u2=5)
    clock.advance(1_000)
    assert admin.post(f"/api/audiences/{made['id']}/refresh").json()["size"] == 2
    sizes = admin.get(f"/api/audiences/{made['id']}/sizes").json()
    assert [one["size"] for one in sizes] == [1, 2, 2]


def test_circles_are_refused_through_every_kind(admin: Client) -> None:
    first = make(admin, BOUGHT, kind="scheduled").json()["id"]
    second = make(admin, {"audience": first}, kind="live").json()["id"]
    body = {"name": "圈", "rule": {"any": [BOUGHT, {"audience": second}]}, "kind": "scheduled"}
    refused = admin.put(f"/api/audiences/{first}", json=body, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cycle")
    graph = admin.get("/api/audiences/graph").json()
    assert graph["edges"] == [{"user": second, "used": first}]
    assert {(node["id"], node["kind"]) for node in graph["nodes"]} == {(first, "scheduled"), (second, "live")}


def test_what_looks_odd_is_said_and_allowed(admin: Client, door: Door) -> None:
    door.send(identify("u1", city="上海"), track("u1", "Product Added", price="cheap"))
    rule = {
        "all": [
            {"trait": "city", "op": "eq", "value": "上海"},
            {"trait": "city", "op": "eq", "value": "北京"},
            {"event": "cart_added", "op": "gte", "value": 3},
            {"event": "cart_added", "op": "lt", "value": 3},
            {"trait": "shoe", "op": "exists"},
            {"trait": "city", "op": "gt", "value": 3},
            {"event": "cart_added", "op": "gte", "value": 1, "where": [{"property": "colour", "op": "exists"}]},
            {"event": "teleported", "op": "gte", "value": 1},
        ]
    }
    found = admin.post("/api/audiences/check", json={"rule": rule}).json()
    assert found["errors"] == []
    assert [(one["field"], one["code"]) for one in found["notes"]] == [
        ("/all/1", "unless_list"),
        ("/all/3", "contradiction"),
        ("/all/4/trait", "never_seen_trait"),
        ("/all/5/value", "other_type"),
        ("/all/6/where/0/property", "never_seen_property"),
        ("/all/7/event", "never_seen_event"),
    ]
    zh = admin.post("/api/audiences/check", json={"rule": rule}, headers={"Accept-Language": "zh-CN"}).json()
    assert zh["notes"][1]["message"] == "和前面的条件““加购”至少 3 次”互相矛盾，没有人能同时符合。"
    assert make(admin, rule).status_code == 201
    broken = admin.post("/api/audiences/check", json={"rule": {"trait": "x"}}).json()
    assert broken["errors"][0]["field"] == "/op"


@pytest.mark.parametrize(
    ("rule", "field", "zh", "en"),
    [
        ({"any": [BOUGHT] * 500}, "", "条件超过 200 个，请拆成多个人群。", "More than 200 conditions"),
        ({"trait": "level", "op": "gt", "value": {"a": 1}}, "/value", "这里需要一个数字", "A number is needed"),
        (
            {"all": [{"trait": "city", "op": "between", "value": [9, 1]}]},
            "/all/0/value",
            "下限大于上限",
            "nobody would fit",
        ),
        ({"event": "x", "aggregate": "sum", "op": "gte", "value": 1}, "/property", "需要指定属性", "needs a property"),
    ],
)
def test_bad_rules_are_named_in_both_languages_and_nothing_is_saved(
    admin: Client, rule: dict[str, Any], field: str, zh: str, en: str
) -> None:
    for language, said in (("zh-CN", zh), ("en", en)):
        for path, body in (("", {"name": "坏", "rule": rule}), ("/preview", {"rule": rule})):
            answer = admin.post(f"/api/audiences{path}", json=body, headers={"Accept-Language": language})
            assert answer.status_code == 422, answer.text
            error = answer.json()["errors"][0]
            assert (error["field"], said in error["message"]) == (field, True), error
    assert admin.get("/api/audiences").json()["items"] == []
