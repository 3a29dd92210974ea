"""What operators and programs do with audiences."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import plan, rules
from siyu.audiences.expand import expand, parsed
from siyu.audiences.live import moment_of
from siyu.audiences.membership import membership_of
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import AudienceInUse, BadRule, Problem
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import pack, unpack
from siyu.audiences.queries.leaves import EVERYBODY, find
from siyu.audiences.reading import read
from siyu.audiences.rules import Rule
from siyu.audiences.types import AudienceDraft, AudienceView, ChangeView, PreviewView, Use
from siyu.kit import DAY, BadInput, NotFound, Page, check_version, iso, new_id, person_no, person_ref
from siyu.privacy import withdrawn
from siyu.profiles import MembershipView, PersonItem, display_names, person_items
from siyu.settings import current_settings
from siyu.store import Store

_SAMPLE = 5
_MOST_DESCRIBED = 2_000

Users = Callable[[Connection, str], list[Use]]
USERS: list[Users] = []
"""Rooms above say here which of their things use an audience; it can't be deleted while one does."""


class Counted(msgspec.Struct, frozen=True):
    """Who fits a rule now, of how many, and what finding out took."""

    members: BitMap64
    everyone: int
    took_ms: float
    at: int


def count(store: Store, rule: Rule) -> Counted:
    """Find everybody who fits an expanded rule."""
    began = time.perf_counter()
    with store.state.read() as conn:
        moment = moment_of(conn, store.clock.now_ms())
    found = find(store.events, plan.probes([rule]), EVERYBODY, moment)
    members = plan.members(rule, found.sets, found.everyone)
    return Counted(members, len(found.everyone), (time.perf_counter() - began) * 1000, moment.now)


def preview(store: Store, data: object, language: str) -> PreviewView:
    """How many fit a rule, some of them, and the rule in words. Raises BadRule."""
    with store.state.read() as conn:
        known, names, zone = _known(conn)
        rule = _parse(data, zone, language)
        whole = expand(rule, known, language=language)
    counted = count(store, whole)
    with store.state.read() as conn:
        sample = _items(conn, _spread(counted.members))
    took = round(counted.took_ms, 1)
    return PreviewView(len(counted.members), counted.everyone, took, sample, read(rule, names, zone))


def create(store: Store, operator: Operator, draft: AudienceDraft, language: str) -> AudienceView:
    """Make an audience and fill it; those in it at first are no news. Raises BadRule."""
    audience_id = new_id("aud")
    counted = count(store, _checked(store, draft, audience_id, language))
    with store.state.write() as conn:
        now = store.clock.now_ms()
        first = {"id": audience_id, "version": 1, "created_at": now, "filled": 0}
        definitions.add(conn, first | _columns(draft) | {"computed_at": now, "computed_ms": 0.0})
        _fill(conn, audience_id, 1, counted)
        audit(conn, operator, "audience.create", audience_id, {"live": draft.live})
    return show(store, audience_id)


def change(
    store: Store, operator: Operator, audience_id: str, draft: AudienceDraft, if_match: str | None, language: str
) -> AudienceView:
    """Replace an audience's definition. A new rule fills it anew, without news. Raises StaleEdit, BadRule."""
    with store.state.read() as conn:
        row = _row(conn, audience_id)
        check_version(if_match, row.version)
    same = msgspec.json.decode(row.rule) == draft.rule and row.live == draft.live
    whole = _checked(store, draft, audience_id, language)
    counted = None if same else count(store, whole)
    with store.state.write() as conn:
        row = _row(conn, audience_id)
        check_version(if_match, row.version)
        definitions.update(conn, audience_id, _columns(draft) | {"version": row.version + 1})
        if counted is not None:
            _fill(conn, audience_id, row.filled + 1, counted)
        audit(conn, operator, "audience.change", audience_id, {"live": draft.live, "refilled": not same})
    return show(store, audience_id)


def refresh(store: Store, operator: Operator, audience_id: str) -> AudienceView:
    """Compute an audience that isn't live again, without news."""
    with store.state.read() as conn:
        row = _row(conn, audience_id)
        known, _, _ = _known(conn)
    if not row.live:
        counted = count(store, expand(known[audience_id], known))
        with store.state.write() as conn:
            row = _row(conn, audience_id)
            _fill(conn, audience_id, row.filled + 1, counted)
            audit(conn, operator, "audience.refresh", audience_id, {})
    return show(store, audience_id)


def delete(store: Store, operator: Operator, audience_id: str) -> None:
    """Raises AudienceInUse while a journey or another audience uses it."""
    with store.state.write() as conn:
        row = _row(conn, audience_id)
        users = _users(conn, audience_id, _known(conn)[0])
        if users:
            raise AudienceInUse(users=", ".join(one.name for one in users[:5]))
        definitions.drop(conn, audience_id)
        definitions.note_edit(conn)
        audit(conn, operator, "audience.delete", audience_id, {"name": row.name})


def show(store: Store, audience_id: str) -> AudienceView:
    with store.state.read() as conn:
        return _views(store, conn, [_row(conn, audience_id)])[0]


def page(store: Store, after: str | None, limit: int) -> Page[AudienceView]:
    """Audiences, the newest first."""
    with store.state.read() as conn:
        rows = definitions.page(conn, _cursor(after), limit + 1)
        items = _views(store, conn, rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(items, f"{last.created_at}.{last.id}" if last is not None else None)


def members_page(store: Store, audience_id: str, after: str | None, limit: int) -> Page[PersonItem]:
    """Members, by person number."""
    with store.state.read() as conn:
        members = members_of(store, conn, audience_id)
        start = members.rank(person_no(after)) if after else 0
        people = list(members[start : start + limit])
        items = _items(conn, people)
    return Page(items, person_ref(people[-1]) if start + len(people) < len(members) else None)


def changes_page(store: Store, audience_id: str, after: str | None, limit: int) -> Page[ChangeView]:
    """Who entered and left, the latest first."""
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadInput(detail="after is no cursor of this list.")
    with store.state.read() as conn:
        _row(conn, audience_id)
        rows = queries.news_page(conn, audience_id, int(after) if after else None, limit)
        names = display_names(conn, list({row.person_id for row in rows}))
    items = [ChangeView(person_ref(row.person_id), names.get(row.person_id), row.change, iso(row.at)) for row in rows]
    return Page(items, str(rows[-1].seq) if len(rows) == limit else None)


def members_of(store: Store, conn: Connection, audience_id: str) -> BitMap64:
    """Person numbers of an audience; not to be changed by the caller. Raises NotFound."""
    row = _row(conn, audience_id)
    if row.live:
        membership = membership_of(store)
        membership.catch_up(conn)
        return membership.members(audience_id)
    snapshot = queries.snapshot_of(conn, audience_id)
    return unpack(snapshot.members) if snapshot is not None else BitMap64()


def audiences_of(store: Store, conn: Connection, person: int) -> list[MembershipView]:
    """The live audiences a canonical person is in, with when they came in (or the audience was made)."""
    membership = membership_of(store)
    live = membership.catch_up(conn)
    since = queries.last_in(conn, person)
    return [
        MembershipView(row.id, row.name, iso(since.get(row.id, row.created_at)))
        for row in definitions.all_of(conn)
        if row.id in live and person in membership.members(row.id)
    ]


def names_of(conn: Connection) -> dict[str, str]:
    """Audience id → name."""
    return {row.id: row.name for row in definitions.all_of(conn)}


def _columns(draft: AudienceDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "description": draft.description.strip(),
        "rule": msgspec.json.encode(draft.rule).decode(),
        "live": draft.live,
    }


def _fill(conn: Connection, audience_id: str, filled: int, counted: Counted) -> None:
    seq = queries.head_of(conn).seq
    queries.put_snapshot(conn, audience_id, filled, seq, pack(counted.members))
    computed = {"filled": filled, "computed_at": counted.at, "computed_ms": counted.took_ms}
    definitions.update(conn, audience_id, computed)
    definitions.note_edit(conn)


def _checked(store: Store, draft: AudienceDraft, audience_id: str, language: str) -> Rule:
    """The draft's rule, expanded. Raises BadRule, naming everything that is wrong."""
    problems = []
    if not 1 <= len(draft.name.strip()) <= 100:
        problems.append(Problem("name", "name_needed"))
    if len(draft.description) > _MOST_DESCRIBED:
        problems.append(Problem("description", "description_long", {"limit": _MOST_DESCRIBED}))
    with store.state.read() as conn:
        known, _, zone = _known(conn)
    rule, wrong = parse_rule(draft.rule, zone)
    if rule is None or problems:
        raise BadRule(problems + wrong, language)
    return expand(rule, known, audience_id, language)


def _parse(data: object, zone: ZoneInfo, language: str) -> Rule:
    rule, problems = parse_rule(data, zone)
    if rule is None:
        raise BadRule(problems, language)
    return rule


def _known(conn: Connection) -> tuple[dict[str, Rule], dict[str, str], ZoneInfo]:
    """Every audience's rule and name, and the zone they are read in."""
    zone = ZoneInfo(current_settings(conn).timezone)
    rows = definitions.all_of(conn)
    return {row.id: parsed(row.rule, zone) for row in rows}, {row.id: row.name for row in rows}, zone


def _row(conn: Connection, audience_id: str) -> Row[Any]:
    row = definitions.one(conn, audience_id)
    if row is None:
        raise NotFound(what=f"audience {audience_id[:40]}")
    return row


def _users(conn: Connection, audience_id: str, known: Mapping[str, Rule]) -> list[Use]:
    names = names_of(conn)
    nested = [
        Use(name, names[name])
        for name, rule in known.items()
        if any(isinstance(leaf, rules.Member) and leaf.audience == audience_id for leaf in rules.leaves(rule))
    ]
    return nested + [use for users in USERS for use in users(conn, audience_id)]


def _views(store: Store, conn: Connection, rows: Sequence[Row[Any]]) -> list[AudienceView]:
    known, names, zone = _known(conn)
    news = queries.news_counts(conn, [row.id for row in rows], store.clock.now_ms() - DAY)
    settled_at = queries.head_of(conn).settled_at
    return [
        AudienceView(
            id=row.id,
            name=row.name,
            description=row.description,
            rule=msgspec.json.decode(row.rule),
            live=row.live,
            size=len(members_of(store, conn, row.id)),
            version=row.version,
            fresh_at=iso(max(row.computed_at, settled_at if row.live else 0)),
            computed_ms=round(row.computed_ms, 1),
            entered_24h=news.get((row.id, "entered"), 0),
            left_24h=news.get((row.id, "left"), 0),
            created_at=iso(row.created_at),
            reading=read(known[row.id], names, zone),
            used_by=_users(conn, row.id, known),
        )
        for row in rows
    ]


def _items(conn: Connection, people: Sequence[int]) -> list[PersonItem]:
    return person_items(conn, people, withdrawn(conn, people))


def _spread(members: BitMap64) -> list[int]:
    """A few members from all over the audience, always the same ones."""
    if len(members) <= _SAMPLE:
        return list(members)
    return [members[len(members) * place // _SAMPLE] for place in range(_SAMPLE)]


def _cursor(after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    at, _, name = after.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 19):
        raise BadInput(detail="after is no cursor of this list.")
    return int(at), name
