"""Rule JSON → typed tree. Every mistake is found in one go and named by a JSON pointer to its clause."""
# mypy: disable-error-code="func-returns-value"
# ("return say(...)" notes a problem and gives up the clause)

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from siyu.audiences import rules
from siyu.audiences.comparisons import TestParser, text_ok
from siyu.audiences.parse_events import EventParser, escaped
from siyu.audiences.problems import Problem
from siyu.audiences.rules import MAX_CHOICES, MAX_CLAUSES, MAX_DEPTH, Rule
from siyu.catalog import OWNED_CHANNELS
from siyu.profiles import STAGES

_PLAIN = {
    "trait": {"op", "value"},
    "tag": {"op", "value"},
    "event": {"aggregate", "property", "where", "window", "op", "value"},
    "sequence": {"within", "window"},
}
_PURPOSE = "marketing"
_ANSWERS = ("granted", "withdrawn", "unknown")


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
        events = EventParser(zone, self.say, self._tests)
        self._path = events.path
        self._kinds: dict[str, Callable[[dict[str, Any], str, int], Rule | None]] = {
            "all": self._group,
            "any": self._group,
            "not": self._not,
            "trait": self._trait,
            "tag": self._tag,
            "event": events.event,
            "sequence": events.sequence,
            "lifecycle": self._stage,
            "reachable": self._reachable,
            "consent": self._consent,
            "random": self._random,
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
                self.say(f"{at}/{escaped(name)}", "unknown_key", name=str(name)[:40])
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

    def _tag(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        name = data["tag"]
        test = self._tests.test(data, at, "json")
        if not text_ok(name, 40) or not name.startswith("tag_"):
            return self.say(f"{at}/tag", "unknown_tag", name=str(name)[:40])
        return rules.Tag(name, test, f"{at}/tag") if test else None

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

    def _inner(self, data: dict[str, Any], kind: str, known: set[str], at: str) -> dict[str, Any] | None:
        inner = data[kind]
        if not isinstance(inner, dict):
            return self.say(f"{at}/{kind}", "not_object")
        for name in inner:
            if name not in known:
                self.say(f"{at}/{kind}/{escaped(name)}", "unknown_key", name=str(name)[:40])
        return inner

    def _consent(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        inner = self._inner(data, "consent", {"channel", "purpose", "state"}, at)
        if inner is None:
            return None
        channel, state, purpose = inner.get("channel"), inner.get("state"), inner.get("purpose", _PURPOSE)
        if channel not in OWNED_CHANNELS:
            known = ", ".join(OWNED_CHANNELS)
            return self.say(f"{at}/consent/channel", "unknown_channel", name=str(channel)[:40], known=known)
        if state not in _ANSWERS:
            return self.say(f"{at}/consent/state", "unknown_answer", known=", ".join(_ANSWERS))
        if not isinstance(purpose, str) or not text_ok(purpose, 40) or not purpose.strip():
            return self.say(f"{at}/consent/purpose", "no_name")
        return rules.Consent(channel, purpose.strip().lower(), state)

    def _random(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        inner = self._inner(data, "random", {"percent", "salt"}, at)
        if inner is None:
            return None
        percent = self._tests.number(inner.get("percent"), f"{at}/random/percent")
        salt = inner.get("salt", "")
        if not text_ok(salt, 100):
            return self.say(f"{at}/random/salt", "needs_text", limit=100)
        if percent is None:
            return None
        if not 0 < percent <= 100:
            return self.say(f"{at}/random/percent", "needs_percent")
        return rules.Random(percent, salt)

    def _member(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        name = data["audience"]
        if not text_ok(name, 40) or not name.startswith("aud_"):
            return self.say(f"{at}/audience", "unknown_audience", name=str(name)[:40])
        return rules.Member(name, f"{at}/audience")

    def _entered(self, data: dict[str, Any], at: str, _depth: int) -> Rule | None:
        inner = self._inner(data, "entered", {"op", "value"}, at)
        test = self._tests.test(inner, f"{at}/entered", "time") if inner is not None else None
        return rules.Entered(test) if test else None
