"""A rule as set algebra: which sets of persons the engine has to find, and how they make up the audience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

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
    if isinstance(leaf, rules.Stage | rules.Reachable | rules.Consent | rules.Random | rules.Sequence):
        return leaf, False
    negated = leaf.test.negate
    positive = msgspec.structs.replace(leaf.test, negate=False)
    if isinstance(leaf, rules.Event) and _counts(leaf) and holds_for_zero(positive):
        return msgspec.structs.replace(leaf, test=msgspec.structs.replace(positive, negate=True)), not negated
    return msgspec.structs.replace(leaf, test=positive), negated


def _counts(leaf: rules.Event) -> bool:
    return leaf.aggregate in rules.FROM_NOTHING and leaf.usual is None


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


def members(
    rule: Rule, found: Mapping[Leaf, BitMap64], everyone: BitMap64, held: Mapping[str, BitMap64] = MappingProxyType({})
) -> BitMap64:
    """The persons of ``everyone`` the rule holds for, from the sets found for its probes.

    ``held``: members of the audiences that clauses name and whose rules don't stand in their place.
    """
    if isinstance(rule, rules.All):
        return BitMap64.intersection(*[members(child, found, everyone, held) for child in rule.rules])
    if isinstance(rule, rules.Any):
        return BitMap64.union(*[members(child, found, everyone, held) for child in rule.rules])
    if isinstance(rule, rules.Not):
        return everyone - members(rule.rule, found, everyone, held)
    if isinstance(rule, rules.Member):
        return everyone & held[rule.audience]
    probe, opposite = literal(rule)
    return everyone - found[probe] if opposite else everyone & found[probe]


def event_names(rule: Rule) -> frozenset[str]:
    """Names of events that can decide the rule."""
    return frozenset(name for leaf in rules.leaves(rule) for name in names_in(leaf))


def names_in(leaf: Leaf | rules.Member) -> tuple[str, ...]:
    if isinstance(leaf, rules.Sequence):
        return tuple(step.name for step in leaf.steps)
    if isinstance(leaf, rules.Event):
        anchor = leaf.window and leaf.window.since
        return (leaf.name, anchor.name) if anchor else (leaf.name,)
    return ()


def names_members(rule: Rule) -> frozenset[str]:
    """Audiences whose members, not rules, decide the rule."""
    return frozenset(leaf.audience for leaf in rules.leaves(rule) if isinstance(leaf, rules.Member))


def names_tags(rule: Rule) -> frozenset[str]:
    """Tags whose values decide the rule."""
    return frozenset(leaf.tag for leaf in rules.leaves(rule) if isinstance(leaf, rules.Tag))


def needs_person(rule: Rule) -> bool:
    """Whether what is known of a person, or the mere existence of a new person, can decide the rule."""
    nothing = BitMap64([1])
    empty = {probe: BitMap64() for probe in probes([rule])}
    none = dict.fromkeys(names_members(rule), BitMap64())
    known = any(not isinstance(leaf, rules.Event | rules.Sequence) for leaf in rules.leaves(rule))
    return known or bool(members(rule, empty, nothing, none))
