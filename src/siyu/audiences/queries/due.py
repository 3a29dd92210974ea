"""Whose membership time alone may have changed: those whose events or traits have crossed an edge since last time.

Every edge moves along with now, so between two looks it passes over a narrow stretch of time. Finding who has an event
there reads the times of events and nothing else; no list of due times has to be kept, lost or repaired.
"""

# ruff: noqa: S608 - what is put into the text are our own words, numbers and checked paths; all texts are bound

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from pyroaring import BitMap64

from siyu.audiences import rules
from siyu.audiences.queries.bitmaps import decode
from siyu.audiences.queries.terms import TAGGED, Moment, Terms, Value, tag_rows, value_at
from siyu.audiences.rules import Happened, Known, Leaf, Span, Test, Window
from siyu.store import EventEngine

_TIMED = ("recent", "upcoming", "recurs")
_AT = Value("time", "toUnixTimestamp64Milli(time)")


def is_timed(leaf: Leaf | rules.Member) -> bool:
    """Whether the clause can come true or cease to by the passing of time."""
    if isinstance(leaf, rules.Stage):
        return True
    if isinstance(leaf, rules.Trait | rules.Entered | rules.Tag):
        return leaf.test.verb in _TIMED
    if isinstance(leaf, rules.Event):
        tests = [leaf.test, *(where.test for where in leaf.where)]
        moves = any(_spans(window) for window in (leaf.window, leaf.usual))
        return moves or any(test.verb in _TIMED for test in tests)
    if isinstance(leaf, rules.Sequence):
        tests = [where.test for step in leaf.steps for where in step.where]
        return leaf.absent or bool(_spans(leaf.window)) or any(test.verb in _TIMED for test in tests)
    return False


def _spans(window: Window | None) -> list[Span]:
    return [edge for edge in (window.start, window.end) if isinstance(edge, Span)] if window else []


def crossed(engine: EventEngine, leaves: Sequence[Leaf], before: Moment, now: Moment) -> BitMap64:
    """Canonical persons for whom one of these clauses may hold at ``now`` and not at ``before``, or the reverse."""
    crossing = _Crossing(before, now)
    found = BitMap64()
    known = [leaf for leaf in leaves if not isinstance(leaf, rules.Event | rules.Sequence | rules.Tag)]
    tagged = [leaf for leaf in leaves if isinstance(leaf, rules.Tag)]
    happened = [leaf for leaf in leaves if isinstance(leaf, rules.Event | rules.Sequence)]
    for sql in (crossing.persons(known), crossing.events(happened, engine.canonical()), *crossing.tags(tagged)):
        if sql:
            found |= decode(engine.query(sql, crossing.params, settings={"max_threads": 1}).one()[0])
    return found


class _Crossing:
    def __init__(self, before: Moment, now: Moment) -> None:
        self._before = Terms(before, "b")
        self._now = Terms(now, "n")

    @property
    def params(self) -> dict[str, object]:
        return self._before.params | self._now.params

    def persons(self, leaves: Sequence[Known]) -> str:
        differ = [f"({self._before.person(leaf)}) != ({self._now.person(leaf)})" for leaf in leaves]
        if not differ:
            return ""
        where = f"deleted = 0 AND ({' OR '.join(dict.fromkeys(differ))})"
        return f"SELECT hex(groupBitmapState(person)) FROM persons FINAL WHERE {where}"

    def tags(self, leaves: Sequence[rules.Tag]) -> Iterator[str]:
        for leaf in leaves:
            if leaf.test.verb in _TIMED:
                rows = tag_rows(self._now.bind(leaf.tag), "1")
                yield f"SELECT hex(groupBitmapState(person)) FROM ({rows}) WHERE {self._differs(leaf.test, TAGGED)}"

    def events(self, leaves: Sequence[Happened], who: str) -> str:
        ways: dict[str, dict[str, None]] = {}
        for leaf in leaves:
            for name, condition in self._ways(leaf):
                ways.setdefault(name, {})[condition] = None
        if not ways:
            return ""
        where = " OR ".join(
            f"(event = {self._now.bind(name)} AND ({' OR '.join(each)}))" for name, each in ways.items()
        )
        return f"SELECT hex(groupBitmapState({who})) FROM events WHERE {where}"

    def _ways(self, leaf: Happened) -> Iterator[tuple[str, str]]:
        """(event name, condition on its rows)."""
        if isinstance(leaf, rules.Sequence):
            first = leaf.steps[0].name
            yield from ((first, self._passed(span)) for span in _spans(leaf.window))
            if leaf.absent:
                yield first, self._passed(Span(leaf.within / 60_000, "minutes"))
            for step in leaf.steps:
                yield from ((step.name, way) for way in self._wheres(step.where))
            return
        yield from ((leaf.name, self._passed(span)) for window in (leaf.window, leaf.usual) for span in _spans(window))
        yield from ((leaf.name, way) for way in self._wheres(leaf.where))
        if leaf.test.verb in _TIMED:
            yield leaf.name, self._differs(leaf.test, self._measured(leaf.property))

    def _measured(self, name: str) -> Value:
        return value_at("props", name.removeprefix(".")) if name else _AT

    def _wheres(self, wheres: Sequence[rules.Where]) -> Iterator[str]:
        for where in wheres:
            if where.test.verb in _TIMED:
                yield self._differs(where.test, self._measured(where.property))

    def _differs(self, test: Test, value: Value) -> str:
        """Holds now and did not, or the reverse."""
        test = msgspec.structs.replace(test, negate=False)
        return f"{self._before.holds(test, value)} != {self._now.holds(test, value)}"

    def _passed(self, span: Span) -> str:
        """The edge so long ago has passed over the event."""
        low, high = self._before.edge(span), self._now.edge(span)
        return f"(time >= fromUnixTimestamp64Milli({low}, 'UTC') AND time < fromUnixTimestamp64Milli({high}, 'UTC'))"
