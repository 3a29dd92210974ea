"""Rule JSON → typed tree. Every mistake is found in one go and named by a JSON pointer to its clause."""
# mypy: disable-error-code="func-returns-value"
# ("return say(...)" notes a problem and gives up the clause)

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args
from zoneinfo import ZoneInfo

from siyu.audiences import rules
from siyu.audiences.comparisons import Kind, TestParser, text_ok
from siyu.audiences.problems import Problem
from siyu.audiences.rules import MAX_CHOICES, MAX_CLAUSES, MAX_DAYS, MAX_DEPTH, Rule
from siyu.audiences.times import span_of
from siyu.catalog import OWNED_CHANNELS
from siyu.profiles import STAGES

AGGREGATES: tuple[rules.Aggregate, ...] = get_args(rules.Aggregate)
_PLAIN = {"trait": {"op", "value"}, "event": {"aggregate", "property", "where", "window", "op", "value"}}


def parse_rule(data: object, zone: ZoneInfo) -> tuple[Rule | None, list[Problem]]:
    """The rule, or what is wrong with it. ``zone`` is where dates without a zone belong."""
    parser = _Parser(zone)
    rule = parser.rule(data, "", 1)
    if parser.clauses > MAX_CLAUSES:
        parser.say("", "too_many", limit=MAX_CLAUSES)
    return (None, parser.problems) if parser.problems else (rule, [])


class _Parser:
    def __init__(self, zone: ZoneInfo) -> None:
        self.problems: list[Problem] = []
        self.clauses = 0
        self._zone = zone
        self._tests = TestParser(zone, self.say)
        self._kinds: dict[str, Callable[[dict[str, Any], str, int], Rule | None]] = {
            "all": self._group,
            "any": self._group,
            "not": self._not,
            "trait": self._trait,
            "event": self._event,
            "lifecycle": self._stage,
            "reachable": self._reachable,
            "audience": self._member,
            "entered": self._entered,
        }

    def say(self, pointer: str, code: str, **params: str | int) -> None:
        if len(self.problems) < 50:
            self.problems.append(Problem(pointer, code, params))

    def rule(self, data: object, at: str, depth: int) -> Rule | None:
        if not isinstance(data, dict):
            return self.say(at, "not_object")
        if depth > MAX_DEPTH:
            return self.say(at, "too_deep", limit=MAX_DEPTH)
        kinds = [name for name in self._kinds if name in data]
        if len(kinds) != 1:
            code = "several_clauses" if kinds else "unknown_clause"
            return self.say(at, code, names=", ".join(kinds))
        kind = kinds[0]
        known = {kind} | _PLAIN.get(kind, set())
        for name in data:
            if name not in known:
                self.say(f"{at}/{_escaped(name)}", "unknown_key", name=str(name)[:40])
        if kind not in ("all", "any", "not"):
            self.clauses += 1
        return self._kinds[kind](data, at, depth)

    def _group(self, data: dict[str, Any], at: str, depth: int) -> Rule | None:
        kind = "all" if "all" in data else "any"
        items = data[kind]
        if not isinstance(items, list) or not items:
            return self.say(f"{at}/{kind}", "empty_group")
        if self.clauses + len(items) > 2 * MAX_CLAUSES:
            return self.say(at, "too_many", limit=MAX_CLAUSES)
        found = [self.rule(item, f"{at}/{kind}/{place}", depth + 1) for place, item in enumerate(items)]
        whole = tuple(rule for rule in found if rule is not None)
        return rules.All(whole) if kind == "all" else rules.Any(whole)

    def _not(self, data: dict[str, Any], at: str, depth: int) -> Rule | None:
        rule = self.rule(data["not"], f"{at}/not", depth + 1)
        return rules.Not(rule) if rule is not None else None

    def _trait(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        name = self._path(data["trait"], f"{at}/trait")
        test = self._tests.test(data, at, "json")
        return rules.Trait(name, test) if name and test else None

    def _event(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        name = data["event"]
        if not text_ok(name, 200) or not name:
            self.say(f"{at}/event", "no_name")
            name = ""
        aggregate = data.get("aggregate", "count")
        if aggregate not in AGGREGATES:
            return self.say(f"{at}/aggregate", "unknown_aggregate", known=", ".join(AGGREGATES))
        found = self._property(data.get("property"), aggregate, at)
        where = self._where(data.get("where"), f"{at}/where")
        window = self._window(data.get("window"), f"{at}/window")
        test = self._tests.test(data, at, _measured(aggregate, found))
        if not name or found is None or test is None:
            return None
        return rules.Event(name, aggregate, found, where, window, test)

    def _property(self, data: object, aggregate: str, at: str) -> str | None:
        """The property measured, empty for none; None when it is wrong."""
        if data is None or data == "":
            if aggregate in ("sum", "min", "max", "avg"):
                return self.say(f"{at}/property", "needs_property", name=aggregate)
            return ""
        if aggregate == "count":
            return self.say(f"{at}/property", "no_property_wanted", name=aggregate)
        return self._event_path(data, f"{at}/property")

    def _event_path(self, data: object, at: str) -> str | None:
        """``amount``, or ``.`` and the path inside the props."""
        if data == "amount":
            return "amount"
        name = self._path(data.removeprefix("props.") if isinstance(data, str) else data, at)
        return f".{name}" if name else None

    def _path(self, data: object, at: str) -> str | None:
        if not isinstance(data, str) or not data or len(data) > 200:
            return self.say(at, "no_name")
        if any(not _segment_ok(segment) for segment in data.split(".")):
            return self.say(at, "bad_name", name=data[:60])
        return data

    def _where(self, data: object, at: str) -> tuple[rules.Where, ...]:
        if data is None:
            return ()
        if not isinstance(data, list) or len(data) > 20:
            self.say(at, "needs_list", limit=20)
            return ()
        return tuple(found for place, item in enumerate(data) if (found := self._one_where(item, f"{at}/{place}")))

    def _one_where(self, data: object, at: str) -> rules.Where | None:
        if not isinstance(data, dict):
            return self.say(at, "not_object")
        for name in data:
            if name not in ("property", "op", "value"):
                self.say(f"{at}/{_escaped(name)}", "unknown_key", name=str(name)[:40])
        path = self._event_path(data.get("property"), f"{at}/property")
        test = self._tests.test(data, at, "number" if path == "amount" else "json")
        return rules.Where(path, test) if path and test else None

    def _window(self, data: object, at: str) -> rules.Window | None:
        if data is None:
            return None
        if not isinstance(data, dict) or not data or (set(data) - {"last_days"} and set(data) - {"from", "to"}):
            return self.say(at, "bad_window")
        if "last_days" in data:
            days = self._tests.days(data["last_days"], f"{at}/last_days")
            return rules.Window(days) if days else None
        start, end = self._edge(data.get("from"), f"{at}/from"), self._edge(data.get("to"), f"{at}/to")
        if start and end and start[0] >= end[1]:
            return self.say(at, "upside_down")
        to_is_date = end is not None and end[1] - end[0] > 1
        return rules.Window(None, start and start[0], end and (end[1] if to_is_date else end[0]))

    def _edge(self, data: object, at: str) -> tuple[int, int] | None:
        if data is None:
            return None
        span = span_of(data, self._zone)
        if span is None:
            self.say(at, "needs_time")
        return span

    def _stage(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        names = data["lifecycle"]
        if not isinstance(names, list) or not names or len(names) > MAX_CHOICES:
            return self.say(f"{at}/lifecycle", "needs_list", limit=len(STAGES))
        for place, name in enumerate(names):
            if name not in STAGES:
                self.say(f"{at}/lifecycle/{place}", "unknown_stage", name=str(name)[:40], known=", ".join(STAGES))
        return rules.Stage(tuple(stage for stage in STAGES if stage in names))

    def _reachable(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        channel = data["reachable"]
        if not isinstance(channel, str) or channel not in OWNED_CHANNELS:
            known = ", ".join(OWNED_CHANNELS)
            return self.say(f"{at}/reachable", "unknown_channel", name=str(channel)[:40], known=known)
        return rules.Reachable(channel)

    def _member(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        name = data["audience"]
        if not text_ok(name, 40) or not name.startswith("aud_"):
            return self.say(f"{at}/audience", "unknown_audience", name=str(name)[:40])
        return rules.Member(name, f"{at}/audience")

    def _entered(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        inner = data["entered"]
        if not isinstance(inner, dict):
            return self.say(f"{at}/entered", "not_object")
        for name in inner:
            if name not in ("op", "value"):
                self.say(f"{at}/entered/{_escaped(name)}", "unknown_key", name=str(name)[:40])
        test = self._tests.test(inner, f"{at}/entered", "time")
        return rules.Entered(test) if test else None


def _measured(aggregate: str, found: str | None) -> Kind:
    if aggregate in ("first", "last"):
        if not found:
            return "time"
        return "number_or_none" if found == "amount" else "json"
    return "number" if aggregate in ("count", "sum") else "number_or_none"


def _segment_ok(segment: str) -> bool:
    return bool(segment) and segment[0] not in ":^@" and not any(letter in "`\\" or letter < " " for letter in segment)


def _escaped(name: object) -> str:
    """A key as a part of a JSON pointer."""
    return str(name)[:60].replace("~", "~0").replace("/", "~1")


__all__ = ["AGGREGATES", "MAX_DAYS", "parse_rule"]
