"""What the room of tags needs of rules: reading them, who fits them, following persons whose values changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan, rules
from siyu.audiences.expand import circle, expand
from siyu.audiences.filling import Book, book
from siyu.audiences.live import Announce, follow_persons
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import LiveAudience, membership_of
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import BadRule, Problem
from siyu.audiences.queries.leaves import EVERYBODY, Population, find, source_of
from siyu.audiences.queries.terms import EventTerms, Moment, Terms
from siyu.audiences.rules import Rule
from siyu.audiences.types import Use
from siyu.store import Store

_MANY = 2_000
"""Above so many persons, those for whom nothing changed are sorted out first."""


def usable(everything: Book, data: Any, own: str, language: str) -> tuple[Rule | None, list[Problem]]:
    """A rule of the tag ``own`` ready to be asked, or what is wrong with it."""
    rule, problems = parse_rule(data, everything.zone)
    if rule is None:
        return None, problems
    back = circle(rule, own, everything.named)
    if back is not None:
        return None, [
            Problem(back[0], "cycle", {"names": " → ".join(everything.names.get(one, one) for one in back[1])})
        ]
    try:
        return expand(rule, everything.known, own, language), []
    except BadRule as error:
        return None, error.problems


def names_in_rule(data: Any, zone: ZoneInfo) -> frozenset[str]:
    """The audiences and tags a rule names."""
    rule, _ = parse_rule(data, zone)
    return plan.names_members(rule) | plan.names_tags(rule) if rule is not None else frozenset()


def event_of(data: dict[str, Any], zone: ZoneInfo) -> tuple[rules.Event | None, list[Problem]]:
    """An event clause without its test."""
    numbers = data.get("aggregate", "count") in rules.FROM_NOTHING
    rule, problems = parse_rule(data | ({"op": "gte", "value": 1} if numbers else {"op": "exists"}), zone)
    return (rule, []) if isinstance(rule, rules.Event) else (None, problems)


def sequence_of(data: dict[str, Any], zone: ZoneInfo) -> tuple[rules.Sequence | None, list[Problem]]:
    rule, problems = parse_rule(data, zone)
    return (rule, []) if isinstance(rule, rules.Sequence) else (None, problems)


def fitting_rules(
    store: Store, wanted: Sequence[Rule], moment: Moment, people: Sequence[int] | None = None
) -> tuple[list[BitMap64], BitMap64]:
    """Who fits each rule, of everybody or of ``people``, as of the moment; and who was looked at."""
    with store.state.read() as conn:
        membership = membership_of(store)
        membership.catch_up(conn)
    population = EVERYBODY if people is None else Population(people=tuple(people))
    found = find(store.events, plan.probes(wanted), _until(population, moment.now), moment)
    held = membership.sets()
    return [plan.members(rule, found.sets, found.everyone, held) for rule in wanted], found.everyone


def _until(population: Population, now: int) -> Population:
    return Population(population.first, population.last, population.people, now)


def users_of_tag(conn: Connection, tag_id: str) -> list[Use]:
    """The audiences whose rules name a tag."""
    everything = book(conn)
    return [Use(name, everything.names[name]) for name in everything.own if tag_id in everything.named[name]]


def follow_tags(store: Store, tags: Collection[str], people: BitMap64, announce: Sequence[Announce]) -> tuple[int, int]:
    """Follow persons whose values of ``tags`` changed; answers how many entered and left live audiences."""

    def wanted(audience: LiveAudience) -> bool:
        return not audience.tags.isdisjoint(tags)

    with store.state.read() as conn:
        membership = membership_of(store)
        live = [one for one in membership.catch_up(conn).values() if wanted(one)]
        moment = moment_of(conn, store.clock.now_ms())
    if not live or not people:
        return 0, 0
    if len(people) > _MANY:
        found = find(store.events, plan.probes(one.rule for one in live), EVERYBODY, moment)
        held = membership.sets()
        differing = BitMap64()
        for one in live:
            differing |= plan.members(one.rule, found.sets, found.everyone, held) ^ membership.members(one.id)
        people = people & differing
    return follow_persons(store, people, announce, wanted)


__all__ = ["EventTerms", "Terms", "source_of"]
