"""What looks odd about a rule though it may stand: clauses that exclude each other, names nobody has ever sent.

Such a rule is allowed. Data may come that it is made for, and a list may hold both of two values; but it is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from siyu.audiences import rules
from siyu.audiences.filling import Book
from siyu.audiences.problems import Problem
from siyu.audiences.reading import read_clause
from siyu.audiences.rules import Rule, Test
from siyu.catalog import Catalog, Label, Spoken

_INFINITE = float("inf")
_TYPES = {
    "string": ("文字", "text"),
    "number": ("数字", "numbers"),
    "boolean": ("是/否", "yes or no"),
    "time": ("时间", "times"),
}
_NUMERIC = ("gt", "gte", "lt", "lte", "between")

Path = tuple[str, Rule]


def notes(rule: Rule, catalog: Catalog, everything: Book, spoken: Spoken, language: str) -> list[Problem]:
    """What to tell about a rule, each with a pointer to its clause."""
    seen = _Seen(catalog, spoken, language)
    odd = [problem for at, leaf in _leaves(rule, "") for problem in seen.odd(leaf, at)]

    def told(other: Rule) -> str:
        return read_clause(other, everything, spoken, language)

    return [*_contradictions(rule, "", told), *odd]


def _contradictions(rule: Rule, at: str, told: Callable[[Rule], str]) -> Iterator[Problem]:
    if isinstance(rule, rules.Not):
        yield from _contradictions(rule.rule, f"{at}/not", told)
    elif isinstance(rule, rules.All | rules.Any):
        word = "all" if isinstance(rule, rules.All) else "any"
        parts = [(f"{at}/{word}/{place}", child) for place, child in enumerate(rule.rules)]
        if word == "all":
            yield from _between(parts, told)
        for pointer, child in parts:
            yield from _contradictions(child, pointer, told)


def _between(parts: list[Path], told: Callable[[Rule], str]) -> Iterator[Problem]:
    for place, (pointer, one) in enumerate(parts):
        for _, other in parts[:place]:
            code = _clash(one, other)
            if code:
                yield Problem(pointer, code, {"other": told(other)})
                break


def _clash(one: Rule, other: Rule) -> str:
    """How two conditions that must both hold exclude each other; empty when they may not."""
    if one == rules.Not(other) or other == rules.Not(one):
        return "contradiction"
    if isinstance(one, rules.Stage) and isinstance(other, rules.Stage):
        return "" if set(one.names) & set(other.names) else "contradiction"
    if isinstance(one, rules.Consent) and isinstance(other, rules.Consent):
        same = (one.channel, one.purpose) == (other.channel, other.purpose)
        return "contradiction" if same and one.state != other.state else ""
    if isinstance(one, rules.Event) and isinstance(other, rules.Event) and _about(one) == _about(other):
        return "" if one.usual or other.usual or _meet(one.test, other.test) else "contradiction"
    if isinstance(one, rules.Trait) and isinstance(other, rules.Trait) and one.name == other.name:
        return _clash_of_values(one.test, other.test)
    if isinstance(one, rules.Tag) and isinstance(other, rules.Tag) and one.tag == other.tag:
        return _clash_of_values(one.test, other.test)
    return ""


def _about(event: rules.Event) -> tuple[object, ...]:
    return event.name, event.aggregate, event.property, event.where, event.window


def _clash_of_values(one: Test, other: Test) -> str:
    if {one.verb, other.verb} == {"exists"} and one.negate != other.negate:
        return "contradiction"
    for missing, present in ((one, other), (other, one)):
        if missing.verb == "exists" and missing.negate and not present.negate:
            return "contradiction"
    texts = [
        test.verb == "in" and not test.negate and all(isinstance(each, str) for each in test.values)
        for test in (one, other)
    ]
    if all(texts) and not set(one.values) & set(other.values):
        return "unless_list"
    return "" if _meet(one, other) else "contradiction"


def _meet(one: Test, other: Test) -> bool:
    """Whether some number passes both; True when that can't be told."""
    first, second = _stretch(one), _stretch(other)
    if first is None or second is None:
        return True
    low, high = max(first[0], second[0]), min(first[1], second[1])
    return low <= high


def _stretch(test: Test) -> tuple[tuple[float, int], tuple[float, int]] | None:
    """The numbers a test lets through as (lowest, highest); the second part moves an open end inward."""
    numbers = [value for value in test.values if isinstance(value, int | float)]
    if test.negate or len(numbers) != len(test.values) or not numbers:
        return None
    if test.verb == "in":
        return (min(numbers), 0), (max(numbers), 0)
    if test.verb == "between" and test.reading == "number":
        return (numbers[0], 0), (numbers[1], 0)
    if test.verb in ("gt", "gte"):
        return (numbers[0], int(test.verb == "gt")), (_INFINITE, 0)
    if test.verb in ("lt", "lte"):
        return (-_INFINITE, 0), (numbers[0], -int(test.verb == "lt"))
    return None


class _Seen:
    """What has come in, and what it is called."""

    def __init__(self, catalog: Catalog, spoken: Spoken, language: str) -> None:
        self._events = {
            event.name: {one.name: str(one.type) for one in event.properties}
            for event in catalog.events
            if event.count_30d
        }
        self._traits = {trait.name: str(trait.type) for trait in catalog.traits}
        self._spoken = spoken
        self._zh = language == "zh"

    def _say(self, label: Label) -> str:
        return label.zh if self._zh else label.en

    def odd(self, leaf: Rule, at: str) -> Iterator[Problem]:
        if isinstance(leaf, rules.Trait):
            yield from self._trait(leaf, at)
        elif isinstance(leaf, rules.Event):
            yield from self._event(leaf.name, leaf.where, at)
            if leaf.property not in ("", "amount") and leaf.name in self._events:
                yield from self._property(leaf.name, leaf.property, f"{at}/property")
        elif isinstance(leaf, rules.Sequence):
            for place, step in enumerate(leaf.steps):
                yield from self._event(step.name, step.where, f"{at}/sequence/{place}")

    def _trait(self, leaf: rules.Trait, at: str) -> Iterator[Problem]:
        if leaf.name not in self._traits:
            yield Problem(f"{at}/trait", "never_seen_trait", {"name": leaf.name})
            return
        label = self._say(self._spoken.trait(leaf.name))
        yield from _other_type(label, leaf.test, self._traits[leaf.name], f"{at}/value")

    def _event(self, name: str, wheres: tuple[rules.Where, ...], at: str) -> Iterator[Problem]:
        if name not in self._events:
            yield Problem(f"{at}/event", "never_seen_event", {"name": self._say(self._spoken.event(name))})
            return
        for place, where in enumerate(wheres):
            if where.property == "amount":
                continue
            yield from self._property(name, where.property, f"{at}/where/{place}/property")
            plain = where.property.removeprefix(".")
            if kind := self._events[name].get(plain):
                label = self._say(self._spoken.property(name, plain))
                yield from _other_type(label, where.test, kind, f"{at}/where/{place}/value")

    def _property(self, event: str, name: str, at: str) -> Iterator[Problem]:
        plain = name.removeprefix(".")
        if plain not in self._events[event]:
            label = self._say(self._spoken.event(event))
            yield Problem(at, "never_seen_property", {"event": label, "name": plain})


def _other_type(name: str, test: Test, kind: str, at: str) -> Iterator[Problem]:
    numeric = test.reading == "number" and test.verb in _NUMERIC
    words = test.verb == "in" and all(isinstance(each, str) and not _numeric(each) for each in test.values)
    if (numeric and kind in ("string", "boolean")) or (words and kind == "number"):
        zh, en = _TYPES[kind]
        yield Problem(at, "other_type", {"name": name, "type_zh": zh, "type_en": en})


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _leaves(rule: Rule, at: str) -> Iterator[Path]:
    if isinstance(rule, rules.Not):
        yield from _leaves(rule.rule, f"{at}/not")
    elif isinstance(rule, rules.All | rules.Any):
        word = "all" if isinstance(rule, rules.All) else "any"
        for place, child in enumerate(rule.rules):
            yield from _leaves(child, f"{at}/{word}/{place}")
    else:
        yield at, rule
