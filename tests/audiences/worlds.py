"""Persons with histories full of edges, and rules about them."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from siyu.kit import HOUR
from siyu.store import Store
from tests.audiences.oracle import DAY, Happened, Human

TAG_VALUES: dict[str, list[Any]] = {
    "tag_level": ["skin", "30", "1.5", "上海", "it's", ["skin", "vip"], ["上海"], "mask"],
    "tag_due": ["2026-03-01T16:00:00Z", "2026-03-02", "2026-02-14", "2026-03-07T10:00:00Z"],
}
EVENTS = ["cart_added", "order_paid", "page_viewed"]
PEOPLE = 60
VALUES: list[Any] = [
    "skin", "mask", "ski", "30", 30, 30.0, 1.5, -2, 0, True, False, "true", "", "1.50", "上海", "it's", 'a"b\\c',
    ["skin", "vip"], ["上海"], "none",
]  # fmt: skip
DATES: list[Any] = [
    "2026-02-14", "2026-03-01", "2026-03-02", "2026-02-28T23:59:59+08:00", "2026-03-01T00:00:00+08:00",
    "2026-03-01T16:00:00Z", "2026-02-14T10:00:00", 1_772_409_600_000, "1772409600000", "soon", "2027-01-01",
]  # fmt: skip
DATES += ["2000-02-29", "02-29", "03-07", "1990-03-02", "1988-02-28", "1999-12-31T23:30:00+08:00", "02-30"]
AGES = [0, 1, 2, 3, 7, 14, 28, 30, 31, 59, 60, 90, 180]
SOON = [0, 60_000, 3_600_000, 7_200_000]
CONSENTS = ["marketing/sms=granted", "marketing/sms=withdrawn", "marketing/email=granted", "service/sms=granted"]


class World:
    """A few dozen persons, some of them merged from several, under person numbers of their own."""

    def __init__(self, seed: int, start: int, now: int) -> None:
        self._random = random.Random(seed)
        self.start = start
        self.now = now
        self.humans = {start + place: self._human() for place in range(PEOPLE)}
        for number, human in self.humans.items():
            human.number = number
        self.absorbed: dict[int, int] = {}
        self.left_out = dict.fromkeys(range(self.end, self.end + 3), True) | dict.fromkeys(
            range(self.end + 3, self.end + 6), False
        )
        """Persons who did things and count no more: whether they are gone, or staff."""
        self.rows: list[tuple[int, Happened]] = []
        for person, human in self.humans.items():
            pieces = [person]
            if self._random.random() < 0.2:
                extra = start + PEOPLE + len(self.absorbed)
                self.absorbed[extra] = person
                pieces.append(extra)
            self.rows += [(self._random.choice(pieces), one) for one in human.events]
        self.rows += [(person, self._event()) for person in self.left_out for _ in range(3)]
        self._random.shuffle(self.rows)

    @property
    def end(self) -> int:
        return self.start + 2 * PEOPLE

    @property
    def all(self) -> tuple[int, int]:
        """Everybody's numbers, from and until."""
        return self.start, self.end + len(self.left_out)

    def _human(self) -> Human:
        pick = self._random.choice
        human = Human(created=self._time(), channels=self._random.sample(["email", "sms"], pick([0, 1, 2])))
        for name in ("city", "level"):
            if self._random.random() < 0.7:
                human.traits[name] = pick(VALUES)
        if self._random.random() < 0.6:
            human.traits["day"] = pick(DATES)
        for name, texts in TAG_VALUES.items():
            if self._random.random() < 0.6:
                human.tags[name] = pick(texts)
        human.consents = sorted(
            {one.partition("=")[0]: one for one in self._random.sample(CONSENTS, pick([0, 1, 3]))}.values()
        )
        human.entered = pick([0, self._time()])
        human.orders = pick([0, 1, 2])
        human.last_order = self._time() if human.orders else 0
        human.events = [self._event() for _ in range(pick([0, 0, 1, 2, 5, 9]))]
        return human

    def _time(self) -> int:
        """Often exactly on the edge of a window, or a millisecond beside it, or shared with other events."""
        edge = self.now - self._random.choice(AGES) * DAY + self._random.choice([0, 0, -1, 1, 3_600_000])
        return edge - self._random.choice(SOON)

    def _event(self) -> Happened:
        pick = self._random.choice
        name = pick(EVENTS)
        props = {key: pick(VALUES) for key in ("category", "price") if self._random.random() < 0.7}
        if self._random.random() < 0.4:
            props["day"] = pick(DATES)
        amount = pick([0, 1, 9_900, 10_000, 10_001]) if name == "order_paid" else 0
        return Happened(self._time(), name, self._random.getrandbits(62), amount, props)

    def write(self, store: Store) -> None:
        rows = self.rows
        columns: dict[str, list[Any]] = {
            "person": [person for person, _ in rows],
            "time": [one.time for _, one in rows],
            "event": [one.event for _, one in rows],
            "key": [one.key for _, one in rows],
            "source": ["test"] * len(rows),
            "received": [self.now] * len(rows),
            "amount": [one.amount for _, one in rows],
            "props": [json.dumps(one.props) for _, one in rows],
            "context": ["{}"] * len(rows),
        }
        store.events.insert("events", columns)
        write_persons(store, self.humans, list(self.absorbed), version=1)
        write_left_out(store, {person: self._human() for person in self.left_out}, self.left_out)
        write_tags(store, self.humans)
        if self.absorbed:
            write_aliases(store, self.absorbed, 1)


def write_persons(store: Store, humans: dict[int, Human], gone: list[int], version: int) -> None:
    known = humans | {person: Human() for person in gone}
    store.events.insert("persons", _columns(known, version) | {"deleted": [0] * len(humans) + [1] * len(gone)})


def write_left_out(store: Store, humans: dict[int, Human], gone: dict[int, bool]) -> None:
    """Known once, then gone, or staff."""
    store.events.insert("persons", _columns(humans, 1) | {"deleted": [0] * len(humans)})
    marks = {"deleted": [int(gone[one]) for one in humans], "staff": [int(not gone[one]) for one in humans]}
    store.events.insert("persons", _columns(humans, 2) | marks)


def _columns(humans: dict[int, Human], version: int) -> dict[str, list[Any]]:
    people, known = list(humans), list(humans.values())
    return {
        "person": people,
        "version": [version] * len(people),
        "created": [one.created for one in known],
        "entered": [one.entered for one in known],
        "entered_via": [""] * len(people),
        "orders": [one.orders for one in known],
        "revenue": [0] * len(people),
        "first_order": [one.last_order for one in known],
        "last_order": [one.last_order for one in known],
        "channels": [one.channels for one in known],
        "traits": [json.dumps(one.traits) for one in known],
        "consents": [one.consents for one in known],
    }


def write_tags(store: Store, humans: dict[int, Human]) -> None:
    """What tags gave, over what they gave before; some have lost their value."""
    rows = [(tag, person, 2, human.tags.get(tag)) for person, human in humans.items() for tag in TAG_VALUES]
    rows += [(tag, person, 1, "before") for tag, person, _, _ in rows if person % 2]
    columns: dict[str, list[Any]] = {
        "tag": [row[0] for row in rows],
        "person": [row[1] for row in rows],
        "version": [row[2] for row in rows],
        "since": [0] * len(rows),
        "value": [json.dumps(row[3], ensure_ascii=False) if isinstance(row[3], list) else row[3] or "" for row in rows],
        "items": [row[3] if isinstance(row[3], list) else [] for row in rows],
    }
    store.events.insert("tag_values", columns)


def write_aliases(store: Store, absorbed: dict[int, int], version: int) -> None:
    gone = list(absorbed)
    columns = {"person": gone, "canonical": [absorbed[one] for one in gone], "version": [version] * len(gone)}
    store.events.insert("aliases", columns)
    store.events.reload_aliases()


def _op(op: str, value: Any = None) -> dict[str, Any]:
    return {"op": op} if value is None else {"op": op, "value": value}


def _pairs(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=2, max_size=2).map(sorted)


NUMBERS = st.sampled_from([-2, 0, 1, 1.5, 2, 3, 30])
FEN = st.sampled_from([0, 1, 9_900, 10_000, 10_001, 20_000])
DAYS = st.sampled_from([1, 2, 3, 7, 30, 90, 180, 0.5])
MOMENTS = st.sampled_from([one for one in DATES if isinstance(one, str) and len(one) > 5 and "-" in one])
SIZE = st.sampled_from(["gt", "gte", "lt", "lte"])
SCALARS = st.sampled_from([one for one in VALUES if not isinstance(one, list)])
TEXTS = st.sampled_from(["skin", "ski", "s", "上", "3", "it's", 'a"b', "true", "."])
PRESENCE = st.sampled_from(["exists", "not_exists"]).map(_op)


def number_tests(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.builds(_op, SIZE | st.sampled_from(["eq", "ne"]), numbers),
        st.builds(_op, st.just("between"), _pairs(numbers)),
        st.builds(_op, st.sampled_from(["in", "not_in"]), st.lists(numbers, min_size=1, max_size=3)),
    )


def _in_order(test: dict[str, Any]) -> bool:
    from tests.audiences.oracle import span

    if test["op"] != "between":
        return True
    low, high = test["value"]
    # Of a time with a zone and one without, which is first depends on the shop's zone: by 26 hours at most.
    same = _has_zone(low) == _has_zone(high)
    return span(high)[1] - span(low)[0] > (0 if same else 26 * HOUR)


def _has_zone(text: str) -> bool:
    return len(text) > 10 and datetime.fromisoformat(text).tzinfo is not None


TIME_TESTS = st.one_of(
    st.builds(_op, SIZE | st.sampled_from(["before", "after"]), MOMENTS),
    st.builds(_op, st.just("between"), st.lists(MOMENTS, min_size=2, max_size=2)).filter(_in_order),
    st.builds(_op, st.just("in_last_days"), DAYS),
    st.builds(_op, st.just("recurs_in_next_days"), st.sampled_from([0, 1, 7, 30, 364])),
)
VALUE_TESTS = st.one_of(
    number_tests(NUMBERS),
    st.builds(_op, st.sampled_from(["eq", "ne"]), SCALARS),
    st.builds(_op, st.sampled_from(["in", "not_in"]), st.lists(SCALARS, min_size=1, max_size=4)),
    st.builds(_op, st.sampled_from(["contains", "not_contains", "starts_with"]), TEXTS),
    PRESENCE,
)


COMING = st.builds(_op, st.just("in_next_days"), DAYS)


def _about(names: list[str], kind: str) -> st.SearchStrategy[dict[str, Any]]:
    plain = st.builds(lambda name, test: {kind: name, **test}, st.sampled_from(names), VALUE_TESTS)
    dated = st.builds(lambda test: {kind: "day", **test}, TIME_TESTS | PRESENCE | COMING)
    return plain | dated


WHERES = _about(["category", "price", "props.category", "ghost"], "property") | st.builds(
    lambda test: {"property": "amount", **test}, number_tests(FEN)
)
LENGTHS = st.sampled_from(
    [(1, "hours"), (60, "minutes"), (3, "days"), (1, "weeks"), (2, "weeks"), (1, "months"), (2, "months")]
)
BETWEEN = st.sampled_from(
    [([1, 3], "days"), ([1, 2], "hours"), ([1, 2], "weeks"), ([1, 2], "months"), ([7, 30], "days")]
)
ROLLING = st.one_of(
    st.builds(lambda days: {"last_days": days}, DAYS),
    st.builds(lambda long: {"last": long[0], "unit": long[1]}, LENGTHS),
    st.builds(lambda pair: {"ago": pair[0], "unit": pair[1]}, BETWEEN),
)
DATED_WINDOWS = st.one_of(
    st.none(),
    ROLLING,
    st.builds(lambda long: {"before": long[0], "unit": long[1]}, LENGTHS),
    st.builds(lambda start: {"from": start}, MOMENTS),
    st.builds(lambda end: {"to": end}, MOMENTS),
    st.just({"from": "2026-02-14", "to": "2026-03-01"}),
)
WINDOWS = DATED_WINDOWS | st.builds(
    lambda which, name: {"since": which, "event": name}, st.sampled_from(["first", "last"]), st.sampled_from(EVENTS)
)


def _event(measure: dict[str, Any], name: str, where: list[Any], window: Any) -> dict[str, Any]:
    return {"event": name, "window": window, "where": where, **measure}


def _measure(aggregate: str, name: str | None, test: dict[str, Any]) -> dict[str, Any]:
    return {"aggregate": aggregate, "property": name, **test}


ENDS = st.sampled_from(["first", "last"])
SPREAD = st.sampled_from(["min", "max", "avg"])
PRICE = st.sampled_from(["price", "props.category"])
MEASURES = st.one_of(
    st.builds(_measure, st.just("count"), st.none(), number_tests(NUMBERS)),
    st.builds(_measure, st.just("sum"), st.just("amount"), number_tests(FEN)),
    st.builds(_measure, st.just("sum"), PRICE, number_tests(NUMBERS)),
    st.builds(_measure, SPREAD, st.just("amount"), number_tests(FEN) | PRESENCE),
    st.builds(_measure, SPREAD, PRICE, number_tests(NUMBERS) | PRESENCE),
    st.builds(_measure, ENDS, st.none(), TIME_TESTS | PRESENCE),
    st.builds(_measure, ENDS, st.just("amount"), number_tests(FEN) | PRESENCE),
    st.builds(_measure, ENDS, st.just("day"), TIME_TESTS | COMING),
    st.builds(_measure, st.just("distinct"), st.sampled_from(["category", "price", "amount"]), number_tests(NUMBERS)),
    st.builds(_measure, ENDS, PRICE, VALUE_TESTS),
)
EVENT_LEAVES = st.builds(
    _event, MEASURES, st.sampled_from([*EVENTS, "never_seen"]), st.lists(WHERES, max_size=2), WINDOWS
)
FIXED = ROLLING.filter(lambda window: window.get("unit") != "months")


def _own(
    measure: tuple[str, str | None], op: str, times: float, here: Any, usual: Any, where: list[Any]
) -> dict[str, Any]:
    value = {"own": times, "window": usual}
    aggregate, name = measure
    return {
        "event": "order_paid", "aggregate": aggregate, "property": name, "where": where,
        "window": here, "op": op, "value": value,
    }  # fmt: skip


TIMES = st.sampled_from([0.5, 1, 1.5, 2])
OWN = st.one_of(
    st.builds(
        _own, st.sampled_from([("count", None), ("sum", "amount"), ("distinct", "category"), ("sum", "price")]),
        SIZE, TIMES, FIXED, FIXED, st.lists(WHERES, max_size=1),
    ),
    st.builds(
        _own, st.sampled_from([("avg", "amount"), ("max", "price"), ("min", "amount")]),
        SIZE, TIMES, ROLLING, ROLLING, st.lists(WHERES, max_size=1),
    ),
)  # fmt: skip
STEPS = st.builds(
    lambda name, where: {"event": name, "where": where}, st.sampled_from(EVENTS), st.lists(WHERES, max_size=1)
)
WITHIN = st.sampled_from([(1, "minutes"), (1, "hours"), (2, "hours"), (1, "days"), (3, "days"), (4, "weeks")])


def _sequence(steps: list[Any], within: tuple[int, str], window: Any, absent: bool) -> dict[str, Any]:
    if absent:
        steps = [steps[0], steps[1] | {"absent": True}]
    return {"sequence": steps, "within": {"n": within[0], "unit": within[1]}, "window": window}


SEQUENCES = st.builds(_sequence, st.lists(STEPS, min_size=2, max_size=4), WITHIN, DATED_WINDOWS, st.booleans())
CHANNEL = st.sampled_from(["email", "sms"])
STAGES = st.lists(
    st.sampled_from(["new", "first_order", "repeat", "silent", "churned"]), min_size=1, max_size=3, unique=True
)
LEAVES = st.one_of(
    EVENT_LEAVES,
    EVENT_LEAVES,
    OWN,
    SEQUENCES,
    SEQUENCES,
    st.builds(
        lambda channel, purpose, state: {"consent": {"channel": channel, "purpose": purpose, "state": state}},
        CHANNEL,
        st.sampled_from(["marketing", "service"]),
        st.sampled_from(["granted", "withdrawn", "unknown"]),
    ),
    st.builds(
        lambda percent, salt: {"random": {"percent": percent, "salt": salt}}, st.sampled_from([10, 50, 100]), TEXTS
    ),
    _about(["city", "level", "ghost"], "trait"),
    st.builds(lambda stages: {"lifecycle": stages}, STAGES),
    st.builds(lambda channel: {"reachable": channel}, st.sampled_from(["email", "sms", "app"])),
    st.builds(lambda test: {"entered": test}, TIME_TESTS | PRESENCE),
)
TAGGED = st.one_of(
    st.builds(lambda test: {"tag": "tag_level", **test}, VALUE_TESTS),
    st.builds(lambda test: {"tag": "tag_due", **test}, TIME_TESTS | PRESENCE | COMING),
)


def _rules(leaves: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda rules: {"all": rules}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda rules: {"any": rules}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda rule: {"not": rule}, inner),
        ),
        max_leaves=6,
    )


RULES = _rules(LEAVES | TAGGED)
UNTAGGED_RULES = _rules(LEAVES)
