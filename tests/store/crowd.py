"""A crowd whose members merge and split, with what the engine should then say: kept in plain Python."""

from __future__ import annotations

import random
from typing import Any

from siyu.store import Store
from siyu.store.grouping import Move

ANCHORS = 24
DAY = 86_400_000


class Crowd:
    """Every anchor begins as a person of its own. ``owner``: anchor → person; numbers come back when groups part."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.owner = {anchor: anchor for anchor in range(1, ANCHORS + 1)}
        self._next = ANCHORS + 1

    def groups(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for anchor, person in self.owner.items():
            found.setdefault(person, []).append(anchor)
        return found

    def moves(self, most: int = 3) -> list[Move]:
        """What a batch may bring: a few merges and splits, in order."""
        return [self._merge() if self._random.random() < 0.6 else self._split() for _ in range(self._pick(1, most))]

    def merge(self) -> list[Move]:
        return [self._merge()]

    def _pick(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def _merge(self) -> Move:
        people = sorted(self.groups())
        if len(people) < 2:
            return self._split()
        target, source = sorted(self._random.sample(people, 2))
        self.owner = {anchor: target if person == source else person for anchor, person in self.owner.items()}
        return (source, target, None)

    def _split(self) -> Move:
        """Some anchors of a person leave: for another person, under a number of before, or under a new one."""
        groups = self.groups()
        source = self._random.choice(sorted(groups))
        leaving = self._random.sample(groups[source], self._pick(1, len(groups[source])))
        free = [anchor for anchor in leaving if anchor not in groups]
        choices = [self._next, *free[:2], *self._random.sample(sorted(groups), 1)]
        target = self._random.choice(choices)
        self._next += target == self._next
        self.owner |= dict.fromkeys(leaving, target)
        return (source, target, leaving)


def write_events(store: Store, crowd: Crowd, first: int, count: int) -> None:
    """Events number ``first`` and on, over three months, each under the person its anchor belongs to now."""
    numbers = range(first, first + count)
    anchors = [1 + number * 7 % ANCHORS for number in numbers]
    columns: dict[str, list[Any]] = {
        "person": [crowd.owner[anchor] for anchor in anchors],
        "time": [1_772_000_000_000 - number % 60 * DAY - number for number in numbers],
        "event": ["tried"] * count,
        "key": list(numbers),
        "source": ["s"] * count,
        "received": [1_772_000_000_000] * count,
        "amount": [number % 5 for number in numbers],
        "props": [f'{{"n": {number}, "text": "2026/01/0{number % 9}"}}' for number in numbers],
        "context": ["{}"] * count,
        "anchor": anchors,
    }
    store.events.insert("events", columns)


def check(store: Store, crowd: Crowd, written: int) -> None:
    """Every event once, unharmed, with the right person, whichever way it is asked for."""
    events = store.events
    rows = events.query(
        f"SELECT key, {events.canonical()}, anchor, count(), any(toInt64(props.n)), any(toString(props.text))"
        " FROM events GROUP BY 1, 2, 3"
    ).rows
    found = {row[0]: row[1:] for row in rows}
    assert len(rows) == len(found) == written
    for number, (person, anchor, count, same, text) in found.items():
        assert (person, anchor, count) == (crowd.owner[anchor], 1 + number * 7 % ANCHORS, 1), number
        assert (same, text) == (number, f"2026/01/0{number % 9}")
    sql = "SELECT groupUniqArray(anchor) FROM events WHERE person IN {people:Array(UInt64)}"
    for person in max(crowd.groups().items(), key=lambda group: len(group[1]))[0], max(crowd.owner.values()):
        (anchors,) = events.query(sql, {"people": events.numbers_of([person])}).one()
        assert sorted(anchors) == sorted(crowd.groups()[person])
