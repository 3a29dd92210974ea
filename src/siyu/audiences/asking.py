"""Who fits a rule that belongs to no audience: of everybody, or of some persons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan
from siyu.audiences.expand import expand
from siyu.audiences.filling import book
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import membership_of
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import BadRule
from siyu.audiences.queries.leaves import EVERYBODY, Population, find
from siyu.audiences.rules import Rule
from siyu.store import Store


def fitting(
    store: Store, conn: Connection, rules: Sequence[dict[str, Any]], now: int, people: Sequence[int] | None = None
) -> list[BitMap64]:
    """For each rule (JSON) who fits it at ``now``, of canonical persons ``people`` or of everybody; one question.

    Raises BadRule; QueryTooSlow or QueryTooBig for everybody.
    """
    whole = [_read(conn, rule) for rule in rules]
    probes = plan.probes(whole)
    membership = membership_of(store)
    membership.catch_up(conn)
    population = EVERYBODY if people is None else Population(people=tuple(people))
    found = find(store.events, probes, population, moment_of(conn, now))
    return [plan.members(rule, found.sets, found.everyone, membership.sets()) for rule in whole]


def rule_faults(conn: Connection, rule: dict[str, Any]) -> list[str]:
    """What is wrong with a rule, in words."""
    try:
        _read(conn, rule)
    except BadRule as error:
        return [fault.message for fault in error.errors] or [error.message()]
    return []


def _read(conn: Connection, data: dict[str, Any]) -> Rule:
    everything = book(conn)
    rule, problems = parse_rule(msgspec.to_builtins(data), everything.zone)
    if rule is None:
        raise BadRule(problems)
    return expand(rule, everything.known)
