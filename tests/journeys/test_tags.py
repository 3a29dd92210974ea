"""Journeys give tags and take them away, as people do by hand."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.tags import step
from tests.delivery.desk import Desk
from tests.journeys.drawing import CART, END, draw, node, publish


def tag(desk: Desk, **more: Any) -> str:
    body = {"name": "意向", "kind": "manual", "config": {}} | more
    return str(desk.post("/api/tags", body, 201)["id"])


def of(desk: Desk, user: str) -> dict[str, str]:
    return {one["name"]: one["values"][0] for one in desk.get(f"/api/tags/persons/{desk.person(user)}")}


def test_a_tag_is_given_followed_by_an_audience_and_taken_away(desk: Desk) -> None:
    id = tag(desk)
    rule = {"tag": id, "op": "eq", "value": "高"}
    audience = desk.post("/api/audiences", {"name": "高意向", "rule": rule, "live": True}, 201)["id"]
    bought = node("a", "trigger_event", event="order_paid")
    publish(desk, [CART, node("g", "give_tag", tag=id, value="高"), END], ["a>g", "g>z"])
    publish(desk, [bought, node("g", "give_tag", tag=id), END], ["a>g", "g>z"])
    for user in ("mei", "lan"):
        desk.customer(user)
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    assert (of(desk, "mei"), of(desk, "lan")) == ({"意向": "高"}, {})
    step(desk.store)
    assert desk.get(f"/api/audiences/{audience}")["size"] == 1
    timeline = desk.get(f"/api/persons/{desk.person('mei')}/timeline")["items"]
    assert "tag_given" in {one["event"] for one in timeline}
    desk.clock.advance(1)
    desk.send(desk.track("mei", "order_paid", order_id="o1", revenue=5))
    desk.turn()
    assert of(desk, "mei") == {}
    assert desk.client.delete(f"/api/tags/{id}").status_code == 409, "a journey needs it"


def test_others_can_not_give_tags_by_sending_the_event(desk: Desk) -> None:
    id = tag(desk)
    desk.customer("mei")
    desk.send(desk.track("mei", "tag_given", tag=id, value="高", name="x", by="x"))
    assert of(desk, "mei") == {}


@pytest.mark.parametrize(
    ("config", "code"),
    [({"tag": "tag_nowhere"}, "unknown_tag"), ({"value": "中"}, "value_not_offered"), ({"value": "高"}, "")],
)
def test_what_can_not_be_given_is_said_on_the_node(desk: Desk, config: dict[str, str], code: str) -> None:
    id = tag(desk, config={"values": ["高", "低"]})
    journey = draw(desk, [CART, node("g", "give_tag", **({"tag": id} | config)), END], ["a>g", "g>z"])
    found = desk.post(f"/api/journeys/{journey}/check")["problems"]
    assert [(one["node"], one["code"]) for one in found] == ([("g", code)] if code else [])
