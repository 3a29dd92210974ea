"""A rule as set algebra: which sets of persons the engine has to find, and how they make up the audience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from pyroaring import BitMap64

from siyu.audiences import rules
from siyu.audiences.rules import Leaf, Rule, Test

Literal = tuple[Leaf, bool]
"""A probe (a clause the engine answers with the set of persons it holds for) and whether the clause is its opposite."""


def literal(leaf: Leaf) -> Literal:
    """Split a clause so that its probe never holds for a person of whom there are no rows.

    "Never ordered" can't be found among the orders; "ordered" can, and the clause is everybody else.
    """
    if isinstance(leaf, rules.Stage | rules.Reachable):
        return leaf, False
    negated = leaf.test.negate
    positive = msgspec.structs.replace(leaf.test, negate=False)
    if isinstance(leaf, rules.Event) and leaf.aggregate in ("count", "sum") and holds_for_zero(positive):
        return msgspec.structs.replace(leaf, test=msgspec.structs.replace(positive, negate=True)), not negated
    return msgspec.structs.replace(leaf, test=positive), negated


def holds_for_zero(test: Test) -> bool:
    """Whether a number test, not negated, holds for 0."""
    first, *more = test.values
    if test.verb == "in":
        return 0 in test.values
    bound = _number(first)
    if test.verb == "between":
        return bound <= 0 <= _number(more[0])
    return {"gt": bound < 0, "gte": bound <= 0, "lt": bound > 0, "lte": bound >= 0}[test.verb]


def _number(value: str | float | None) -> float:
    return value if isinstance(value, int | float) else 0.0


def probes(wanted: Iterable[Rule]) -> list[Leaf]:
    """What the engine has to find for these rules, each once. Nested audiences must have been expanded."""
    found: dict[Leaf, None] = {}
    for rule in wanted:
        for leaf in rules.leaves(rule):
            if not isinstance(leaf, rules.Member):
                found[literal(leaf)[0]] = None
    return list(found)


def members(rule: Rule, found: Mapping[Leaf, BitMap64], everyone: BitMap64) -> BitMap64:
    """The persons of ``everyone`` the rule holds for, from the sets found for its probes."""
    if isinstance(rule, rules.All):
        sets = [members(child, found, everyone) for child in rule.rules]
        return BitMap64.intersection(*sets)
    if isinstance(rule, rules.Any):
        return BitMap64.union(*[members(child, found, everyone) for child in rule.rules])
    if isinstance(rule, rules.Not):
        return everyone - members(rule.rule, found, everyone)
    if isinstance(rule, rules.Member):
        raise ValueError(f"audience {rule.audience} was not expanded")
    probe, opposite = literal(rule)
    return everyone - found[probe] if opposite else everyone & found[probe]


def event_names(rule: Rule) -> frozenset[str]:
    return frozenset(leaf.name for leaf in rules.leaves(rule) if isinstance(leaf, rules.Event))


def needs_person(rule: Rule) -> bool:
    """Whether what is known of a person, or the mere existence of a new person, can decide the rule."""
    nothing = BitMap64([1])
    empty = {probe: BitMap64() for probe in probes([rule])}
    return any(not isinstance(leaf, rules.Event) for leaf in rules.leaves(rule)) or bool(members(rule, empty, nothing))
