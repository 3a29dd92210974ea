"""Which of several values of a trait holds: operators decide for each trait, and whom they trust most."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.kit import FieldError, Invalid, check_version
from siyu.profiles import rules_queries as queries
from siyu.profiles.rules_queries import Stored
from siyu.profiles.settle_queries import bump
from siyu.profiles.types import TraitRules, TraitRulesView
from siyu.store import now_of

AT_ONCE = 2_000
"""Persons written anew in one go after a change."""


def rules_view(conn: Connection) -> TraitRulesView:
    """Version 0 is what Siyu comes with: the latest of everything."""
    return _view(queries.stored(conn))


def _view(stored: Stored) -> TraitRulesView:
    rules = stored.rules
    return TraitRulesView(dict(rules.strategies), list(rules.trust), stored.version, not stored.stale)


def change_rules(conn: Connection, actor: Operator, wanted: TraitRules, if_match: str | None) -> TraitRulesView:
    """Replace the rules. Pages follow at once, audiences once every person concerned has been written anew.

    Raises Invalid with the fields to mend, or StaleEdit.
    """
    before = queries.stored(conn)
    check_version(if_match, before.version)
    if len(set(wanted.trust)) != len(wanted.trust):
        raise Invalid(errors=[FieldError("trust", "A source is named twice.", "twice")])
    strategies = {name: strategy for name, strategy in wanted.strategies.items() if strategy != "latest"}
    rules = TraitRules(dict(sorted(strategies.items())), wanted.trust)
    stale = sorted(_differing(before.rules, rules) | set(before.stale))
    after = Stored(rules, before.version + 1, stale, 0)
    queries.store(conn, after, now_of(conn))
    audit(conn, actor, "traits.rules", "rules", {"to": msgspec.to_builtins(rules)})
    return _view(after)


def _differing(before: TraitRules, after: TraitRules) -> set[str]:
    """Traits that two sets of rules may fold differently."""
    named = set(before.strategies) | set(after.strategies)
    found = {name for name in named if before.strategies.get(name) != after.strategies.get(name)}
    if before.trust != after.trust:
        found |= {name for name in named if after.strategies.get(name) == "trusted"}
    return found


def is_refreshed(conn: Connection) -> bool:
    """Has the last change been carried through for everybody?"""
    return not queries.stored(conn).stale


def next_stale(conn: Connection, now: int) -> tuple[int, list[int]]:
    """The version of the rules, and the next persons its change may concern and has not reached, in order.

    They get a new version of their own; there is nobody once the change is through.
    """
    stored = queries.stored(conn)
    if not stored.stale:
        return stored.version, []
    people = queries.several(conn, stored.stale, stored.done_until, AT_ONCE)
    if not people:
        queries.reached(conn, stored.version, 0, done=True)
    bump(conn, people, now)
    return stored.version, people


def reached(conn: Connection, version: int, person: int) -> None:
    """Note that the change has been carried through up to this person, unless the rules have changed since."""
    queries.reached(conn, version, person, done=False)
