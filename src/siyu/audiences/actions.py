"""What operators and programs do with audiences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import checks, lists
from siyu.audiences.expand import circle, expand
from siyu.audiences.filling import (
    Book,
    Counted,
    Ranked,
    book,
    count,
    count_many,
    fill,
    parse_top,
    ranked_of,
    refill,
    refresh_still,
    schedule_of,
)
from siyu.audiences.membership import membership_of
from siyu.audiences.parse import parse_rule
from siyu.audiences.problems import AudienceFrozen, AudienceInUse, BadRule, NobodyListed, NotAList, Problem
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.reading import Readings, read, read_ranked
from siyu.audiences.rules import Rule
from siyu.audiences.types import (
    AudienceDraft,
    AudienceView,
    ChangeView,
    CheckView,
    Edge,
    GraphNode,
    GraphView,
    ListReport,
    ListView,
    Note,
    PreviewView,
    SizePoint,
    Use,
)
from siyu.catalog import Spoken, catalog, spoken
from siyu.kit import (
    DAY,
    BadInput,
    FieldError,
    NotFound,
    Page,
    TooLarge,
    check_version,
    iso,
    new_id,
    person_no,
    person_ref,
)
from siyu.privacy import withdrawn
from siyu.profiles import MembershipView, PersonItem, display_names, person_items
from siyu.store import Store

_SAMPLE = 5
_MOST_DESCRIBED = 2_000
_AT_ONCE = 20
"""Rules one question over everybody answers within its memory."""

Users = Callable[[Connection, str], list[Use]]
USERS: list[Users] = []
"""Rooms above say here which of their things use an audience; it can't be deleted while one does."""


def preview(store: Store, data: object, language: str) -> PreviewView:
    """How many fit a rule, some of them, and the rule in words. Raises BadRule."""
    with store.state.read() as conn:
        everything = book(conn)
    rule = _parse(data, everything.zone, language)
    counted = count(store, expand(rule, everything.known, language=language))
    with store.state.read() as conn:
        sample = _items(conn, _spread(counted.members))
        words = read(rule, everything, spoken(conn))
    took = round(counted.took_ms, 1)
    return PreviewView(len(counted.members), counted.everyone, took, sample, words)


def check(store: Store, data: object, language: str) -> CheckView:
    """What is wrong with a rule and what looks odd about it, without counting anybody."""
    with store.state.read() as conn:
        everything, called = book(conn), spoken(conn)
    rule, problems = parse_rule(data, everything.zone)
    if rule is None:
        return CheckView([FieldError(one.pointer, one.text(language), one.code) for one in problems], [])
    found = checks.notes(rule, catalog(store), everything, called, language)
    return CheckView([], [Note(one.pointer, one.code, one.text(language)) for one in found])


def create(store: Store, operator: Operator, draft: AudienceDraft, language: str) -> AudienceView:
    """Make an audience and fill it; those in it at first are no news. Raises BadRule."""
    audience_id = new_id("aud")
    whole, ranked = _checked(store, draft, audience_id, language)
    counted = count(store, whole, ranked, costs=True)
    with store.state.write() as conn:
        _add(store, conn, audience_id, draft, counted)
        audit(conn, operator, "audience.create", audience_id, {"kind": draft.kind})
    return show(store, audience_id)


def create_many(store: Store, operator: Operator, drafts: Sequence[AudienceDraft], language: str) -> list[str]:
    """Make audiences and fill them, some from one question, which costs far less than one for each. Answers their ids.

    Raises BadRule for the first that is wrong; nothing is made then.
    """
    ids = [new_id("aud") for _ in drafts]
    checked = [_checked(store, draft, name, language) for name, draft in zip(ids, drafts, strict=True)]
    parts = [checked[start : start + _AT_ONCE] for start in range(0, len(checked), _AT_ONCE)]
    counts = [counted for part in parts for counted in count_many(store, part)]
    with store.state.write() as conn:
        for name, draft, counted in zip(ids, drafts, counts, strict=True):
            _add(store, conn, name, draft, counted)
            audit(conn, operator, "audience.create", name, {"kind": draft.kind})
    return ids


def _add(store: Store, conn: Connection, audience_id: str, draft: AudienceDraft, counted: Counted) -> None:
    now = store.clock.now_ms()
    first = {"id": audience_id, "version": 1, "created_at": now, "filled": 0}
    definitions.add(conn, first | _columns(draft) | {"computed_at": now, "computed_ms": 0.0})
    fill(conn, audience_id, 1, counted, draft.schedule)


def change(
    store: Store, operator: Operator, audience_id: str, draft: AudienceDraft, if_match: str | None, language: str
) -> AudienceView:
    """Replace an audience's definition. A new rule fills it anew, without news. Raises StaleEdit, BadRule."""
    with store.state.read() as conn:
        row = _row(conn, audience_id)
        check_version(if_match, row.version)
    same = {name: getattr(row, name) for name in _DECIDES} == {name: _columns(draft)[name] for name in _DECIDES}
    counted = None if row.kind == draft.kind == "list" else _recounted(store, row, draft, same, language)
    with store.state.write() as conn:
        row = _row(conn, audience_id)
        check_version(if_match, row.version)
        definitions.update(conn, audience_id, _columns(draft) | {"version": row.version + 1})
        if counted is not None:
            fill(conn, audience_id, row.filled + 1, counted, draft.schedule)
        definitions.note_edit(conn)
        audit(conn, operator, "audience.change", audience_id, {"kind": draft.kind, "refilled": counted is not None})
    return show(store, audience_id)


_DECIDES = ("rule", "kind", "top", "schedule")


def _recounted(store: Store, row: Row[Any], draft: AudienceDraft, same: bool, language: str) -> Counted | None:
    if "list" in (row.kind, draft.kind):
        raise BadRule([Problem("kind", "kind_stays")], language)
    whole, ranked = _checked(store, draft, row.id, language)
    return None if same else count(store, whole, ranked, costs=True)


def refresh(store: Store, operator: Operator, audience_id: str) -> AudienceView:
    """Compute a scheduled audience now; a live one is fresh already. Raises AudienceFrozen for the other kinds."""
    with store.state.read() as conn:
        row = _row(conn, audience_id)
    if row.kind in ("snapshot", "list"):
        raise AudienceFrozen(kind=row.kind)
    if row.kind == "scheduled":
        refresh_still(store, audience_id)
        with store.state.write() as conn:
            audit(conn, operator, "audience.refresh", audience_id, {})
    return show(store, audience_id)


def delete(store: Store, operator: Operator, audience_id: str) -> None:
    """Raises AudienceInUse while a journey or another audience uses it."""
    with store.state.write() as conn:
        row = _row(conn, audience_id)
        users = _users(conn, audience_id, book(conn))
        if users:
            raise AudienceInUse(users=", ".join(one.name for one in users[:5]))
        definitions.drop(conn, audience_id)
        definitions.note_edit(conn)
        audit(conn, operator, "audience.delete", audience_id, {"name": row.name})


def upload(store: Store, operator: Operator, draft: AudienceDraft, raw: bytes, dry: bool, language: str) -> ListView:
    """Make an audience of the persons a file lists, or only say who that would be. Raises BadList, NobodyListed."""
    members, report = _listed(store, raw)
    problems = _naming(draft)
    if problems:
        raise BadRule(problems, language)
    if dry:
        return ListView(report, None)
    if not members:
        raise NobodyListed(rows=report.rows)
    audience_id = new_id("aud")
    with store.state.write() as conn:
        _add(store, conn, audience_id, draft, Counted(members, len(members), 0.0, store.clock.now_ms()))
        detail = {"kind": "list", "rows": report.rows, "persons": report.persons}
        audit(conn, operator, "audience.create", audience_id, detail)
    return ListView(report, show(store, audience_id))


def replace_list(store: Store, operator: Operator, audience_id: str, raw: bytes, if_match: str | None) -> ListView:
    """Let a list hold those whom another file lists. Who comes and goes by that is news."""
    members, report = _listed(store, raw)
    if not members:
        raise NobodyListed(rows=report.rows)
    with store.state.write() as conn:
        row = _row(conn, audience_id)
        check_version(if_match, row.version)
        if row.kind != "list":
            raise NotAList
        refill(store, conn, row, Counted(members, len(members), 0.0, store.clock.now_ms()))
        definitions.update(conn, audience_id, {"version": row.version + 1})
        audit(conn, operator, "audience.change", audience_id, {"rows": report.rows, "persons": report.persons})
    return ListView(report, show(store, audience_id))


def _listed(store: Store, raw: bytes) -> tuple[BitMap64, ListReport]:
    if len(raw) > lists.MAX_BYTES:
        raise TooLarge(limit_bytes=lists.MAX_BYTES)
    rows = lists.read_rows(raw)
    with store.state.read() as conn:
        return lists.find_listed(conn, rows)


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


def sizes(store: Store, audience_id: str) -> list[SizePoint]:
    """How large it was: at each refresh, and every day of a live one; the last year's, and now."""
    with store.state.read() as conn:
        _row(conn, audience_id)
        now = store.clock.now_ms()
        noted = queries.sizes_of(conn, audience_id, now - 366 * DAY, 2_000)
        size = len(members_of(store, conn, audience_id))
    return [SizePoint(iso(at), number) for at, number in noted] + [SizePoint(iso(now), size)]


def graph(store: Store) -> GraphView:
    """Every audience, what uses it, and the tags it uses."""
    with store.state.read() as conn:
        everything = book(conn)
        kinds = {row.id: row.kind for row in definitions.all_of(conn)}
        uses = {name: _users(conn, name, everything) for name in kinds}
    for name in kinds:
        for tag in everything.named.get(name, frozenset()) - kinds.keys():
            uses.setdefault(tag, []).append(Use(name, everything.names[name]))
    nodes = {name: GraphNode(name, everything.names.get(name, name), kinds.get(name) or kind_of(name)) for name in uses}
    for use in (one for found in uses.values() for one in found):
        nodes.setdefault(use.id, GraphNode(use.id, use.name, kind_of(use.id)))
    edges = [Edge(use.id, name) for name, found in uses.items() for use in found]
    return GraphView(list(nodes.values()), edges)


def kind_of(used_by: str) -> str:
    """What sort of thing uses an audience, by its id."""
    kinds = {"aud": "audience", "tag": "tag", "pkg": "package", "cmp": "campaign"}
    return kinds.get(used_by.partition("_")[0], "journey")


def members_of(store: Store, conn: Connection, audience_id: str) -> BitMap64:
    """Person numbers of an audience; not to be changed by the caller. Raises NotFound."""
    _row(conn, audience_id)
    membership = membership_of(store)
    membership.catch_up(conn)
    return membership.members(audience_id)


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


def joined_of(conn: Connection, audience_id: str, people: Collection[int]) -> dict[int, int]:
    """When members came in (epoch ms): as it is remembered, or when the audience was made."""
    made = _row(conn, audience_id).created_at
    return dict.fromkeys(people, made) | queries.joined(conn, audience_id, people)


def names_of(conn: Connection) -> dict[str, str]:
    """Audience id → name."""
    return {row.id: row.name for row in definitions.all_of(conn)}


def _columns(draft: AudienceDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "description": draft.description.strip(),
        "rule": msgspec.json.encode(draft.rule).decode(),
        "kind": draft.kind,
        "schedule": msgspec.json.encode(draft.schedule).decode(),
        "top": msgspec.json.encode(draft.top).decode(),
    }


def _naming(draft: AudienceDraft) -> list[Problem]:
    problems = []
    if not 1 <= len(draft.name.strip()) <= 100:
        problems.append(Problem("name", "name_needed"))
    if len(draft.description) > _MOST_DESCRIBED:
        problems.append(Problem("description", "description_long", {"limit": _MOST_DESCRIBED}))
    return problems


def _checked(store: Store, draft: AudienceDraft, audience_id: str, language: str) -> tuple[Rule, Ranked | None]:
    """The draft's rule, expanded, and its ranking. Raises BadRule, naming everything that is wrong."""
    problems = _naming(draft)
    if draft.kind == "list":
        problems.append(Problem("kind", "list_has_no_rule"))
    if draft.schedule is not None and draft.kind != "scheduled":
        problems.append(Problem("schedule", "schedule_needs_kind"))
    if draft.top is not None and draft.kind == "live":
        problems.append(Problem("top", "top_not_live"))
    with store.state.read() as conn:
        everything = book(conn)
    ranked, wrong_top = parse_top(draft.top, everything.zone)
    rule, wrong = parse_rule(draft.rule, everything.zone)
    if rule is None or problems or wrong_top:
        raise BadRule(problems + wrong_top + wrong, language)
    back = circle(rule, audience_id, everything.named)
    if back is not None:
        path = " → ".join(everything.names.get(name, name) for name in back[1])
        raise BadRule([Problem(back[0], "cycle", {"names": path})], language)
    return expand(rule, everything.known, audience_id, language), ranked


def _parse(data: object, zone: ZoneInfo, language: str) -> Rule:
    rule, problems = parse_rule(data, zone)
    if rule is None:
        raise BadRule(problems, language)
    return rule


def _row(conn: Connection, audience_id: str) -> Row[Any]:
    row = definitions.one(conn, audience_id)
    if row is None:
        raise NotFound(what=f"audience {audience_id[:40]}")
    return row


def _users(conn: Connection, audience_id: str, everything: Book) -> list[Use]:
    nested = [Use(name, everything.names[name]) for name, named in everything.named.items() if audience_id in named]
    return nested + [use for users in USERS for use in users(conn, audience_id)]


def _views(store: Store, conn: Connection, rows: Sequence[Row[Any]]) -> list[AudienceView]:
    everything, called = book(conn), spoken(conn)
    news = queries.news_counts(conn, [row.id for row in rows], store.clock.now_ms() - DAY)
    settled_at = queries.head_of(conn).settled_at
    spent = definitions.spent(conn)
    return [
        AudienceView(
            id=row.id,
            name=row.name,
            description=row.description,
            rule=msgspec.json.decode(row.rule),
            kind=row.kind,
            schedule=schedule_of(row),
            top=msgspec.json.decode(row.top),
            live=row.kind == "live",
            size=len(members_of(store, conn, row.id)),
            version=row.version,
            fresh_at=iso(max(row.computed_at, settled_at if row.kind == "live" else 0)),
            next_at=iso(row.next_at) if row.next_at else None,
            computed_ms=round(row.computed_ms, 1),
            rows_read=row.rows_read,
            cost_share=round(row.computed_ms / spent[row.kind], 4) if spent.get(row.kind) else 0.0,
            entered_24h=news.get((row.id, "entered"), 0),
            left_24h=news.get((row.id, "left"), 0),
            created_at=iso(row.created_at),
            reading=_words(row, everything, called),
            used_by=_users(conn, row.id, everything),
            uses=[Use(name, everything.names.get(name, name)) for name in sorted(everything.named.get(row.id, ()))],
        )
        for row in rows
    ]


def _words(row: Row[Any], everything: Book, called: Spoken) -> Readings:
    if row.kind == "list":
        return Readings("上传的名单", "An uploaded list")
    words = read(everything.own[row.id], everything, called)
    ranked = ranked_of(row, everything.zone)
    return read_ranked(ranked.n, ranked.by, words, everything, called) if ranked else words


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
