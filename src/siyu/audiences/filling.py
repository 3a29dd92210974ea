"""Computing who is in an audience, whatever its kind, and keeping that."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.audiences import plan, rules
from siyu.audiences.expand import Known, expand, parsed
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import membership_of
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import BadRule, Problem
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import pack
from siyu.audiences.queries.leaves import EVERYBODY, Population, find, rows_read
from siyu.audiences.queries.values import highest
from siyu.audiences.rules import Rule
from siyu.audiences.schedules import Schedule, next_time
from siyu.catalog import Label
from siyu.settings import current_settings
from siyu.store import Store

MOST_RANKED = 1_000_000
_RANKS = ("count", "distinct", "sum", "min", "max", "avg")


class Counted(msgspec.Struct, frozen=True):
    """Who fits a rule now, of how many, what finding out took and when it was."""

    members: BitMap64
    everyone: int
    took_ms: float
    at: int
    rows: int = 0


class Ranked(msgspec.Struct, frozen=True):
    """Only the ``n`` persons with the highest value."""

    n: int
    by: rules.Event | rules.Trait


class TagName(msgspec.Struct, frozen=True):
    """A tag as rules see it; ``names`` are the audiences and tags that decide it, ``labels`` what its values are
    called, ``unit`` is money where they are fen."""

    id: str
    name: str
    names: frozenset[str]
    unit: str = ""
    labels: Mapping[str, Label] = {}


TAGS: list[Callable[[Connection], Iterable[TagName]]] = []
"""The room of tags says here which there are."""


class Book(msgspec.Struct, frozen=True):
    """Every audience as the others see it: ``named`` are those, and the tags, that each one's rule names; ``tags`` are
    in ``names`` and ``named`` too."""

    known: Known
    names: Mapping[str, str]
    named: Mapping[str, frozenset[str]]
    own: Mapping[str, Rule]
    zone: ZoneInfo
    tags: Mapping[str, TagName]


def zone_of(conn: Connection) -> ZoneInfo:
    """Where the shop's days begin."""
    return ZoneInfo(current_settings(conn).timezone)


def book(conn: Connection) -> Book:
    zone = zone_of(conn)
    rows = definitions.all_of(conn)
    own = {row.id: parsed(row.rule, zone) for row in rows if row.kind != "list"}
    live = {row.id: own[row.id] for row in rows if row.kind == "live"}
    still = frozenset(row.id for row in rows if row.kind != "live")
    named = {name: plan.names_members(rule) | plan.names_tags(rule) for name, rule in own.items()}
    tags = {tag.id: tag for tags in TAGS for tag in tags(conn)}
    titles = {tag.id: tag.name for tag in tags.values()}
    named |= {tag.id: tag.names for tag in tags.values()}
    return Book(Known(live, still, titles), {row.id: row.name for row in rows} | titles, named, own, zone, tags)


def count(store: Store, rule: Rule, ranked: Ranked | None = None, *, costs: bool = False) -> Counted:
    """Find everybody who fits an expanded rule; with ``costs`` also how many rows that reads."""
    return count_many(store, [(rule, ranked)], costs=costs)[0]


def count_many(store: Store, wanted: Sequence[tuple[Rule, Ranked | None]], *, costs: bool = False) -> list[Counted]:
    """The same for several rules in one question; the time it took is shared out evenly."""
    began = time.perf_counter()
    with store.state.read() as conn:
        moment = moment_of(conn, store.clock.now_ms())
        membership = membership_of(store)
        membership.catch_up(conn)
    probes = plan.probes([rule for rule, _ in wanted])
    found = find(store.events, probes, EVERYBODY, moment)
    held = membership.sets()
    sets = []
    for rule, ranked in wanted:
        members = plan.members(rule, found.sets, found.everyone, held)
        sets.append(highest(store.events, ranked.by, members, ranked.n, moment) if ranked else members)
    took = (time.perf_counter() - began) * 1000 / len(wanted)
    rows = rows_read(store.events, probes, moment) if costs else 0
    return [Counted(members, len(found.everyone), took, moment.now, rows) for members in sets]


def matching(store: Store, data: object) -> BitMap64:
    """Everybody a rule (JSON) holds for now, staff and test accounts included. Raises BadRule."""
    rule = _whole(store, data, "en")
    with store.state.read() as conn:
        moment = moment_of(conn, store.clock.now_ms())
        membership = membership_of(store)
        membership.catch_up(conn)
    found = find(store.events, plan.probes([rule]), Population(staff=True), moment)
    return plan.members(rule, found.sets, found.everyone, membership.sets())


def check_rule(store: Store, data: object, language: str) -> None:
    """Raises BadRule, pointing at the clause, for what is no rule."""
    _whole(store, data, language)


def _whole(store: Store, data: object, language: str) -> Rule:
    with store.state.read() as conn:
        everything = book(conn)
    rule, problems = parse_rule(data, everything.zone)
    if rule is None:
        raise BadRule(problems, language)
    return expand(rule, everything.known, language=language)


def fill(conn: Connection, audience_id: str, filled: int, counted: Counted, schedule: Schedule | None = None) -> None:
    """Set the members anew, without news."""
    queries.put_snapshot(conn, audience_id, filled, queries.head_of(conn).seq, pack(counted.members))
    computed = {"filled": filled, "computed_at": counted.at, "computed_ms": counted.took_ms, "rows_read": counted.rows}
    next_at = next_time(schedule, counted.at, current_settings(conn).timezone)
    definitions.update(conn, audience_id, computed | {"next_at": next_at})
    queries.note_size(conn, audience_id, counted.at, len(counted.members))
    definitions.note_edit(conn)
    queries.begin_time(conn, counted.at)


def refill(store: Store, conn: Connection, row: Row[Any], counted: Counted) -> None:
    """Set the members anew; who came and went by that is told by the loop that looks at what is pending."""
    membership = membership_of(store)
    membership.catch_up(conn)
    queries.put_pending(conn, row.id, pack(membership.members(row.id)))
    fill(conn, row.id, row.filled + 1, counted, schedule_of(row))


def refresh_still(store: Store, audience_id: str) -> None:
    """Compute an audience with a schedule anew. Does nothing when it has gone meanwhile."""
    with store.state.read() as conn:
        everything, row = book(conn), definitions.one(conn, audience_id)
        if row is None or row.kind != "scheduled":
            return
        whole = expand(everything.own[audience_id], everything.known)
        ranked = ranked_of(row, everything.zone)
    counted = count(store, whole, ranked, costs=True)
    with store.state.write() as conn:
        row = definitions.one(conn, audience_id)
        if row is not None and row.kind == "scheduled":
            refill(store, conn, row, counted)


def schedule_of(row: Row[Any]) -> Schedule | None:
    return msgspec.json.decode(row.schedule, type=Schedule | None)


def ranked_of(row: Row[Any], zone: ZoneInfo) -> Ranked | None:
    found, _ = parse_top(msgspec.json.decode(row.top), zone)
    return found


def parse_top(data: Any, zone: ZoneInfo) -> tuple[Ranked | None, list[Problem]]:
    """``{"n": 100, "by": {"trait": …}}`` or ``by`` an event clause without its test; None for no ranking."""
    if data is None:
        return None, []
    if not isinstance(data, dict) or set(data) != {"n", "by"} or not isinstance(data["by"], dict):
        return None, [Problem("top", "bad_top")]
    number, by = data["n"], data["by"]
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_RANKED:
        return None, [Problem("top/n", "bad_count", {"limit": MOST_RANKED})]
    test = {"op": "exists"} if "trait" in by else {"op": "gte", "value": 0}
    rule, problems = parse_rule({**by, **test}, zone)
    if problems:
        return None, [Problem(f"top/by{one.pointer}", one.code, one.params) for one in problems]
    if isinstance(rule, rules.Trait) or (isinstance(rule, rules.Event) and rule.aggregate in _RANKS):
        return Ranked(number, rule), []
    return None, [Problem("top/by", "bad_top")]
