"""The engine against a reference so plain that it is obviously right: any mix of events, late ones too, any clock."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from siyu.kit import DAY, HOUR, MINUTE
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox

REENTRY, REPEAT = 2 * DAY, DAY
_examples = itertools.count(1)


class Shopper:
    """What should become of one person in the journey."""

    def __init__(self, held: bool) -> None:
        self.held = held
        self.inside_since: int | None = None
        self.last_entered: int | None = None
        self.last_order = -1
        self.last_mail: int | None = None
        self.mails = 0
        self.outcomes: list[str] = []

    def cart(self, at: int, now: int, published: int, live: bool) -> None:
        fresh = at >= published and now - at <= DAY
        again = self.last_entered is None or at >= self.last_entered + REENTRY
        if live and fresh and again and self.inside_since is None:
            self.inside_since = self.last_entered = at

    def order(self, at: int) -> None:
        self.last_order = max(self.last_order, at)
        self.leave_if_ordered()

    def leave_if_ordered(self) -> None:
        if self.inside_since is not None and self.last_order >= self.inside_since:
            self.end("exited")

    def work(self, now: int) -> None:
        self.leave_if_ordered()
        if self.inside_since is None or now < self.inside_since + HOUR:
            return
        if self.held:
            self.end("holdout")
            return
        if self.last_mail is None or now - self.last_mail >= REPEAT:
            self.mails += 1
            self.last_mail = now
        self.end("done")

    def end(self, outcome: str) -> None:
        self.inside_since = None
        self.outcomes.append(outcome)


class Machine(RuleBasedStateMachine):
    def __init__(self, desk: Desk, mailbox: Mailbox) -> None:
        super().__init__()
        self.desk = desk
        self.mailbox = mailbox
        example = next(_examples)
        desk.clock.advance(40 * DAY)
        self.users = [f"e{example}u{number}" for number in range(3)]
        for user in self.users:
            desk.customer(user)
        self.live = True

    @initialize(percent=st.sampled_from([0, 0, 0, 100]))
    def published_with(self, percent: int) -> None:
        self.journey = self.desk.journey(
            holdout={"percent": percent}, cart={"reentry_days": 2}, send={"repeat_days": 1, "quiet_hours": "advance"}
        )
        self.published = self.desk.clock.now_ms()
        self.desk.clock.advance(2 * DAY)
        self.shoppers = {user: Shopper(percent == 100) for user in self.users}
        # One of them begins inside, so that every example has a run whose fate is at stake.
        now = self.desk.clock.now_ms()
        self.desk.send(self.desk.track(self.users[2], "cart_added"))
        self.shoppers[self.users[2]].cart(now, now, self.published, self.live)

    @rule(
        events=st.lists(
            st.tuples(
                st.integers(0, 2),
                st.sampled_from(["cart_added", "cart_added", "order_paid"]),
                st.sampled_from([0, 0, 0, 1, 10, 59, 60, 61, 600, 1440, 1441]),
            ),
            min_size=1,
            max_size=4,
        ),
        minutes=st.sampled_from([0, 1, 30, 61, 49 * 60]),
        turning=st.booleans(),
    )
    def happens(self, events: list[tuple[int, str, int]], minutes: int, turning: bool) -> None:
        """A batch of events, some of them minutes or a day late; the loops may or may not look at it at once."""
        self.desk.clock.advance(minutes * MINUTE)
        now = self.desk.clock.now_ms()
        told = [(self.users[who], what, now - late * MINUTE) for who, what, late in events]
        self.desk.send(*[self.desk.track(user, what, at=at, order_id=f"{user}-{at}") for user, what, at in told])
        for user, what, at in told:
            if what == "order_paid":
                self.shoppers[user].order(at)
        for user, what, at in sorted(told, key=lambda one: one[2]):
            if what == "cart_added":
                self.shoppers[user].cart(at, now, self.published, self.live)
        if turning:
            self.loops_turn()

    @rule(minutes=st.sampled_from([1, 29, 30, 31, 60, 61, 24 * 60, 49 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.desk.clock.advance(minutes * MINUTE)
        self.loops_turn()

    def loops_turn(self) -> None:
        self.desk.turn()
        if self.live:
            for shopper in self.shoppers.values():
                shopper.work(self.desk.clock.now_ms())

    @rule()
    def paused_or_resumed(self) -> None:
        self.desk.post(f"/api/journeys/{self.journey}/{'pause' if self.live else 'resume'}")
        self.live = not self.live

    @invariant()
    def mails_are_as_expected(self) -> None:
        for user, shopper in self.shoppers.items():
            assert self.mailbox.recipients.count(f"{user}@example.com") == shopper.mails

    def teardown(self) -> None:
        try:
            self.everything_ends_as_expected()
        finally:
            self.desk.post(f"/api/journeys/{self.journey}/retire")

    def everything_ends_as_expected(self) -> None:
        if not self.live:
            self.paused_or_resumed()
        self.desk.clock.advance(61 * MINUTE)
        self.loops_turn()
        self.mails_are_as_expected()
        assert all(times == 1 for times in self.mailbox.times().values())
        runs = self.desk.get(f"/api/journeys/{self.journey}/runs", limit=200)["items"]
        for user, shopper in self.shoppers.items():
            own = [run for run in reversed(runs) if run["person"] == self.desk.person(user)]
            ended = [run["state"] for run in own if run["state"] != "waiting"]
            assert sorted(ended) == sorted(shopper.outcomes), (user, own, vars(shopper))
            assert sum(run["state"] == "waiting" for run in own) == (shopper.inside_since is not None)
            if own:
                steps = self.desk.get(f"/api/journeys/{self.journey}/runs/{own[-1]['run_id']}")["steps"]
                assert sum(step["code"] == "queued" for step in steps) <= 1
        counts = self.desk.get(f"/api/journeys/{self.journey}")["counts"]
        assert counts["entered"] == len(runs)
        assert counts["waiting"] == sum(run["state"] == "waiting" for run in runs)


@pytest.mark.timeout(600)
def test_the_engine_does_as_the_reference(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox, per_minute=0)
    desk.policy("*", "cap", {})
    for channel in ("*", "email"):
        desk.policy(channel, "send_window", {"from": "00:00", "to": "24:00"})
    unlimited: Any = desk.get("/api/settings") | {"quiet_hours": None}
    desk.put("/api/settings", {name: unlimited[name] for name in ("lifecycle", "timezone", "language", "quiet_hours")})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Machine(desk, mailbox),
        settings=settings(
            max_examples=50,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    assert len(mailbox.received) > 10, "the examples never came as far as a mail"
