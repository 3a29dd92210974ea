"""Nested audiences: their rules take the place of the clause that names them. A circle is refused."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import rules
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import BadRule, Problem
from siyu.audiences.rules import MAX_CLAUSES, MAX_DEPTH, Rule


def parsed(text: str, zone: ZoneInfo) -> Rule:
    """A stored rule. Raises BadRule when this version can't read it."""
    rule, problems = parse_rule(msgspec.json.decode(text), zone)
    if rule is None:
        raise BadRule(problems)
    return rule


def expand(rule: Rule, known: Mapping[str, Rule], own: str = "", language: str = "en") -> Rule:
    """``rule`` with nested audiences expanded. ``own``: the audience the rule is for, which it must not reach.

    Raises BadRule, pointing at the clause, for an unknown audience, a circle, or a whole that is too large.
    """
    return _Expansion(known, language).whole(rule, (own,) if own else (), "")


class _Expansion:
    """Counts clauses as it goes: audiences that name each other twice over would grow without end."""

    def __init__(self, known: Mapping[str, Rule], language: str) -> None:
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
        return rule

    def _nested(self, rule: rules.Member, path: tuple[str, ...], at: str) -> Rule:
        name = rule.audience
        if name in path:
            raise self._wrong(at, "cycle", names=" → ".join((*path[path.index(name) :], name)))
        if name not in self._known:
            raise self._wrong(at, "unknown_audience", name=name)
        if len(path) >= MAX_DEPTH:
            raise self._wrong(at, "too_deep", limit=MAX_DEPTH)
        return self.whole(self._known[name], (*path, name), at)

    def _wrong(self, at: str, code: str, **params: str | int) -> BadRule:
        return BadRule([Problem(at, code, params)], self._language)
