"""The engine against a reference so plain that it is obviously right: every kind of node, any events, jumps, crashes.

``Walker`` is what should become of one person, written as one would tell it. What it can't tell by itself is by which
lot a split parts people; that is asked once and has to stay the same.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from siyu.journeys import jobs
from siyu.journeys.ledger import Ledger
from siyu.journeys.nodes.split import Share, SplitConfig, share_of
from siyu.kit import DAY, HOUR, MINUTE, SECOND
from tests.delivery.desk import Desk
from tests.journeys.drawing import node, publish

_examples = itertools.count(1)
USERS = ("one", "two", "three")
REENTRY = DAY
HALF = [{"name": "A", "percent": 50.0}]


def draw(desk: Desk, second: str) -> tuple[list[Any], list[str]]:
    gold = [{"name": "gold", "values": ["gold"]}]
    nodes = [
        node("a", "trigger_event", event="cart_added"),
        node("s", "split", branches=HALF),
        node("v", "branch_value", name="level", branches=gold),
        node("t", "task", title="回访", due_hours=4, results=[{"name": "yes"}]),
        node("w", "wait", minutes=120, until=["store_visited"]),
        node("x", "exit", outcome="visited"),
        node("r", "exit", outcome="refused"),
        node("b", "branch_rule", branches=[{"name": "near", "rule": {"trait": "city", "op": "eq", "value": "上海"}}]),
        node("e", "enter_journey", journey=second),
        node("u", "wait_until", at="09:00"),
        node("k", "update_trait", name="walks", op="increment", value="1"),
        node("g", "goal"),
        node("z", "exit", outcome="through"),
    ]
    lines = ["a>s", "s>v>A", "s>w", "v>t>gold", "v>b", "t>b>yes", "t>r>refused", "t>b>timeout", "w>b", "w>x>happened"]
    return nodes, [*lines, "b>e>near", "b>u", "e>u", "u>k", "k>g", "g>z"]


class Walker:
    """What should become of one person in the journey, and in the one it leads into."""

    def __init__(self, lot: str, near: bool) -> None:
        self.lot, self.near = lot, near
        self.node = ""
        self.level = ""
        self.entered = self.arrived = self.due = 0
        self.last_entered: int | None = None
        self.signal = ""
        self.last: dict[str, int] = {}
        self.outcomes: list[str] = []
        self.walks = self.converted = self.seconds = self.tasks = 0

    def cart(self, now: int, level: str, live: bool) -> None:
        again = self.last_entered is None or now >= self.last_entered + REENTRY
        if live and not self.node and again:
            self.node, self.level = "s", level
            self.entered = self.last_entered = self.due = now
            self.arrived, self.signal, self.has_converted = 0, "", False

    def did(self, event: str, now: int) -> None:
        self.last[event] = now
        if not self.node:
            return
        if event == "order_paid":
            self.converted += 1
            self.end("converted")
        elif event == "opted_out":
            self.end("opted_out")
        elif event == "store_visited" and self.node == "w" and self.arrived:
            self.signal, self.due = "happened", now

    def end(self, outcome: str) -> None:
        self.node = ""
        self.outcomes.append(outcome)

    def work(self, now: int) -> None:
        while self.node and self.due <= now:
            self.step(now)

    def step(self, now: int) -> None:
        if self.node == "s":
            self.go("v" if self.lot == "A" else "w", now)
        elif self.node == "v":
            self.go("t" if self.level == "gold" else "b", now)
        elif self.node == "t" and not self.arrived:
            self.tasks += 1
            self.wait(now, now + 4 * HOUR)
        elif self.node == "t":
            if self.signal == "refused":
                self.end("refused")
            else:
                self.go("b", now)
        elif self.node == "w" and not self.arrived:
            self.wait(now, now + 120 * MINUTE)
        elif self.node == "w":
            if self.signal:
                self.end("visited")
            else:
                self.go("b", now)
        elif self.node == "b":
            self.seconds += self.near
            self.go("u", now)
        elif self.node == "u" and not self.arrived:
            nine = next(at for at in range(now - now % DAY + HOUR, now + 3 * DAY, DAY) if at >= now)
            if nine > now:
                self.wait(now, nine)
            else:
                self.through()
        else:
            self.through()

    def through(self) -> None:
        self.walks += 1
        self.converted += 1
        self.end("through")

    def go(self, node: str, now: int) -> None:
        self.node, self.arrived, self.signal, self.due = node, 0, "", now

    def wait(self, now: int, until: int) -> None:
        self.arrived, self.due = now, until


class Crash(BaseException):
    """The process is gone."""


class Machine(RuleBasedStateMachine):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        desk.clock.advance(40 * DAY)
        self.second = publish(desk, [node("a", "trigger_list"), node("z", "exit")], ["a>z"], reentry="always")
        nodes, lines = draw(desk, self.second)
        rules = {"exit_events": ["opted_out"], "goal_events": ["order_paid"], "reentry_days": REENTRY // DAY}
        self.journey = publish(desk, nodes, lines, **rules)
        self.names = {user: f"x{next(_examples)}{user}" for user in USERS}
        config = SplitConfig([Share("A", 50.0)])
        self.walkers: dict[str, Walker] = {}
        for place, user in enumerate(USERS):
            desk.customer(self.names[user], city="上海" if place else "北京")
            lot = share_of(config, self.journey, "s", desk.number(self.names[user]))
            self.walkers[user] = Walker(lot, bool(place))
        self.live = True
        self.crashes = 0

    def turn(self) -> None:
        self.desk.turn()
        if self.live:
            for walker in self.walkers.values():
                walker.work(self.desk.clock.now_ms())

    @rule(user=st.sampled_from(USERS), level=st.sampled_from(["gold", "plain"]), turning=st.booleans())
    def adds_to_cart(self, user: str, level: str, turning: bool) -> None:
        self.desk.clock.advance(SECOND)
        self.desk.send(self.desk.track(self.names[user], "cart_added", level=level))
        self.walkers[user].cart(self.desk.clock.now_ms(), level, self.live)
        if turning:
            self.turn()

    @rule(user=st.sampled_from(USERS), event=st.sampled_from(["order_paid", "opted_out", "store_visited"]))
    def does(self, user: str, event: str) -> None:
        self.turn()
        self.desk.clock.advance(SECOND)
        more = {"order_id": f"o{next(_examples)}", "total": 5} if event == "order_paid" else {}
        self.desk.send(self.desk.track(self.names[user], event, **more))
        self.walkers[user].did(event, self.desk.clock.now_ms())
        self.turn()

    @rule(user=st.sampled_from(USERS), done=st.booleans())
    def staff_answers(self, user: str, done: bool) -> None:
        self.turn()
        person = self.desk.person(self.names[user])
        open_tasks = [one for one in self.desk.get("/api/tasks", state="open")["items"] if one["person"] == person]
        walker = self.walkers[user]
        assert len(open_tasks) == (walker.node == "t" and bool(walker.arrived) and not walker.signal)
        if open_tasks:
            path = f"/api/tasks/{open_tasks[0]['id']}/{'complete' if done else 'refuse'}"
            self.desk.post(path, {"result": "yes"} if done else {})
            walker.signal, walker.due = "yes" if done else "refused", self.desk.clock.now_ms()
            self.turn()

    @rule(minutes=st.sampled_from([1, 59, 119, 121, 239, 241, 8 * 60, 24 * 60, 49 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.turn()
        self.desk.clock.advance(minutes * MINUTE)
        self.turn()

    @rule(after=st.integers(0, 3))
    def the_process_dies(self, after: int) -> None:
        """Before the transaction that advances is committed; another process takes over at once."""
        whole, seen = Ledger.write, itertools.count()

        def dying(ledger: Ledger, conn: Any) -> None:
            whole(ledger, conn)
            if next(seen) >= after:
                raise Crash

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Ledger, "write", dying)
            try:
                jobs.advance(self.desk.store)
            except Crash:
                self.crashes += 1
                self.desk.store.worker = f"process{next(_examples)}"
        self.turn()

    @rule()
    def paused_or_resumed(self) -> None:
        self.turn()
        self.desk.post(f"/api/journeys/{self.journey}/{'pause' if self.live else 'resume'}")
        self.live = not self.live
        self.turn()

    @invariant()
    def everybody_is_where_they_should_be(self) -> None:
        runs = self.desk.get(f"/api/journeys/{self.journey}/runs", limit=200)["items"]
        for user, walker in self.walkers.items():
            own = [run for run in reversed(runs) if run["person"] == self.desk.person(self.names[user])]
            assert [run["outcome"] for run in own if run["state"] != "waiting"] == walker.outcomes
            assert [run["node"] for run in own if run["state"] == "waiting"] == ([walker.node] if walker.node else [])

    def teardown(self) -> None:
        try:
            if not self.live:
                self.paused_or_resumed()
            for _ in range(3):
                self.turn()
                self.desk.clock.advance(2 * DAY)
                self.turn()
            self.everything_adds_up()
        finally:
            for id in (self.journey, self.second):
                self.desk.post(f"/api/journeys/{id}/retire")

    def everything_adds_up(self) -> None:
        self.everybody_is_where_they_should_be()
        walkers = list(self.walkers.values())
        counts = self.desk.get(f"/api/journeys/{self.journey}")["counts"]
        ended = sum(len(walker.outcomes) for walker in walkers)
        assert (counts["entered"], counts["waiting"]) == (ended, 0)
        assert counts["converted"] == sum(walker.converted for walker in walkers)
        assert self.desk.get(f"/api/journeys/{self.second}")["counts"]["done"] == sum(w.seconds for w in walkers)
        for user, walker in self.walkers.items():
            page = self.desk.get(f"/api/persons/{self.desk.person(self.names[user])}")
            assert next((t["value"] for t in page["traits"] if t["name"] == "walks"), 0) == walker.walks


@pytest.mark.timeout(900)
def test_the_engine_does_as_the_reference(desk: Desk) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Machine(desk),
        settings=settings(
            max_examples=8,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
