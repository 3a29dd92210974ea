"""Nested audiences: their rules take the place of the clause that names them. A circle is refused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import rules
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import BadRule, Problem
from siyu.audiences.rules import MAX_CLAUSES, MAX_DEPTH, Rule


@lru_cache(4_096)
def parsed(text: str, zone: ZoneInfo) -> Rule:
    """A stored rule; read once, since rules are frozen. Raises BadRule when this version can't read it."""
    rule, problems = parse_rule(msgspec.json.decode(text), zone)
    if rule is None:
        raise BadRule(problems)
    return rule


class Known(msgspec.Struct, frozen=True):
    """Audiences a rule may name: those whose rules take the clause's place, and those it asks for their members."""

    rules: Mapping[str, Rule]
    still: frozenset[str] = frozenset()
    tags: Mapping[str, str] = MappingProxyType({})
    """Tags there are, with their names."""


def expand(rule: Rule, known: Known, own: str = "", language: str = "en") -> Rule:
    """``rule`` with nested audiences expanded. ``own``: the audience the rule is for, which it must not reach.

    Raises BadRule, pointing at the clause, for an unknown audience, a circle, or a whole that is too large.
    """
    return _Expansion(known, language).whole(rule, (own,) if own else (), "")


class _Expansion:
    """Counts clauses as it goes: audiences that name each other twice over would grow without end."""

    def __init__(self, known: Known, language: str) -> None:
        self._known = known
        self._language = language
        self._clauses = 0

    def whole(self, rule: Rule, path: tuple[str, ...], at: str) -> Rule:
        if isinstance(rule, rules.Member):
            return self._nested(rule, path, at or rule.pointer)
        if isinstance(rule, rules.Not):
            return rules.Not(self.whole(rule.rule, path, at))
        if isinstance(rule, rules.All | rules.Any):
            return msgspec.structs.replace(rule, rules=tuple(self.whole(child, path, at) for child in rule.rules))
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            raise self._wrong(at, "too_many", limit=MAX_CLAUSES)
        return self._tag(rule, at) if isinstance(rule, rules.Tag) else rule

    def _tag(self, rule: rules.Tag, at: str) -> Rule:
        if rule.tag not in self._known.tags:
            raise self._wrong(at or rule.pointer, "unknown_tag", name=rule.tag)
        return rules.Tag(rule.tag, rule.test)

    def _nested(self, rule: rules.Member, path: tuple[str, ...], at: str) -> Rule:
        name = rule.audience
        if name in path:
            raise self._wrong(at, "cycle", names=" → ".join((*path[path.index(name) :], name)))
        if name in self._known.still:
            return rules.Member(name, "")
        if name not in self._known.rules:
            raise self._wrong(at, "unknown_audience", name=name)
        if len(path) >= MAX_DEPTH:
            raise self._wrong(at, "too_deep", limit=MAX_DEPTH)
        return self.whole(self._known.rules[name], (*path, name), at)

    def _wrong(self, at: str, code: str, **params: str | int) -> BadRule:
        return BadRule([Problem(at, code, params)], self._language)


def circle(rule: Rule, own: str, named: Mapping[str, frozenset[str]]) -> tuple[str, list[str]] | None:
    """The pointer of the clause through which ``rule`` comes back to ``own``, and the way it goes; None if it doesn't.

    ``named``: for every audience and tag those that its rules name.
    """
    for leaf in rules.leaves(rule):
        if isinstance(leaf, rules.Member | rules.Tag):
            name = leaf.audience if isinstance(leaf, rules.Member) else leaf.tag
            if way := _way(name, own, named, set()):
                return leaf.pointer, [own, *way]
    return None


def _way(name: str, goal: str, named: Mapping[str, frozenset[str]], seen: set[str]) -> list[str] | None:
    if name == goal:
        return [name]
    if name in seen:
        return None
    seen.add(name)
    for next_one in sorted(named.get(name, ())):
        if way := _way(next_one, goal, named, seen):
            return [name, *way]
    return None
