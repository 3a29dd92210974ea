"""Published versions never change; those inside one finish on it, or are moved to the next."""

from __future__ import annotations

import pytest

from siyu.journeys import jobs
from siyu.journeys.nodes import KINDS
from siyu.kit import MINUTE
from tests.delivery.desk import Desk
from tests.journeys.drawing import CART, draw, node, outcomes, publish


def exit_as(name: str) -> list[object]:
    return [node("z", "exit", outcome=name)]


@pytest.mark.parametrize("inside", ["finish", "move"])
def test_those_inside_finish_or_are_moved(desk: Desk, inside: str) -> None:
    lines = ["a>w", "w>z"]
    id = publish(desk, [CART, node("w", "wait", minutes=10), *exit_as("old")], lines)
    gone = publish(desk, [CART, node("gone", "wait", minutes=10), *exit_as("old")], ["a>gone", "gone>z"])
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    for journey in (id, gone):
        draw(desk, [CART, node("w", "wait", minutes=10), *exit_as("new")], lines, journey)
        desk.post(f"/api/journeys/{journey}/publish", {"inside": inside})
        [run] = desk.get(f"/api/journeys/{journey}/runs")["items"]
        assert run["version"] == (2 if inside == "move" and journey == id else 1)
    desk.later(minutes=11)
    assert list(outcomes(desk, id).values()) == ["new" if inside == "move" else "old"]
    assert list(outcomes(desk, gone).values()) == ["old"], "a node the new version does not have is finished on the old"


def test_a_node_of_another_kind_is_not_the_same_node(desk: Desk) -> None:
    id = publish(desk, [CART, node("w", "wait", minutes=10), *exit_as("old")], ["a>w", "w>z"])
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    draw(desk, [CART, node("w", "task", title="x"), *exit_as("new")], ["a>w", "w>z"], id)
    desk.post(f"/api/journeys/{id}/publish", {"inside": "move"})
    desk.later(minutes=11)
    assert list(outcomes(desk, id).values()) == ["old"]


def test_what_is_published_is_not_changed_by_drawing(desk: Desk) -> None:
    id = publish(desk, [CART, node("w", "wait", minutes=10), *exit_as("old")], ["a>w", "w>z"])
    texts = "SELECT number, graph FROM journeys_versions ORDER BY number"
    with desk.store.state.read() as conn:
        before = [tuple(row) for row in conn.exec_driver_sql(texts)]
    draw(desk, [CART, node("w", "wait", minutes=99), *exit_as("draft")], ["a>w", "w>z"], id)
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.later(minutes=11)
    assert list(outcomes(desk, id).values()) == ["old"], "a draft is nobody's journey"
    desk.post(f"/api/journeys/{id}/publish")
    with desk.store.state.read() as conn:
        assert [tuple(row) for row in conn.exec_driver_sql(texts)][:1] == before


def test_nobody_is_let_in_together_while_much_is_due(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siyu.journeys.starting.BACKLOG", 3)
    monkeypatch.setattr("siyu.journeys.starting.AT_ONCE", 3)
    monkeypatch.setattr("siyu.journeys.actions.AT_ONCE", 0)
    id = publish(desk, [node("a", "trigger_list"), node("z", "exit")], ["a>z"])
    people = [desk.customer(f"u{number}") for number in range(7)]
    desk.post(f"/api/journeys/{id}/enter", {"persons": people})
    from siyu.journeys import let_in

    while let_in(desk.store) == 0:
        pass
    assert desk.get(f"/api/journeys/{id}/starts")[0]["entered"] == 3, "it waits for those inside"
    desk.turn()
    assert desk.get(f"/api/journeys/{id}")["counts"]["done"] == 7 or _finish(desk, id) == 7


def _finish(desk: Desk, id: str) -> int:
    for _ in range(5):
        desk.turn()
    return int(desk.get(f"/api/journeys/{id}")["counts"]["done"])


def test_a_run_that_kills_the_process_is_parked_and_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies is one that ends without an answer: here, by an exception nothing catches."""
    id = publish(desk, [CART, node("w", "wait", minutes=10), node("z", "exit")], ["a>w", "w>z"])
    for user in ("fine", "fatal"):
        desk.customer(user)
    desk.send(desk.track("fine", "cart_added"), desk.track("fatal", "cart_added"))
    desk.turn()
    fatal, act = desk.number("fatal"), KINDS["exit"].act

    def dying(moment: object, config: object, runs: list[object]) -> object:
        if any(run.person == fatal for run in runs):  # type: ignore[attr-defined]
            raise SystemExit
        return act(moment, config, runs)  # type: ignore[arg-type]

    from siyu.journeys import plans

    plans.plan_of.cache_clear()
    monkeypatch.setitem(KINDS, "exit", __import__("msgspec").structs.replace(KINDS["exit"], act=dying))
    desk.clock.advance(11 * MINUTE)
    for _ in range(8):
        try:
            desk.turn()
        except SystemExit:
            desk.clock.advance(jobs.LEASE + 1)
    plans.plan_of.cache_clear()
    runs = {run["person"]: run["state"] for run in desk.get(f"/api/journeys/{id}/runs")["items"]}
    assert runs == {desk.person("fine"): "done", desk.person("fatal"): "parked"}
    assert desk.trace("fatal", id)[0] == "parked"
