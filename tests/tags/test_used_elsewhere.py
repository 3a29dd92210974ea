"""Tags where traits are used: in messages, in what sets an audience apart; and who needs a tag or an audience."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.store import Store
from tests.audiences.test_api import Door, create, identify
from tests.audiences.test_insight import lines
from tests.delivery.desk import Desk
from tests.delivery.fixtures import desk, mailbox
from tests.delivery.peers import Mailbox
from tests.journeys.drawing import END, draw, node, publish
from tests.tags.test_api import LEVELS, buy, make

__all__ = ["desk", "mailbox"]
Client = TestClient[Any]


def template(text: str, **more: Any) -> dict[str, Any]:
    said = {"subject": "你好", "text": text}
    return {"name": "等级", "channel": "email", "incentive": "care", "appeal": "self", "says": {"zh": said} | more}


@pytest.fixture
def door(admin: Client, app: House, store: Store) -> Door:
    return Door(admin, app, store)


def orders(desk: Desk, user: str, *totals: float) -> None:
    desk.send(*[desk.track(user, "Order Completed", total=total, order_id=f"{user}{total}") for total in totals])


def made(desk: Desk, kind: str, config: dict[str, Any], name: str) -> str:
    answer = make(desk.client, kind, config, name)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_message_says_what_a_tag_says_of_its_reader(desk: Desk, mailbox: Mailbox) -> None:
    """By name or by id, in the reader's language, money in yuan; the default for who has no value."""
    desk.mail_channel(mailbox)
    desk.customer("mei", city="上海")
    desk.customer("bob", language="en")
    desk.customer("tom")
    orders(desk, "mei", 12.5, 30)
    orders(desk, "bob", 5)
    made(desk, "rule", LEVELS, "等级")
    total = made(desk, "number", {"event": "order_paid", "measure": "sum", "property": "amount"}, "累计 消费")
    made(desk, "sequence", {"sequence": [{"event": "order_paid"}] * 2, "within": {"n": 1, "unit": "days"}}, "回购")
    text = f"{{{{tag.等级|新}}}}/{{{{tag.{total}|0}}}}/{{{{tag.回购|未知}}}}/{{{{city|哪里}}}}"
    saved = desk.post("/api/templates", template(text, en={"subject": "Hello", "text": text}), 201)["id"]
    shown = desk.post("/api/templates/preview", {"draft": template(text), "person": desk.person("mei")}, 200)
    assert shown["text"].startswith("高/42.50/否/上海")
    send = node("s", "send", channel="email", template=saved, campaign="c")
    journey = publish(desk, [node("a", "trigger_list"), send, END], ["a>s", "s>z"])
    desk.post(f"/api/journeys/{journey}/enter", {"persons": [f"user_id:{user}" for user in ("mei", "bob", "tom")]})
    desk.turn()
    said = {message["To"].split("@")[0].strip("<"): body_of(message) for message in mailbox.received}
    assert {user: text.splitlines()[0] for user, text in said.items()} == {
        "mei": "高/42.50/否/上海", "bob": "低/5/No/哪里", "tom": "新/0/未知/哪里",
    }  # fmt: skip


def body_of(message: Any) -> str:
    part = message.get_body(preferencelist=("plain",))
    return str(part.get_content()).strip()


def test_a_tag_named_in_texts_is_neither_deleted_nor_renamed(desk: Desk) -> None:
    tag, longer = made(desk, "rule", LEVELS, "等级"), made(desk, "rule", LEVELS, "等级高")
    saved = desk.post("/api/templates", template("{{tag.等级高|x}}"), 201)["id"]
    assert [one["id"] for one in desk.get(f"/api/tags/{longer}")["used_by"]] == [saved]
    assert desk.get(f"/api/tags/{tag}")["used_by"] == []
    assert desk.client.delete(f"/api/tags/{longer}").json()["code"] == "tag_in_use"
    draft = {"name": "等级更高", "kind": "rule", "config": LEVELS}
    renamed = desk.client.put(f"/api/tags/{longer}", json=draft, headers={"If-Match": '"1"'})
    assert (renamed.status_code, renamed.json()["errors"][0]["code"]) == (422, "name_in_texts")
    desk.post(f"/api/templates/{saved}/archive")
    assert desk.client.put(f"/api/tags/{longer}", json=draft, headers={"If-Match": '"1"'}).status_code == 200
    assert desk.client.delete(f"/api/tags/{longer}").status_code == 204


def test_tags_set_an_audience_apart(admin: Client, door: Door) -> None:
    for number in range(8):
        door.send(identify(f"u{number}", city="上海" if number < 4 else "北京"))
    door.send(*[buy(f"u{number}", total=number, order=f"o{number}{turn}") for number in range(6) for turn in range(2)])
    level = make(admin, "rule", LEVELS, "等级").json()["id"]
    first = make(admin, "first_last", {"event": "order_paid"}, "首单").json()["id"]
    top = make(admin, "preference", {"event": "order_paid", "property": "category", "top": 2}, "偏好").json()["id"]
    shanghai = create(admin, {"trait": "city", "op": "eq", "value": "上海"}, "上海")["id"]
    found = admin.get(f"/api/audiences/{shanghai}/insight").json()
    assert lines(found, "tag", level)["高"] | {"value": ""} == {
        "value": "", "count": 4, "share": 1.0, "base_count": 6, "base_share": 0.75, "tgi": 133.3,
    }  # fmt: skip
    assert [line["base_count"] for line in lines(found, "tag", first).values()] == [6]
    assert list(lines(found, "tag", first)) == ["2026-03"]
    assert lines(found, "tag", top) == {}


def test_values_are_told_by_their_names(admin: Client, door: Door) -> None:
    """Stages as the industry calls them and money in yuan: on the tag, on the person page, in a rule read out."""
    body = {"lifecycle": {"new_days": 90, "silent_days": 365, "churned_days": 1095, "preset": "hair_transplant"}}
    version = admin.get("/api/settings").json()["version"]
    assert admin.put("/api/settings", json=body, headers={"If-Match": f'"{version}"'}).status_code == 200
    door.send(buy("u1", total=9800.5))
    treated = {"zh": "已手术", "en": "Treated"}
    stage = make(admin, "lifecycle", {}, "阶段").json()
    assert stage["labels"]["first_order"] == treated
    preview = admin.post("/api/tags/preview", json={"kind": "lifecycle", "config": {}}).json()
    assert [(one["value"], one["label"]) for one in preview["values"]] == [("first_order", treated)]
    person = admin.get("/api/persons").json()["items"][0]["id"]
    assert admin.get(f"/api/tags/persons/{person}").json()[0]["labels"] == {"first_order": treated}
    total = make(admin, "number", {"event": "order_paid", "measure": "sum", "property": "amount"}, "合计").json()["id"]
    both = [{"tag": stage["id"], "op": "eq", "value": "first_order"}, {"tag": total, "op": "gte", "value": 980_050}]
    found = admin.post("/api/audiences/preview", json={"rule": {"all": both}}).json()
    assert (found["count"], found["reading"]) == (
        1,
        {
            "zh": "标签“阶段” 是 已手术，且标签“合计” 至少 ¥9,800.50",
            "en": "tag “阶段” is treated, and tag “合计” is at least ¥9,800.50",
        },
    )
    odd = {"all": [both[0], both[0] | {"value": "churned"}]}
    [note] = admin.post("/api/audiences/check", json={"rule": odd}).json()["notes"]
    assert "tag “阶段” is treated" in note["message"]


def test_tags_told_in_stretches(admin: Client, door: Door) -> None:
    door.send(*[buy(f"u{number}", total=number + 1, order=f"o{number}") for number in range(40)])
    tag = make(admin, "number", {"event": "order_paid", "measure": "sum", "property": "amount"}, "合计").json()["id"]
    everybody = create(admin, {"event": "order_paid", "op": "gte", "value": 1}, "买过")["id"]
    found = lines(admin.get(f"/api/audiences/{everybody}/insight").json(), "tag", tag)
    assert 6 <= len(found) <= 9
    assert sum(line["count"] for line in found.values()) == 40


def test_insight_tells_all_tags_the_most_telling_first(admin: Client, door: Door) -> None:
    for number in range(12):
        door.send(identify(f"u{number}", city="上海" if number < 6 else "北京"))
    same, apart = {"trait": "city", "op": "exists"}, {"trait": "city", "op": "eq", "value": "上海"}
    names = {
        make(admin, "rule", {"values": [{"value": "是", "rule": rule}], "otherwise": "否"}, f"第 {place} 个").json()[
            "id"
        ]: place
        for place, rule in enumerate([same] * 11 + [apart] + [same] * 3)
    }
    shanghai = create(admin, apart, "上海")["id"]
    found = [one["name"] for one in admin.get(f"/api/audiences/{shanghai}/insight").json()["distributions"]]
    told = [names[name] for name in found if name in names]
    assert (sorted(told), told[0]) == (list(range(15)), 11)


def test_an_audience_a_journey_needs_is_kept_and_drawn(desk: Desk) -> None:
    """As a trigger, by schedule, in a branch, as a way out; while people are in an old version that names it."""
    tag = made(desk, "rule", LEVELS, "等级")
    rule = {"tag": tag, "op": "in", "value": ["高"]}
    kinds = ("trigger", "schedule", "branch", "exit")
    needed = {kind: desk.post("/api/audiences", {"name": kind, "rule": rule})["id"] for kind in kinds}
    branch = {"name": "高", "rule": {"audience": needed["branch"]}}
    triggers = {
        "trigger": node("a", "trigger_audience", audience=needed["trigger"]),
        "schedule": node("a", "trigger_schedule", audience=needed["schedule"], at="10:00"),
    }
    journeys = {kind: draw(desk, [first, END], ["a>z"]) for kind, first in triggers.items()}
    parts = node("b", "branch_rule", branches=[branch])
    wait = node("w", "wait", minutes=1440)
    cart = node("a", "trigger_event", event="cart_added")
    journeys["branch"] = publish(desk, [cart, wait, parts, END], ["a>w", "w>b", "b>z>高", "b>z>else"])
    journeys["exit"] = draw(desk, [cart, END], ["a>z"], exit_audiences=[needed["exit"]])
    for kind, audience in needed.items():
        used = desk.get(f"/api/audiences/{audience}")
        assert [one["id"] for one in used["used_by"]] == [journeys[kind]]
        assert used["uses"] == [{"id": tag, "name": "等级"}]
        refused = desk.client.delete(f"/api/audiences/{audience}", headers={"If-Match": '"1"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "audience_in_use")
        drawn = desk.get(f"/api/audiences/{audience}/dependencies")
        assert {(one["kind"], one["id"]) for one in drawn["nodes"]} == {
            ("audience", audience), ("journey", journeys[kind]), ("tag", tag),
        }  # fmt: skip
        assert {(one["user"], one["used"]) for one in drawn["edges"]} == {(journeys[kind], audience), (audience, tag)}
    whole = desk.get("/api/audiences/graph")
    assert {one["id"] for one in whole["nodes"] if one["kind"] == "journey"} == set(journeys.values())
    assert {one["user"] for one in whole["edges"] if one["used"] == tag} == set(needed.values())
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    publish(desk, [cart, wait, END], ["a>w", "w>z"], journeys["branch"])
    gone = desk.client.delete(f"/api/audiences/{needed['branch']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 409, "somebody still comes to the branch of the first version"
    desk.later(hours=30)
    gone = desk.client.delete(f"/api/audiences/{needed['branch']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204
