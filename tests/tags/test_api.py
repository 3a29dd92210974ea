"""Tags over HTTP: made, previewed, used, refused; values given by hand and file; SQL held to reading."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import ANNOUNCE, House
from siyu.kit import DAY, HOUR, ManualClock
from siyu.store import Store
from siyu.tags import step
from tests.audiences.test_api import Door, identify, track
from tests.profiles.test_staff import carry

Client = TestClient[Any]
LEVELS = {
    "values": [
        {"value": "高", "rule": {"event": "order_paid", "op": "gte", "value": 2}},
        {"value": "低", "rule": {"event": "order_paid", "op": "gte", "value": 1}},
    ]
}
ORDERS = {"event": "order_paid"}


@pytest.fixture
def door(admin: Client, app: House, store: Store) -> Door:
    return Door(admin, app, store)


def buy(who: str, *, total: float = 5, order: str = "", **more: Any) -> dict[str, Any]:
    return track(who, "Order Completed", total=total, order_id=order or f"o-{who}", **more)


def make(admin: Client, kind: str, config: dict[str, Any], name: str = "标签", **more: Any) -> Any:
    return admin.post("/api/tags", json={"name": name, "kind": kind, "config": config} | more)


def values_of(admin: Client, tag: str) -> dict[str, int]:
    return {one["value"]: one["persons"] for one in admin.get(f"/api/tags/{tag}/values").json()["values"]}


def person_of(admin: Client, who: str) -> str:
    found: str = admin.get("/api/persons", params={"q": who}).json()["items"][0]["id"]
    return found


@pytest.fixture
def later(clock: ManualClock, sign_in_as: Any) -> Callable[[int], None]:
    """Lets time pass, however long, and signs in again."""
    numbers = itertools.count()

    def pass_by(span: int) -> None:
        clock.advance(span)
        sign_in_as("admin", f"admin{next(numbers)}@later.example")

    return pass_by


def follow(store: Store) -> None:
    step(store, ANNOUNCE)


def test_a_tag_is_computed_previewed_and_explained(admin: Client, door: Door) -> None:
    door.send(buy("u1"), buy("u2", order="a"), buy("u2", order="b"))
    preview = admin.post("/api/tags/preview", json={"kind": "rule", "config": LEVELS}).json()
    assert (preview["persons"], preview["everyone"], len(preview["sample"])) == (2, 2, 2)
    made = make(admin, "rule", LEVELS).json()
    assert (made["persons"], made["coverage"], made["last_run"]["changed"]) == (2, 1.0, 2)
    assert values_of(admin, made["id"]) == {"高": 1, "低": 1}
    chosen = admin.get(f"/api/tags/{made['id']}/persons", params={"value": "高"}).json()["items"]
    assert [one["values"] for one in chosen] == [["高"]]
    person = chosen[0]["person"]["id"]
    shown = admin.get(f"/api/tags/persons/{person}").json()
    assert [(one["name"], one["values"]) for one in shown] == [("标签", ["高"])]
    why = admin.get(f"/api/tags/{made['id']}/persons/{person}").json()
    assert "Order" in why["rule"]["en"] or "order" in why["rule"]["en"]
    assert [one["values"] for one in why["history"]] == [["高"]]
    assert [one["persons"] for one in admin.get(f"/api/tags/{made['id']}/days").json() if not one["value"]] == [2]


def test_what_a_number_was_counted_from(admin: Client, door: Door) -> None:
    door.send(buy("u1", total=5, order="a"), buy("u1", total=7, order="b"))
    made = make(admin, "number", ORDERS | {"measure": "sum", "property": "amount"}).json()
    assert (made["unit"], values_of(admin, made["id"])) == ("money", {"1200": 1})
    person = admin.get(f"/api/tags/{made['id']}/persons").json()["items"][0]["person"]["id"]
    why = admin.get(f"/api/tags/{made['id']}/persons/{person}").json()
    assert why["facts"] == [{"name": "events", "value": "2"}]
    assert (why["counted"], {one["amount_fen"] for one in why["events"]}) == (2, {500, 700})


def test_live_membership_follows_a_recompute(
    admin: Client, door: Door, store: Store, later: Callable[[int], None]
) -> None:
    door.send(buy("u1"))
    tag = make(admin, "number", ORDERS | {"measure": "days_since"}).json()["id"]
    rule = {"tag": tag, "op": "gte", "value": 3}
    audience = admin.post("/api/audiences", json={"name": "久未购买", "rule": rule}).json()
    assert (audience["size"], audience["uses"]) == (0, [{"id": tag, "name": "标签"}])
    later(4 * DAY)
    assert admin.post(f"/api/tags/{tag}/refresh").json()["waiting"]
    follow(store)
    shown = admin.get(f"/api/audiences/{audience['id']}").json()
    assert (shown["size"], shown["entered_24h"], shown["reading"]["zh"]) == (1, 1, "标签“标签” 至少 3")
    door.send(buy("u1", order="again"))
    assert admin.post(f"/api/tags/{tag}/refresh").status_code == 200
    follow(store)
    assert admin.get(f"/api/audiences/{audience['id']}").json()["left_24h"] == 1


def test_a_live_tag_moves_people_in_the_same_batch(admin: Client, door: Door) -> None:
    door.send(identify("u1", city="上海"))
    tag = make(admin, "rule", LEVELS, live=True).json()["id"]
    rule = {"tag": tag, "op": "in", "value": ["高"]}
    audience = admin.post("/api/audiences", json={"name": "高", "rule": rule}).json()["id"]
    door.send(buy("u1", order="a"), buy("u1", order="b"))
    assert admin.get(f"/api/audiences/{audience}").json()["entered_24h"] == 1
    assert values_of(admin, tag) == {"高": 1}


def test_what_is_used_stays_and_circles_are_refused(admin: Client, door: Door) -> None:
    door.send(buy("u1"))
    first = make(admin, "rule", LEVELS, "一").json()
    named = {"values": [{"value": "y", "rule": {"tag": first["id"], "op": "in", "value": ["低"]}}]}
    second = make(admin, "rule", named, "二").json()
    audience = admin.post("/api/audiences", json={"name": "用", "rule": {"tag": second["id"], "op": "exists"}}).json()
    assert {one["name"] for one in admin.get(f"/api/tags/{first['id']}").json()["used_by"]} == {"二"}
    assert {one["name"] for one in admin.get(f"/api/tags/{second['id']}").json()["used_by"]} == {"用"}
    refused = admin.delete(f"/api/tags/{second['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "tag_in_use")
    back = {"values": [{"value": "z", "rule": {"audience": audience["id"]}}]}
    draft = {"name": "一", "kind": "rule", "config": back}
    circle = admin.put(f"/api/tags/{first['id']}", json=draft, headers={"If-Match": '"1"'})
    assert (circle.status_code, circle.json()["errors"][0]["code"]) == (422, "cycle")
    rule = {"name": "用", "rule": {"tag": first["id"], "op": "exists"}}
    assert admin.put(f"/api/audiences/{audience['id']}", json=rule, headers={"If-Match": '"1"'}).status_code == 200
    assert admin.delete(f"/api/tags/{second['id']}").status_code == 204
    unknown = admin.post("/api/audiences", json={"name": "无", "rule": {"tag": second["id"], "op": "exists"}})
    assert unknown.json()["errors"][0]["field"] == "/tag"


def test_values_that_are_gone_are_cleared_or_kept(
    admin: Client, door: Door, store: Store, later: Callable[[int], None]
) -> None:
    door.send(buy("u1"))
    window = ORDERS | {"window": {"last_days": 7}}
    cleared = make(admin, "number", window, "清").json()["id"]
    kept = make(admin, "number", window, "留", empty="keep").json()["id"]
    later(30 * DAY)
    for tag in (cleared, kept):
        admin.post(f"/api/tags/{tag}/refresh")
    follow(store)
    assert (values_of(admin, cleared), values_of(admin, kept)) == ({}, {"1": 1})
    person = person_of(admin, "u1")
    past = admin.get(f"/api/tags/{cleared}/persons/{person}").json()["history"]
    assert [one["values"] for one in past] == [[], ["1"]]


def test_the_same_data_and_time_give_the_same_values(
    admin: Client, door: Door, store: Store, later: Callable[[int], None]
) -> None:
    door.send(buy("u1"))
    asked = {"kind": "rfm", "config": {"answer": "code"}, "as_of": "2026-03-02T02:00:00Z"}
    before = admin.post("/api/tags/preview", json=asked).json()
    later(40 * DAY)
    door.send(buy("u2"), buy("u1", order="later"))
    after = admin.post("/api/tags/preview", json=asked).json()
    assert [(one["value"], one["persons"]) for one in after["values"]] == [
        (one["value"], one["persons"]) for one in before["values"]
    ]
    tag = make(admin, "rfm", {"answer": "code"}).json()["id"]
    admin.post(f"/api/tags/{tag}/refresh")
    follow(store)
    assert [run["changed"] for run in admin.get(f"/api/tags/{tag}/runs").json()] == [0, 2]


def test_values_given_by_hand_go_with_their_identifier(admin: Client, door: Door, store: Store) -> None:
    door.send(identify("u1", phone="13900000001"), identify("u2"))
    tag = make(admin, "manual", {"values": ["VIP", "普通"]}).json()["id"]
    first, second = person_of(admin, "u1"), person_of(admin, "u2")
    wrong = admin.put(f"/api/tags/{tag}/persons/{first}", json={"value": "别的"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "value")
    assert admin.put(f"/api/tags/{tag}/persons/{first}", json={"value": "VIP"}).json()["values"] == ["VIP"]
    joined = admin.post(f"/api/persons/{second}/merge", json={"with": first, "reason": "same"})
    if joined.status_code >= 400:
        door.send({"type": "alias", "previousId": "u1", "userId": "u2"})
    why = admin.get(f"/api/tags/{tag}/persons/{first}").json()
    assert (why["values"], why["words"][0]["by"]) == (["VIP"], "Test admin")
    assert admin.put(f"/api/tags/{tag}/persons/{first}", json={"value": ""}).json()["values"] == []


def test_an_audience_is_tagged_at_once(admin: Client, door: Door, store: Store) -> None:
    door.send(buy("u1"), buy("u2"), identify("u3"))
    audience = admin.post("/api/audiences", json={"name": "买过", "rule": ORDERS | {"op": "gte", "value": 1}}).json()[
        "id"
    ]
    tag = make(admin, "manual", {}).json()["id"]
    given = admin.post(f"/api/tags/{tag}/persons", json={"audience": audience, "value": "老客"})
    assert (given.json(), values_of(admin, tag)) == ({"persons": 2}, {"老客": 2})
    computed = make(admin, "number", ORDERS, "次数").json()["id"]
    refused = admin.post(f"/api/tags/{computed}/persons", json={"audience": audience, "value": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "tag_not_given")


def test_a_file_of_values(admin: Client, door: Door) -> None:
    door.send(identify("u1", phone="13900000001"), identify("u2", email="two@example.com"))
    tag = make(admin, "imported", {"values": ["A", "B"]}).json()["id"]
    text = "手机号,邮箱,标签值\n13900000001,,A\n,two@example.com,B\n,none@example.com,A\n13900000001,,C\n"
    path = f"/api/tags/{tag}/file"
    dry = admin.post(path, params={"dry_run": True}, files={"file": ("v.csv", text.encode(), "text/csv")}).json()
    assert (dry["rows"], dry["persons"], dry["saved"], values_of(admin, tag)) == (4, 2, False, {})
    assert [(one["row"], one["why"]) for one in dry["faults"]] == [(4, "unknown_person"), (5, "value_not_offered")]
    saved = admin.post(path, files={"file": ("v.csv", text.encode("gb18030"), "text/csv")}).json()
    assert (saved["saved"], values_of(admin, tag)) == (True, {"A": 1, "B": 1})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("手机号\n13900000001\n", "no_tag_column"),
        ("手机号,标签值\n13900000009,A\n", "nobody_named"),
        ("", "bad_list"),
    ],
)
def test_a_file_of_no_use_changes_nothing(admin: Client, door: Door, text: str, code: str) -> None:
    door.send(identify("u1", phone="13900000001"))
    tag = make(admin, "imported", {}).json()["id"]
    answer = admin.post(f"/api/tags/{tag}/file", files={"file": ("v.csv", text.encode(), "text/csv")})
    assert (answer.status_code, answer.json()["code"], values_of(admin, tag)) == (422, code, {})


def test_ten_megabytes_of_mixed_identifiers(admin: Client, door: Door) -> None:
    door.send(identify("u1", phone="13900000001"), identify("u2", email="two@example.com"))
    tag = make(admin, "imported", {}).json()["id"]
    lines = ["手机号,邮箱,标签值"] + [
        f"137{number:08d},p{number}@example.com,值{number % 7}" for number in range(60_000)
    ]
    lines += ["13900000001,,A", ",two@example.com,B"]
    raw = "\n".join(lines).encode()
    report = admin.post(f"/api/tags/{tag}/file", files={"file": ("v.csv", raw, "text/csv")}).json()
    assert (report["persons"], report["faulty"], len(report["faults"])) == (2, 60_000, 200)
    assert values_of(admin, tag) == {"A": 1, "B": 1}
    over = admin.post(f"/api/tags/{tag}/file", files={"file": ("v.csv", b"x" * (11 << 20), "text/csv")})
    assert over.status_code == 413


SQL_FAULTS = [
    ("INSERT INTO events SELECT 1", "sql_unreadable"),
    ("DROP TABLE events", "sql_unreadable"),
    ("SELECT person, 1 AS value FROM events INTO OUTFILE '/tmp/out'", "sql_unreadable"),
    ("SELECT person, 1 AS value FROM events; DROP TABLE events", "sql_one_statement"),
    ("SELECT person, sleep(3) AS value FROM events", "sql_function"),
    ("SELECT person, file('/etc/passwd') AS value FROM events", "sql_function"),
    ("SELECT 1 AS person, c1 AS value FROM file('/etc/passwd', 'LineAsString')", "sql_table"),
    ("SELECT person, value FROM (SELECT 1 AS person, name AS value FROM system.tables)", "sql_table"),
    ("SELECT person, 1 AS value FROM events WHERE person IN aliases", "sql_table"),
    ("SELECT person, count() AS value FROM numbers(9999999999) GROUP BY person", "sql_table"),
    ("SELECT person, now() AS value FROM persons", "sql_function"),
    ("SELECT person, 1 AS value FROM persons SETTINGS max_memory_usage = 0", "sql_no_settings"),
    ("SELECT 1) SETTINGS a = 1 UNION ALL SELECT * FROM (SELECT 2", "sql_only_select"),
    ("SELECT person, event AS value FROM events", "sql_one_row"),
    ("SELECT person FROM persons", "sql_unreadable"),
    ("SELECT nothing", "sql_unreadable"),
]


@pytest.mark.parametrize(("sql", "code"), SQL_FAULTS)
def test_sql_that_is_more_than_a_question_is_refused(admin: Client, door: Door, sql: str, code: str) -> None:
    door.send(buy("u1", order="a"), buy("u1", order="b"))
    for language in ("en", "zh-CN"):
        answer = admin.post(
            "/api/tags",
            json={"name": "S", "kind": "sql", "config": {"sql": sql}},
            headers={"Accept-Language": language},
        )
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert admin.get("/api/tags").json()["items"] == []


def test_sql_gives_a_value_a_person(admin: Client, door: Door) -> None:
    door.send(buy("u1", order="a"), buy("u1", order="b"), identify("u2", city="上海"))
    sql = "SELECT person, count() AS value FROM events WHERE event = 'order_paid' AND time <= as_of GROUP BY person"
    made = make(admin, "sql", {"sql": sql}).json()
    assert values_of(admin, made["id"]) == {"2": 1}
    city = make(admin, "sql", {"sql": "SELECT person, traits.city AS value FROM persons"}, "城市").json()
    assert values_of(admin, city["id"]) == {"上海": 1}


def test_sql_needs_an_administrator(sign_in_as: Any, app: House, store: Store) -> None:
    operator = sign_in_as("operator")
    answer = make(operator, "sql", {"sql": "SELECT person, 1 AS value FROM events"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


BAD = [
    ("number", {"event": "order_paid", "measure": "sum"}, "property"),
    ("number", {"event": ""}, "event"),
    ("number", {"event": "order_paid", "window": {"last_days": -1}}, "window/last_days"),
    ("number", {"event": "order_paid", "where": [{"property": "a`b", "op": "eq", "value": 1}]}, "where/0/property"),
    ("preference", {"event": "order_paid", "property": "amount"}, "property"),
    ("preference", {"event": "order_paid", "property": "category", "top": 99}, "top"),
    ("sequence", {"sequence": [{"event": "a"}, {"event": "b", "absent": True}], "within": {"n": 1, "unit": "days"}},
     "sequence/1/absent"),
    ("rfm", {"bands": "fixed"}, "recency"),
    ("rfm", {"bands": "fixed", "recency": [30, 10], "frequency": [1], "money": [1]}, "recency"),
    ("lifecycle", {"silent_days": 90, "churned_days": 30}, "churned_days"),
    ("rule", {"values": []}, "values"),
    ("rule", {"values": [{"value": "a", "rule": {"all": [{"trait": "x", "op": "??"}]}}]}, "values/0/rule/all/0/op"),
    ("rule", {"values": [{"value": "a", "rule": {"all": []}}, {"value": "a", "rule": {"all": []}}]}, "values/1/value"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "config", "field"), BAD)
def test_each_mistake_is_named_and_nothing_saved(
    admin: Client, door: Door, kind: str, config: dict[str, Any], field: str
) -> None:
    texts = []
    for language in ("en", "zh-CN"):
        answer = admin.post(
            "/api/tags", json={"name": "T", "kind": kind, "config": config}, headers={"Accept-Language": language}
        )
        assert answer.status_code == 422, answer.text
        errors = {one["field"].lstrip("/"): one["message"] for one in answer.json()["errors"]}
        assert field in errors
        texts.append(errors[field])
    assert texts[0] != texts[1]
    assert admin.get("/api/tags").json()["items"] == []


def test_names_schedules_and_kinds(admin: Client, door: Door) -> None:
    assert {kind["name"] for kind in admin.get("/api/tags/kinds").json()} >= {"rule", "number", "sql", "manual"}
    made = make(admin, "number", ORDERS, schedule={"every": "day", "at": "03:00"}).json()
    assert made["next_at"] is not None
    assert make(admin, "number", ORDERS).json()["errors"][0]["code"] == "name_taken"
    assert make(admin, "number", ORDERS, "").json()["errors"][0]["code"] == "name_needed"
    assert make(admin, "rfm", {}, "r", live=True).json()["errors"][0]["code"] == "not_live"
    assert make(admin, "manual", {}, "m", live=True).json()["errors"][0]["code"] == "no_schedule"
    other = {"name": "标签", "kind": "rfm", "config": {}}
    stays = admin.put(f"/api/tags/{made['id']}", json=other, headers={"If-Match": '"1"'})
    assert stays.json()["errors"][0]["code"] == "kind_stays"
    stale = admin.put(f"/api/tags/{made['id']}", json=other, headers={"If-Match": '"9"'})
    assert stale.status_code == 412


def test_a_scheduled_tag_is_computed_when_its_time_comes(
    admin: Client, door: Door, store: Store, later: Callable[[int], None]
) -> None:
    door.send(buy("u1"))
    tag = make(admin, "number", ORDERS, schedule={"every": "hour"}).json()["id"]
    door.send(buy("u1", order="b"))
    follow(store)
    assert values_of(admin, tag) == {"1": 1}
    later(2 * HOUR)
    follow(store)
    assert values_of(admin, tag) == {"2": 1}


def test_staff_are_in_no_figure_of_a_tag(admin: Client, door: Door, store: Store) -> None:
    """Neither in coverage and counts, as a run finds them and as the stream adds to them, nor in bands of equals."""
    door.send(*[buy(who, total=total) for who, total in (("ann", 10), ("bob", 20), ("cat", 30), ("eve", 1_000))])
    assert admin.put(f"/api/persons/{person_of(admin, 'eve')}/staff", json={"staff": True}).is_success
    carry(store)
    total = {"event": "order_paid", "measure": "sum", "property": "amount"}
    made = make(admin, "number", total, live=True).json()
    assert (made["persons"], made["coverage"]) == (3, 1.0)
    assert values_of(admin, made["id"]) == {"1000": 1, "2000": 1, "3000": 1}
    seen = admin.post("/api/tags/preview", json={"kind": "number", "config": total}).json()
    assert (seen["persons"], seen["everyone"], len(seen["sample"])) == (3, 3, 3)
    bands = make(admin, "rfm", {"answer": "code", "parts": 2}, "分档").json()
    assert values_of(admin, bands["id"]) == {"211": 2, "212": 1}, "cat spent more than half of those who count"
    door.send(buy("eve", total=5, order="again"), buy("joe", total=7))
    again = admin.get(f"/api/tags/{made['id']}").json()
    assert (again["persons"], again["coverage"]) == (4, 1.0)
