"""A merge that is taken back leaves no trace: compared, through the real doors, with twins who never were merged."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from siyu.kit import iso
from tests.delivery.desk import Desk
from tests.delivery.fixtures import desk, receiver
from tests.delivery.peers import Receiver

__all__ = ["desk", "receiver"]

_numbers = itertools.count(1)
SIDES = ("user_id", "device")
OFTEN = {"event": "cart_added", "aggregate": "count", "window": {"last_days": 30}, "op": "gte", "value": 2}
LOCAL = {"values": [{"value": "local", "rule": {"trait": "city", "op": "in", "value": ["上海"]}}], "otherwise": "else"}
CONSENT = {"channel": "email", "purpose": "marketing"}

DEEDS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["cart_added", "order_paid", "consent_granted", "consent_withdrawn", "上海", "北京"]),
    ),
    max_size=6,
)


class Stage:
    """A house with an audience, a computed tag, one given by hand, and a journey; and who plays in it."""

    def __init__(self, desk: Desk, receiver: Receiver) -> None:
        self.desk = desk
        desk.webhook_channel(receiver)
        self.journey = desk.journey(send={"channel": "webhook"})
        self.audience = desk.post("/api/audiences", {"name": "Often", "rule": OFTEN})["id"]
        drafts = ({"name": "rule", "config": LOCAL, "live": True}, {"name": "manual", "config": {}})
        self.tags = {one["name"]: desk.post("/api/tags", one | {"kind": one["name"]})["id"] for one in drafts}

    def do(self, pairs: list[str], deeds: list[tuple[int, str]]) -> None:
        """Every pair does the same at the same times."""
        for side, deed in deeds:
            self.desk.clock.advance(1000)
            self.desk.send(*(self._item(pair, side, deed) for pair in pairs))
        self.desk.turn()

    def _item(self, pair: str, side: int, deed: str) -> dict[str, Any]:
        who = {("userId", "anonymousId")[side]: f"{pair}{side}"}
        if "_" not in deed:
            return self.desk._item("identify", None, traits={"city": deed, f"only{side}": 1}, **who)
        props = CONSENT if deed.startswith("consent") else {"order_id": f"{pair}{next(_numbers)}", "revenue": 9}
        return self.desk._item("track", None, event=deed, properties=props, **who)

    def person(self, pair: str, side: int) -> str:
        asked = {"identifiers": [{"type": SIDES[side], "value": f"{pair}{side}"}]}
        return str(self.desk.post("/api/identity/resolve", asked)["person"])

    def give(self, pair: str, side: int, value: str) -> None:
        path = f"/api/tags/{self.tags['manual']}/persons/{self.person(pair, side)}"
        assert self.desk.client.put(path, json={"value": value}).is_success

    def seen(self, pair: str) -> list[Any]:
        """Of both sides, everything that was said of them or follows from it."""
        members = {one["id"] for one in self.desk.get(f"/api/audiences/{self.audience}/persons", limit=200)["items"]}
        return [self._seen(self.person(pair, side), members) for side in (0, 1)]

    def _seen(self, ref: str, members: set[str]) -> dict[str, Any]:
        page = self.desk.get(f"/api/persons/{ref}")
        happened = self.desk.get(f"/api/persons/{ref}/timeline")["items"]
        orders = self.desk.get(f"/api/persons/{ref}/orders")["items"]
        return {
            "page": {name: value for name, value in page.items() if name not in _OTHER},
            "identifiers": sorted(one["type"] for one in page["identifiers"]),
            "traits": {one["name"]: one["value"] for one in page["traits"] if one["name"] != "annoyance"},
            "tags": {one["name"]: one["values"] for one in self.desk.get(f"/api/tags/persons/{ref}")},
            "audiences": [one["name"] for one in page["audiences"]],
            "events": sorted((one["time"], one["event"]) for one in happened if one["event"] in _BROUGHT),
            "orders": sorted(one["paid_at"] for one in orders),
            "often": ref in members,
        }

    def runs(self, pair: str, until: str) -> list[list[tuple[str, str | None]]]:
        """Of both sides, when their runs began and what became of them."""
        runs = self.desk.get(f"/api/journeys/{self.journey}/runs", limit=200)["items"]
        people = [self.person(pair, side) for side in (0, 1)]
        return [
            sorted((run["entered_at"], run["outcome"]) for run in runs
                   if run["person"] == one and run["entered_at"] <= until)
            for one in people
        ]  # fmt: skip


@pytest.fixture
def stage(desk: Desk, receiver: Receiver) -> Stage:
    return Stage(desk, receiver)


_BROUGHT = ("cart_added", "order_paid", "consent_granted", "consent_withdrawn")
_OTHER = ("id", "identifiers", "traits", "audiences", "merged_from", "version")


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(before=DEEDS, after=DEEDS, given_to=st.integers(0, 1), pick=st.randoms(use_true_random=False))
@example(
    before=[(0, "cart_added"), (1, "cart_added"), (0, "consent_granted"), (1, "consent_withdrawn"), (1, "上海")],
    after=[(0, "consent_granted"), (1, "order_paid"), (1, "cart_added")],
    given_to=1,
    pick=random.Random(0),
)
def test_unmerged_is_as_if_never_merged(
    stage: Stage, before: list[tuple[int, str]], after: list[tuple[int, str]], given_to: int, pick: random.Random
) -> None:
    """Persons, traits, orders, timelines, consent, both kinds of tags, audiences, and whose each journey's run is."""
    number, desk = next(_numbers), stage.desk
    ours, twin = pairs = [f"p{number}a", f"p{number}b"]
    stage.do(pairs, [(0, "北京"), (1, "北京"), *before])
    for pair in pairs:
        stage.give(pair, given_to, "VIP")
    desk.turn()
    before_merge = stage.seen(ours)
    assert before_merge == stage.seen(twin)
    assert ["manual" in side["tags"] for side in before_merge] == [given_to == 0, given_to == 1]
    assert all(side["tags"]["rule"] for side in before_merge)
    people = [stage.person(ours, side) for side in (0, 1)]
    until = iso(desk.clock.now_ms())
    done = desk.post("/api/identity/merge", {"person": people[0], "other": people[1]})
    desk.turn()
    assert stage.person(ours, 0) == stage.person(ours, 1)
    whole = stage.seen(ours)[0]
    assert (whole["events"], len(whole["orders"])) == (
        sorted(event for side in stage.seen(twin) for event in side["events"]),
        sum(len(side["orders"]) for side in stage.seen(twin)),
    )
    waiting = [run for run in stage.runs(ours, until)[0] if run[1] is None]
    assert len(waiting) <= 1, "the same journey twice becomes one"
    stage.do(pairs, after)
    if pick.random() < 0.5:
        desk.post(f"/api/identity/decisions/{done['id']}/undo")
    else:
        leaving = {"type": SIDES[1], "value": f"{ours}1"}
        desk.post("/api/identity/split", {"person": stage.person(ours, 0), "identifiers": [leaving]})
    desk.turn()
    assert [stage.person(ours, side) for side in (0, 1)] == people
    assert stage.seen(ours) == stage.seen(twin)
    back, never = stage.runs(ours, until), stage.runs(twin, until)
    assert [[began for began, _ in side] for side in back] == [[began for began, _ in side] for side in never]
