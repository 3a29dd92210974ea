"""Clauses on what happened: events, sequences, and when they count."""
# mypy: disable-error-code="func-returns-value"
# ("return say(...)" notes a problem and gives up the clause)

from __future__ import annotations

from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

from siyu.audiences import rules
from siyu.audiences.comparisons import Kind, Say, TestParser, text_ok
from siyu.audiences.rules import MAX_DAYS, MAX_STEPS, Span, Unit, Window
from siyu.audiences.times import UNITS, length, span_of
from siyu.kit import DAY

AGGREGATES: tuple[rules.Aggregate, ...] = get_args(rules.Aggregate)
_OWN_OPS = ("lt", "lte", "gt", "gte")
_WINDOWS = ({"last_days"}, {"last", "unit"}, {"before", "unit"}, {"ago", "unit"}, {"since", "event"})


class EventParser:
    """Reads event and sequence clauses; what is wrong goes to ``say``."""

    def __init__(self, zone: ZoneInfo, say: Say, tests: TestParser) -> None:
        self._zone = zone
        self._say = say
        self._tests = tests

    def event(self, data: dict[str, Any], at: str, _depth: int) -> rules.Event | None:
        name = self._name(data["event"], f"{at}/event")
        aggregate = data.get("aggregate", "count")
        if aggregate not in AGGREGATES:
            return self._say(f"{at}/aggregate", "unknown_aggregate", known=", ".join(AGGREGATES))
        found = self._property(data.get("property"), aggregate, at)
        where = self._where(data.get("where"), f"{at}/where")
        window = self.window(data.get("window"), f"{at}/window")
        if isinstance(data.get("value"), dict) and "own" in data["value"]:
            return self._own(data, at, rules.Event(name or "", aggregate, found or "", where, window, _NO_TEST))
        test = self._tests.test(data, at, measured(aggregate, found))
        if not name or found is None or test is None:
            return None
        return rules.Event(name, aggregate, found, where, window, test)

    def _own(self, data: dict[str, Any], at: str, event: rules.Event) -> rules.Event | None:
        """``"value": {"own": 0.5, "window": {"last_days": 180}}``: half of the person's own usual."""
        value, op = data["value"], data.get("op")
        if event.aggregate in ("first", "last"):
            return self._say(f"{at}/aggregate", "own_needs_number")
        if op not in _OWN_OPS:
            return self._say(f"{at}/op", "unknown_op", op=str(op or "")[:40], known=", ".join(_OWN_OPS))
        self._only(value, {"own", "window"}, f"{at}/value")
        times = self._tests.number(value["own"], f"{at}/value/own")
        if times is not None and times <= 0:
            return self._say(f"{at}/value/own", "own_above_zero")
        usual = self.window(value.get("window"), f"{at}/value/window")
        whole = event.aggregate in rules.FROM_NOTHING
        for one, spot in ((event.window, f"{at}/window"), (usual, f"{at}/value/window")):
            if not _measurable(one, whole):
                return self._say(spot, "own_needs_length")
        if times is None or not event.name:
            return None
        verb = cast("rules.Verb", op)
        return _with(event, rules.Test(verb, "number", (times,)), usual)

    def sequence(self, data: dict[str, Any], at: str, _depth: int) -> rules.Sequence | None:
        items = data["sequence"]
        if not isinstance(items, list) or not 2 <= len(items) <= MAX_STEPS:
            return self._say(f"{at}/sequence", "needs_steps", limit=MAX_STEPS)
        steps = [self._step(item, f"{at}/sequence/{place}") for place, item in enumerate(items)]
        absent = [place for place, item in enumerate(items) if isinstance(item, dict) and item.get("absent")]
        if absent and (len(items) != 2 or absent != [1]):
            return self._say(f"{at}/sequence/{absent[0]}/absent", "absent_last")
        within = self._within(data.get("within"), f"{at}/within")
        window = self.window(data.get("window"), f"{at}/window")
        if window is not None and window.since is not None:
            return self._say(f"{at}/window", "no_since_here")
        if within is None or any(step is None for step in steps):
            return None
        return rules.Sequence(tuple(step for step in steps if step), within, window, bool(absent))

    def _step(self, data: object, at: str) -> rules.Step | None:
        if not isinstance(data, dict):
            return self._say(at, "not_object")
        self._only(data, {"event", "where", "absent"}, at)
        if not isinstance(data.get("absent", False), bool):
            return self._say(f"{at}/absent", "needs_boolean")
        name = self._name(data.get("event"), f"{at}/event")
        where = self._where(data.get("where"), f"{at}/where")
        return rules.Step(name, where) if name else None

    def _within(self, data: object, at: str) -> int | None:
        if not isinstance(data, dict) or set(data) != {"n", "unit"}:
            return self._say(at, "bad_within")
        span = self._span(data["n"], data["unit"], f"{at}/n", f"{at}/unit")
        if span is not None and span.unit == "months":
            return self._say(f"{at}/unit", "unknown_unit", known="minutes, hours, days, weeks")
        return length(span) if span else None

    def _name(self, data: object, at: str) -> str | None:
        if isinstance(data, str) and text_ok(data, 200) and data:
            return data
        return self._say(at, "no_name")

    def _property(self, data: object, aggregate: str, at: str) -> str | None:
        """The property measured, empty for none; None when it is wrong."""
        if data is None or data == "":
            if aggregate in ("sum", "min", "max", "avg", "distinct"):
                return self._say(f"{at}/property", "needs_property", name=aggregate)
            return ""
        if aggregate == "count":
            return self._say(f"{at}/property", "no_property_wanted", name=aggregate)
        return self._event_path(data, f"{at}/property")

    def _event_path(self, data: object, at: str) -> str | None:
        """``amount``, or ``.`` and the path inside the props."""
        if data == "amount":
            return "amount"
        name = self.path(data.removeprefix("props.") if isinstance(data, str) else data, at)
        return f".{name}" if name else None

    def path(self, data: object, at: str) -> str | None:
        if not isinstance(data, str) or not data or len(data) > 200:
            return self._say(at, "no_name")
        if any(not _segment_ok(segment) for segment in data.split(".")):
            return self._say(at, "bad_name", name=data[:60])
        return data

    def _where(self, data: object, at: str) -> tuple[rules.Where, ...]:
        if data is None:
            return ()
        if not isinstance(data, list) or len(data) > 20:
            self._say(at, "needs_list", limit=20)
            return ()
        return tuple(found for place, item in enumerate(data) if (found := self._one_where(item, f"{at}/{place}")))

    def _one_where(self, data: object, at: str) -> rules.Where | None:
        if not isinstance(data, dict):
            return self._say(at, "not_object")
        self._only(data, {"property", "op", "value"}, at)
        path = self._event_path(data.get("property"), f"{at}/property")
        test = self._tests.test(data, at, "number" if path == "amount" else "json")
        return rules.Where(path, test) if path and test else None

    def window(self, data: object, at: str) -> Window | None:
        if data is None:
            return None
        if not isinstance(data, dict) or not data or (set(data) not in _WINDOWS and set(data) - {"from", "to"}):
            return self._say(at, "bad_window")
        if "since" in data:
            return self._since(data, at)
        if "ago" in data:
            return self._between(data, at)
        if "last_days" in data:
            span = self._span(data["last_days"], "days", f"{at}/last_days", at)
            return Window(span) if span else None
        for word in ("last", "before"):
            if word in data:
                span = self._span(data[word], data["unit"], f"{at}/{word}", f"{at}/unit")
                if span is None:
                    return None
                return Window(span) if word == "last" else Window(None, span)
        return self._dates(data, at)

    def _dates(self, data: dict[str, Any], at: str) -> Window | None:
        start, end = self._edge(data.get("from"), f"{at}/from"), self._edge(data.get("to"), f"{at}/to")
        if start and end and start[0] >= end[1]:
            return self._say(at, "upside_down")
        to_is_date = end is not None and end[1] - end[0] > 1
        return Window(start and start[0], end and (end[1] if to_is_date else end[0]))

    def _since(self, data: dict[str, Any], at: str) -> Window | None:
        if data["since"] not in ("first", "last"):
            return self._say(f"{at}/since", "first_or_last")
        name = self._name(data["event"], f"{at}/event")
        return Window(since=rules.Anchor(data["since"], name)) if name else None

    def _between(self, data: dict[str, Any], at: str) -> Window | None:
        pair = data["ago"]
        if not isinstance(pair, list) or len(pair) != 2:
            return self._say(f"{at}/ago", "needs_pair")
        spans = [self._span(one, data["unit"], f"{at}/ago/{place}", f"{at}/unit") for place, one in enumerate(pair)]
        near, far = spans
        if near is None or far is None:
            return None
        if near.number >= far.number:
            return self._say(f"{at}/ago", "upside_down")
        return Window(far, near)

    def _span(self, number: object, unit: object, at: str, unit_at: str) -> Span | None:
        if unit not in UNITS:
            return self._say(unit_at, "unknown_unit", known=", ".join(UNITS))
        known: Unit = unit
        most = MAX_DAYS * DAY // UNITS[known]
        if not isinstance(number, int | float) or isinstance(number, bool) or not 0 < number <= most:
            return self._say(at, "needs_days" if known == "days" else "needs_span", limit=most)
        if known == "months" and number != round(number):
            return self._say(at, "needs_span", limit=most)
        return Span(number, known)

    def _edge(self, data: object, at: str) -> tuple[int, int] | None:
        if data is None:
            return None
        span = span_of(data, self._zone)
        if span is None:
            self._say(at, "needs_time")
        return span

    def _only(self, data: dict[str, Any], known: set[str], at: str) -> None:
        for name in data:
            if name not in known:
                self._say(f"{at}/{escaped(name)}", "unknown_key", name=str(name)[:40])


_NO_TEST = rules.Test("exists", "any")


def _with(event: rules.Event, test: rules.Test, usual: Window | None) -> rules.Event:
    return rules.Event(event.name, event.aggregate, event.property, event.where, event.window, test, usual)


def _measurable(window: Window | None, whole: bool) -> bool:
    """Whether the window goes along with now; ``whole``: and is always equally long."""
    if window is None or window.since is not None or not isinstance(window.start, Span):
        return False
    edges = [window.start] + ([window.end] if isinstance(window.end, Span) else [])
    return not whole or all(edge.unit != "months" for edge in edges)


def measured(aggregate: str, property_: str | None) -> Kind:
    """What the aggregate is compared as."""
    if aggregate in rules.FROM_NOTHING:
        return "number"
    if aggregate in ("min", "max", "avg") or property_ == "amount":
        return "number_or_none"
    return "json" if property_ else "time"


def escaped(name: object) -> str:
    return str(name)[:60].replace("~", "~0").replace("/", "~1")


def _segment_ok(segment: str) -> bool:
    return bool(segment) and segment[0] not in ":^@" and not any(letter in "`\\" or letter < " " for letter in segment)
