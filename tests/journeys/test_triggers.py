"""Every way into a journey, and every rule that keeps people out."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.kit import DAY, HOUR, MINUTE, parse_iso
from tests.delivery.desk import Desk
from tests.journeys.drawing import CART, END, draw, node, outcomes, publish, steps

AT = node("w", "wait", minutes=60 * 24 * 300)


def audience(desk: Desk, event: str = "vip_joined") -> str:
    rule = {"event": event, "aggregate": "count", "window": {"last_days": 30}, "op": "gte", "value": 1}
    return str(desk.post("/api/audiences", {"name": event, "rule": rule, "kind": "live"})["id"])


@pytest.mark.parametrize("on", ["entered", "left"])
def test_an_audience_lets_in_who_comes_or_goes(desk: Desk, on: str) -> None:
    for user in ("mei", "lan"):
        desk.customer(user)
    circle = audience(desk)
    id = publish(desk, [node("a", "trigger_audience", audience=circle, on=on), AT, END], ["a>w", "w>z"])
    desk.send(desk.track("mei", "vip_joined"))
    desk.turn()
    assert list(outcomes(desk, id)) == ([desk.person("mei")] if on == "entered" else [])
    if on == "left":
        desk.clock.advance(31 * DAY)
        from siyu.app import ANNOUNCE
        from siyu.audiences import sweep

        sweep(desk.store, ANNOUNCE)
        desk.turn()
        assert list(outcomes(desk, id)) == [desk.person("mei")]


def test_a_schedule_lets_its_audience_in_each_time_once(desk: Desk) -> None:
    for user in ("mei", "lan", "old"):
        desk.customer(user)
    circle = audience(desk)
    desk.send(desk.track("mei", "vip_joined"), desk.track("lan", "vip_joined"))
    trigger = node("a", "trigger_schedule", audience=circle, at="11:00", weekdays=[2])
    id = publish(desk, [trigger, END], ["a>z"], reentry="always")
    desk.later(hours=2)
    assert outcomes(desk, id) == {}, "Monday noon is no Tuesday"
    desk.later(hours=23)
    desk.later(minutes=1)
    assert set(outcomes(desk, id)) == {desk.person("mei"), desk.person("lan")}
    desk.clock.advance(7 * DAY)
    desk.turn()
    desk.turn()
    runs = desk.get(f"/api/journeys/{id}/runs")["items"]
    assert len(runs) == 4
    assert [start["total"] for start in desk.get(f"/api/journeys/{id}/starts")] == [2, 2]


def test_a_time_that_passed_before_publishing_or_long_ago_is_passed_over(desk: Desk) -> None:
    desk.customer("mei")
    circle = audience(desk)
    desk.send(desk.track("mei", "vip_joined"))
    nodes = [node("a", "trigger_schedule", audience=circle, at="09:00"), END]
    id = publish(desk, nodes, ["a>z"], reentry="always")
    desk.turn()
    assert outcomes(desk, id) == {}, "nine had passed when it was published at ten"
    desk.clock.advance(5 * DAY)
    desk.turn()
    assert len(desk.get(f"/api/journeys/{id}/starts")) == 1, "of five mornings nothing ran on, only the last counts"


def test_a_birthday_counts_days_and_leap_days(desk: Desk) -> None:
    for user, birthday in (("soon", "1990-03-05"), ("today", "1991-03-02"), ("leap", "2000-02-29"), ("bare", None)):
        desk.customer(user, **({"birthday": birthday} if birthday else {}))
    ahead = publish(desk, [node("a", "trigger_date", trait="birthday", days_before=3, at="11:00"), END], ["a>z"])
    same = publish(desk, [node("a", "trigger_date", at="11:00"), END], ["a>z"], reentry_days=300)
    desk.later(hours=1)
    assert set(outcomes(desk, ahead)) == {desk.person("soon")}
    assert set(outcomes(desk, same)) == {desk.person("today")}
    desk.clock.advance(parse_iso("2027-02-28T02:30:00Z") - desk.clock.now_ms())
    desk.later(hours=1)
    assert desk.person("leap") in outcomes(desk, same), "29 February falls on the 28th in 2027"


def test_one_thing_without_the_other(desk: Desk) -> None:
    for user in ("buys", "leaves", "late"):
        desk.customer(user)
    trigger = node("a", "trigger_absent", event="cart_added", absent=["order_paid"], minutes=60)
    id = publish(desk, [trigger, END], ["a>z"])
    desk.send(*[desk.track(user, "cart_added") for user in ("buys", "leaves", "late")])
    desk.later(minutes=30)
    assert desk.get(f"/api/journeys/{id}")["counts"]["entered"] == 0
    desk.send(desk.track("buys", "order_paid", order_id="o1", total=9))
    desk.later(minutes=31)
    assert set(outcomes(desk, id)) == {desk.person("leaves"), desk.person("late")}
    assert desk.trace("buys", id) == ("did_it", ["did_it"])
    counts = desk.get(f"/api/journeys/{id}")
    assert (counts["counts"]["entered"], counts["counts"]["done"], counts["counts"]["waiting"]) == (2, 2, 0)
    assert counts["nodes_counts"]["a"] == {"in": 3, "waiting": 0, "out": 3, "branches": {"then": 2}, "refused": {}}
    desk.send(desk.track("buys", "cart_added"))
    desk.later(minutes=61)
    assert desk.person("buys") in outcomes(desk, id), "who did not enter has not used up their entry"


@pytest.mark.parametrize("kind", ["trigger_api", "trigger_list"])
def test_people_are_let_in_by_name(desk: Desk, kind: str) -> None:
    mei, _ = desk.customer("mei"), desk.customer("lan")
    choice = node("v", "branch_value", name="level", branches=[{"name": "gold", "values": ["gold"]}])
    nodes = [node("a", kind), choice, node("g", "exit", outcome="gold"), END]
    id = publish(desk, nodes, ["a>v", "v>g>gold", "v>z"])
    body: dict[str, Any] = {"persons": [mei, "user_id:lan", "user_id:nobody"], "props": {"level": "gold"}, "key": "k"}
    first = desk.post(f"/api/journeys/{id}/enter", body)
    assert (first["entered"], first["refused"], first["unknown"]) == (2, 0, ["user_id:nobody"])
    assert desk.post(f"/api/journeys/{id}/enter", body)["id"] == first["id"], "the same key begins nothing anew"
    desk.turn()
    assert set(outcomes(desk, id).values()) == {"gold"}
    again = desk.post(f"/api/journeys/{id}/enter", {"persons": [mei]})
    assert (again["entered"], again["refused"]) == (0, 1)
    assert desk.trace("mei", id)[1][-1] == "reentry_window"


def test_letting_in_needs_the_right_to_write(desk: Desk) -> None:
    id = publish(desk, [node("a", "trigger_api"), END], ["a>z"])
    secret = desk.post("/api/keys", {"name": "reads", "scopes": ["read"]})["secret"]
    head = {"Authorization": f"Bearer {secret}"}
    assert desk.client.post(f"/api/journeys/{id}/enter", json={"persons": []}, headers=head).status_code == 403
    other = publish(desk, [CART, END], ["a>z"])
    assert desk.client.post(f"/api/journeys/{other}/enter", json={"persons": []}).status_code == 409


def test_a_whole_audience_enters_some_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siyu.journeys.starting.AT_ONCE", 2)
    monkeypatch.setattr("siyu.journeys.actions.AT_ONCE", 0)
    users = [f"u{number}" for number in range(5)]
    for user in users:
        desk.customer(user)
    circle = audience(desk)
    desk.send(*[desk.track(user, "vip_joined") for user in users])
    id = publish(desk, [node("a", "trigger_list"), END], ["a>z"])
    assert desk.post(f"/api/journeys/{id}/enter", {"audience": circle})["state"] == "open"
    desk.turn()
    [start] = desk.get(f"/api/journeys/{id}/starts")
    assert (start["state"], start["total"], start["entered"]) == ("done", 5, 5)
    assert len(outcomes(desk, id)) == 5


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"reentry": "never"}, "once_only"),
        ({"reentry": "after", "reentry_days": 2}, "reentry_window"),
        ({"reentry": "always", "per_person": 1}, "limit_person"),
        ({"reentry": "always", "per_day": 1}, "limit_day"),
        ({"reentry": "always", "total": 1}, "limit_total"),
        ({"reentry": "always"}, None),
    ],
)
def test_rules_of_entry(desk: Desk, settings: dict[str, Any], expected: str | None) -> None:
    desk.customer("mei")
    id = publish(desk, [CART, END], ["a>z"], **settings)
    for _ in range(2):
        desk.send(desk.track("mei", "cart_added"))
        desk.later(minutes=1)
    last = steps(desk, "mei", id)[-1]
    assert last == (expected or "finished")
    assert desk.get(f"/api/journeys/{id}")["counts"]["entered"] == (1 if expected else 2)
    desk.clock.advance(2 * DAY)
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    reopened = expected in (None, "reentry_window", "limit_day")
    assert desk.get(f"/api/journeys/{id}")["counts"]["entered"] == (1 if expected else 2) + reopened


def test_a_journey_is_open_between_its_days(desk: Desk) -> None:
    desk.customer("mei")
    id = publish(desk, [CART, END], ["a>z"], reentry="always", starts_on="2026-03-03", ends_on="2026-03-03")
    entered = []
    for _ in range(3):
        desk.send(desk.track("mei", "cart_added"))
        desk.turn()
        entered.append(desk.get(f"/api/journeys/{id}")["counts"]["entered"])
        desk.clock.advance(DAY)
    assert entered == [0, 1, 1]
    assert desk.trace("mei", id)[1][-1] == "not_open"


def test_what_ends_a_journey_from_outside(desk: Desk) -> None:
    for user in ("goes", "joins", "buys", "stays"):
        desk.customer(user)
    circle = audience(desk)
    settings = {"exit_events": ["opted_out"], "exit_audiences": [circle], "goal_events": ["order_paid"]}
    id = publish(desk, [CART, AT, END], ["a>w", "w>z"], **settings)
    desk.send(*[desk.track(user, "cart_added") for user in ("goes", "joins", "buys", "stays")])
    desk.turn()
    desk.clock.advance(MINUTE)
    desk.send(desk.track("goes", "opted_out"), desk.track("joins", "vip_joined"))
    desk.send(desk.track("buys", "order_paid", order_id="o", total=5))
    desk.turn()
    found = outcomes(desk, id)
    assert found == {
        desk.person("goes"): "opted_out",
        desk.person("joins"): circle,
        desk.person("buys"): "converted",
        desk.person("stays"): "@w",
    }
    counts = desk.get(f"/api/journeys/{id}")["counts"]
    assert (counts["converted"], counts["exited"], counts["done"], counts["waiting"]) == (1, 2, 1, 1)


def test_a_goal_may_leave_people_inside(desk: Desk) -> None:
    desk.customer("mei")
    id = publish(desk, [CART, AT, END], ["a>w", "w>z"], goal_events=["order_paid"], goal_ends=False)
    desk.send(desk.track("mei", "cart_added"))
    for number in range(2):
        desk.clock.advance(HOUR)
        desk.send(desk.track("mei", "order_paid", order_id=f"o{number}", total=5))
        desk.turn()
    counts = desk.get(f"/api/journeys/{id}")["counts"]
    assert (counts["converted"], counts["waiting"]) == (1, 1), "converted once, and still inside"


def test_settings_written_on_the_trigger_of_old_are_lifted(desk: Desk) -> None:
    old = node("a", "trigger_event", event="cart_added", exit_events=["order_paid"], reentry_days=0, freshness_hours=5)
    id = draw(desk, [old, END], ["a>z"])
    graph = desk.get(f"/api/journeys/{id}")["graph"]
    assert graph["nodes"][0]["config"] == {"event": "cart_added"}
    settings = graph["settings"]
    assert (settings["exit_events"], settings["reentry"], settings["freshness_hours"]) == (["order_paid"], "never", 5)
    desk.post(f"/api/journeys/{id}/publish")
