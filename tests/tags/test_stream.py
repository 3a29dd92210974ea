"""Tags that follow the stream are what a computation of everybody gives, whatever comes in and whoever becomes one or
two; and rules, lifecycle, sums and given values are what a slow reading says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from siyu.app import ANNOUNCE, House
from siyu.kit import DAY, MINUTE, ManualClock, iso
from siyu.store import Store
from siyu.tags import step
from tests.audiences.oracle import Happened, Human, fits, stage
from tests.audiences.test_api import Door
from tests.tags.oracle import value as oracle

Client = TestClient[Any]
_worlds = itertools.count(1)
CITIES = ["上海", "杭州", "北京"]
SUM = {"event": "order_paid", "measure": "sum", "property": "amount"}
LEVELS = {
    "values": [
        {"value": "常客", "rule": {"event": "order_paid", "op": "gte", "value": 2}},
        {"value": "本地", "rule": {"trait": "city", "op": "in", "value": ["上海", "杭州"]}},
    ],
    "otherwise": "其他",
}
COMPUTED: dict[str, tuple[str, dict[str, Any]]] = {
    "合计": ("number", SUM),
    "层级": ("rule", LEVELS),
    "阶段": ("lifecycle", {}),
    "首单": ("first_last", {"event": "order_paid", "which": "first", "property": "category"}),
    "偏好": ("preference", {"event": "order_paid", "property": "category", "top": 2}),
    "周期": ("interval", {"answer": "days"}),
    "回购": ("sequence", {"sequence": [{"event": "order_paid"}] * 2, "within": {"n": 60, "unit": "days"}}),
}
GIVEN = {"手工": "manual", "导入": "imported"}
"""And 重点, a rule that names both."""


def focus(tags: dict[str, str]) -> dict[str, Any]:
    given = {"any": [{"tag": tags[name], "op": "in", "value": ["VIP"]} for name in GIVEN]}
    return {"values": [{"value": "是", "rule": {"all": [given, {"tag": tags["合计"], "op": "exists"}]}}]}


@dataclass
class World:
    """What was said and done of each identifier, and whose it is by what the house answers."""

    admin: Client
    app: House
    store: Store
    clock: ManualClock
    door: Door
    tags: dict[str, str]
    prefix: str = ""
    decisions: list[int] = field(default_factory=list)
    bought: dict[str, list[Happened]] = field(default_factory=dict)
    lived: dict[str, tuple[int, str]] = field(default_factory=dict)
    words: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)
    """Tag → identifier → when and what."""

    def begin(self) -> None:
        self.prefix = f"w{next(_worlds)}"
        self.decisions = []
        self.bought, self.lived, self.words = {}, {}, {name: {} for name in GIVEN}

    @property
    def ids(self) -> list[str]:
        """Strongest first, as values are given to them."""
        return [f"{self.prefix}{name}" for name in ("u1", "u2", "u3", "v1", "v2")]

    def who(self, *ids: str) -> dict[str, str]:
        return {"userId" if "u" in one else "anonymousId": one for one in ids}

    def typed(self, one: str) -> dict[str, str]:
        return {"type": "user_id" if "u" in one else "device", "value": one}

    def people(self) -> dict[str, list[str]]:
        """Person → identifiers, the strongest first."""
        found: dict[str, list[str]] = {}
        for one in self.ids:
            answer = self.admin.post("/api/identity/resolve", json={"identifiers": [self.typed(one)]}).json()
            if answer["person"]:
                found.setdefault(answer["person"], []).append(one)
        return found

    def owner(self, one: str) -> str | None:
        return next((person for person, ids in self.people().items() if one in ids), None)

    # What happens

    def buy(self, one: str, ago: int, category: str) -> None:
        time, number = self.clock.now_ms() - ago * DAY, self.door._sent
        item = {"type": "track", "event": "Order Completed", **self.who(one), "timestamp": iso(time)}
        said: dict[str, Any] = {"total": 5 + number % 3, "order_id": f"o{number}", "category": category}
        self.door.send(item | {"properties": said})
        paid = Happened(time, "order_paid", number, 100 * int(said["total"]), {"category": category})
        self.bought.setdefault(one, []).append(paid)

    def move_house(self, one: str, city: str) -> None:
        self.door.send({"type": "identify", **self.who(one), "traits": {"city": city}})
        self.lived[one] = (self.clock.now_ms(), city)

    def tie(self, user: str, device: str) -> None:
        self.door.send({"type": "identify", **self.who(user, device)})

    def merge(self, one: str, other: str) -> None:
        first, second = self.owner(one), self.owner(other)
        if first and second and first != second:
            self.decide("merge", {"person": first, "other": second})

    def split(self, one: str) -> None:
        person = self.owner(one)
        if person and len(self.people()[person]) > 1:
            self.decide("split", {"person": person, "identifiers": [self.typed(one)]})

    def undo(self) -> None:
        if self.decisions:
            self.decide(f"decisions/{self.decisions.pop()}/undo", None)

    def decide(self, path: str, body: Any) -> None:
        answer = self.admin.post(f"/api/identity/{path}", json=body)
        if answer.status_code == 409 and path == "merge":
            return
        assert answer.is_success, answer.text
        if body is not None:
            self.decisions.append(answer.json()["id"])
        self.app.pipeline.drain()

    def give(self, one: str, value: str) -> None:
        person = self.owner(one)
        if person is None:
            return
        answer = self.admin.put(f"/api/tags/{self.tags['手工']}/persons/{person}", json={"value": value})
        assert answer.status_code == 200, answer.text
        ids, words = self.people()[person], self.words["手工"]
        taken = [each for each in ids if each in words] if not value else []
        words |= dict.fromkeys([ids[0], *taken], (self.clock.now_ms(), value))

    def load(self, one: str, value: str) -> None:
        if self.owner(one) is None or "u" not in one:
            return
        raw = f"user_id,标签值\n{one},{value}\n".encode()
        path = f"/api/tags/{self.tags['导入']}/file"
        report = self.admin.post(path, files={"file": ("v.csv", raw, "text/csv")})
        assert report.json()["persons"] == 1, report.text
        self.words["导入"][one] = (self.clock.now_ms(), value)

    # What holds

    def human(self, ids: list[str]) -> Human:
        human = Human(events=[paid for one in ids for paid in self.bought.get(one, ())])
        cities = sorted(self.lived[one] for one in ids if one in self.lived)
        human.traits = {"city": cities[-1][1]} if cities else {}
        human.orders = len(human.events)
        human.last_order = max((paid.time for paid in human.events), default=0)
        for name, words in self.words.items():
            said = sorted(words[one] for one in ids if one in words)
            if said and said[-1][1]:
                human.tags[self.tags[name]] = said[-1][1]
        return human

    def expected(self, ids: list[str]) -> dict[str, Any]:
        human, now = self.human(ids), self.clock.now_ms()
        found = {
            name: oracle(kind, config, human, now, [])
            for name, (kind, config) in COMPUTED.items()
            if kind not in ("rule", "lifecycle")
        }
        found |= {name: human.tags.get(self.tags[name]) for name in GIVEN}
        if found["合计"]:
            human.tags[self.tags["合计"]] = found["合计"]
        ruled: dict[str, dict[str, Any]] = {"层级": LEVELS, "重点": focus(self.tags)}
        for name, config in ruled.items():
            fitting = [each["value"] for each in config["values"] if fits(each["rule"], human, now)]
            found[name] = (fitting or [config.get("otherwise")])[0]
        if human.orders:
            found["阶段"] = stage(human, now)
        return {name: value if isinstance(value, list) else [value] for name, value in found.items() if value}

    def held(self, person: str) -> dict[str, list[str]]:
        return {one["name"]: one["values"] for one in self.admin.get(f"/api/tags/persons/{person}").json()}

    def changed_from_scratch(self) -> dict[str, int]:
        """How many values computing everybody anew changes, by tag."""
        for tag in self.tags.values():
            self.admin.post(f"/api/tags/{tag}/refresh")
        step(self.store, ANNOUNCE)
        runs = {name: self.admin.get(f"/api/tags/{tag}/runs").json()[0] for name, tag in self.tags.items()}
        assert not [run["fault"] for run in runs.values() if run["fault"]]
        return {name: run["changed"] for name, run in runs.items() if run["changed"]}


@pytest.fixture
def world(admin: Client, app: House, store: Store, clock: ManualClock) -> World:
    made = World(admin, app, store, clock, Door(admin, app, store), {})
    for name, (kind, config) in COMPUTED.items():
        made.tags[name] = make(admin, name, kind, config, live=True)
    for name, kind in GIVEN.items():
        made.tags[name] = make(admin, name, kind, {})
    made.tags["重点"] = make(admin, "重点", "rule", focus(made.tags), live=True)
    return made


def make(admin: Client, name: str, kind: str, config: dict[str, Any], **more: Any) -> str:
    answer = admin.post("/api/tags", json={"name": name, "kind": kind, "config": config} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


_ONE = st.integers(0, 4)
DEEDS = st.one_of(
    st.tuples(st.just("buy"), _ONE, st.sampled_from([0, 1, 40, 100, 200]), st.sampled_from(["serum", "mask"])),
    st.tuples(st.just("move_house"), _ONE, st.sampled_from(CITIES)),
    st.tuples(st.just("tie"), st.integers(0, 2), st.integers(3, 4)),
    st.tuples(st.just("merge"), _ONE, _ONE),
    st.tuples(st.just("split"), _ONE),
    st.tuples(st.just("undo")),
    st.tuples(st.just("give"), _ONE, st.sampled_from(["VIP", "普通", ""])),
    st.tuples(st.just("load"), _ONE, st.sampled_from(["VIP", "普通"])),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(deeds=st.lists(DEEDS, min_size=6, max_size=14))
def test_following_the_stream_gives_what_computing_everybody_gives(world: World, deeds: list[tuple[Any, ...]]) -> None:
    world.begin()
    for name, *parts in deeds:
        getattr(world, name)(*(act(world, name, place, part) for place, part in enumerate(parts)))
        world.clock.advance(MINUTE // 60)
    step(world.store, ANNOUNCE)
    for person, ids in world.people().items():
        expected = world.expected(ids)
        held = world.held(person)
        if "阶段" not in expected:
            held.pop("阶段", None)
        assert held == expected, ids
    assert world.changed_from_scratch() == {}


def act(world: World, name: str, place: int, part: Any) -> Any:
    """Which identifier a number stands for; what a deed is told besides stays."""
    named = place == 0 or (place == 1 and name in ("tie", "merge"))
    return world.ids[part] if named else part


def test_a_given_value_stays_with_its_identifier_when_people_part(world: World) -> None:
    world.begin()
    user, _, _, device, _ = world.ids
    world.buy(user, 1, "serum")
    world.buy(device, 1, "mask")
    world.give(device, "VIP")
    world.clock.advance(MINUTE)
    world.merge(user, device)
    world.load(user, "普通")
    person, *_ = world.people()
    assert world.held(person)["手工"] == ["VIP"]
    world.split(device)
    step(world.store, ANNOUNCE)
    for who, mine in world.people().items():
        held = world.held(who)
        assert (held.get("手工"), held.get("导入")) == ((None, ["普通"]) if user in mine else (["VIP"], None))
    assert world.changed_from_scratch() == {}
