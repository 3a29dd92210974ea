"""What operators and programs do with tags."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu import audiences
from siyu.accounts import RANK, Operator, audit
from siyu.audiences import Book, Moment, Problem, TagName, Use, moment_of
from siyu.catalog import Label
from siyu.kit import BadInput, Forbidden, Page, check_version, iso, iso_or_none, new_id, parse_iso, schema_of
from siyu.store import Store
from siyu.tags import compute, showing
from siyu.tags.giving import row_of
from siyu.tags.kinds import KINDS, Kind
from siyu.tags.problems import BadTag, TagInUse
from siyu.tags.queries import definitions, guard, scan, values
from siyu.tags.queries.scan import Ask, Source
from siyu.tags.refresh import run
from siyu.tags.types import (
    DayCount,
    KindView,
    PreviewDraft,
    PreviewView,
    RunView,
    TagDraft,
    TagView,
    Valued,
    ValuesView,
    Words,
)

_MOST = 50
_SAMPLE = 6
MOST_TAGS = 500

Users = Callable[[Connection, str], list[Use]]
USERS: list[Users] = []
"""Rooms above say here which of their things name a tag, by its id or, in texts, by ``tag.`` and its name; it can't be
deleted while one does, and keeps the name it goes by."""


def kinds() -> list[KindView]:
    """Every kind with its form."""
    return [
        KindView(
            kind.name,
            Words(kind.zh, kind.en),
            Words(**kind.hint),
            schema_of(kind.config),
            kind.how == "said",
            _role(kind),
        )
        for kind in KINDS.values()
    ]


def _role(kind: Kind) -> str:
    return "admin" if kind.how == "sql" else "operator"


def names_of_tags(conn: Connection) -> list[TagName]:
    """Tags as rules see them."""
    zone = audiences.zone_of(conn)
    return [_named_tag(conn, row, zone) for row in definitions.all_of(conn)]


def _named_tag(conn: Connection, row: Row[Any], zone: Any) -> TagName:
    kind, config = KINDS[row.kind], compute.config_of(row.kind, row.config)
    labels = {value: Label(one.zh, one.en) for value, one in showing.labels_of(conn, kind, config).items()}
    return TagName(row.id, row.name, _named(row, zone), kind.unit(config), labels)


audiences.TAGS.append(names_of_tags)


def _named(row: Row[Any], zone: Any) -> frozenset[str]:
    if row.kind != "rule":
        return frozenset()
    config = compute.config_of(row.kind, row.config)
    return frozenset().union(*(audiences.names_in_rule(one.rule, zone) for one in config.values))


def preview(store: Store, operator: Operator, draft: PreviewDraft, language: str) -> PreviewView:
    """How many would have which value, and some of them, without saving anything. Raises BadTag."""
    began = time.perf_counter()
    with store.state.read() as conn:
        everything, moment = audiences.book(conn), moment_of(conn, store.clock.now_ms())
    if draft.as_of is not None:
        moment = msgspec.structs.replace(moment, now=min(_time(draft.as_of), moment.now))
    ask = _checked(store, operator, draft, everything, "", moment, language)
    with ExitStack() as stack:
        source = _source(store, stack, ask, moment)
        everyone, _ = values.everyone(store.events)
        persons, found = values.counted(store.events, source, _MOST)
        levels = values.summary(store.events, source)
        people = values.sample(store.events, source, None, 0, _SAMPLE)
        sample = showing.valued(store, ask, people)
    counts = showing.value_counts(store, ask, persons, found)
    took = round((time.perf_counter() - began) * 1000, 1)
    unit = ask.kind.unit(ask.config)
    return PreviewView(persons, everyone, counts, levels, unit, sample, took, iso(moment.now))


def _source(store: Store, stack: ExitStack, ask: Ask, moment: Moment) -> Source:
    if ask.kind.how != "events":
        return stack.enter_context(compute.sources(store, [ask], moment))[ask.tag]
    ask = compute.with_edges(store, ask, moment)
    everybody = scan.Scope("1", store.events.canonical())
    return stack.enter_context(values.wide(store.events, [scan.events([ask], moment, everybody)], ["1"]))[0]


def _time(text: str) -> int:
    try:
        return parse_iso(text)
    except ValueError as error:
        raise BadInput(detail="as_of is no ISO 8601 time.") from error


def _checked(
    store: Store,
    operator: Operator,
    draft: TagDraft | PreviewDraft,
    everything: Book,
    own: str,
    moment: Moment,
    language: str,
) -> Ask:
    """The draft as it can be computed. Raises BadTag, naming everything that is wrong."""
    kind = KINDS[draft.kind]
    try:
        config: Any = msgspec.convert(draft.config, kind.config)
    except msgspec.ValidationError as error:
        raise BadTag([_misfit(error)], language) from error
    probes, problems = kind.probes(config, everything.zone)
    problems += kind.check(config)
    if kind.how == "rules":
        problems += compute.rules_of(config, everything, own, language)[1]
    if kind.how == "sql":
        problems += _sql_faults(store, operator, config.sql, moment)
    problems = list({(one.pointer, one.code): one for one in problems}.values())
    if problems:
        raise BadTag(problems, language)
    return Ask(own, kind, config, probes, {})


def _sql_faults(store: Store, operator: Operator, sql: str, moment: Moment) -> list[Problem]:
    if RANK[operator.role] < RANK["admin"]:
        raise Forbidden(role="admin")
    problems = guard.check(store.events, sql, operator.role)
    return problems or guard.try_out(store.events, sql, moment.now)


def _misfit(error: msgspec.ValidationError) -> Problem:
    """``Expected `int` - at `$.top``` as a problem at its field."""
    text, _, path = str(error).partition(" - at `$")
    pointer = path.rstrip("`").replace("[...]", "").replace("[", "/").replace("]", "").replace(".", "/").lstrip("/")
    return Problem(pointer, "bad_config", {"detail": text})


def create(store: Store, operator: Operator, draft: TagDraft, language: str) -> TagView:
    """Make a tag and compute it for everybody. Raises BadTag."""
    tag_id = declare(store, operator, draft, language)
    with store.state.read() as conn:
        row = row_of(conn, tag_id)
    run(store, [row])
    return show(store, tag_id)


def declare(store: Store, operator: Operator, draft: TagDraft, language: str) -> str:
    """Make a tag that is computed later; answers its id. Raises BadTag."""
    tag_id = new_id("tag")
    _save(store, operator, draft, None, tag_id, language)
    return tag_id


def change(
    store: Store, operator: Operator, tag_id: str, draft: TagDraft, if_match: str | None, language: str
) -> TagView:
    """Replace a tag's definition; it is computed anew at once. Raises StaleEdit, BadTag."""
    with store.state.read() as conn:
        row = row_of(conn, tag_id)
        check_version(if_match, row.version)
    _save(store, operator, draft, row, tag_id, language, if_match)
    return show(store, tag_id)


def _save(
    store: Store,
    operator: Operator,
    draft: TagDraft,
    row: Row[Any] | None,
    tag_id: str,
    language: str,
    if_match: str | None = None,
) -> None:
    with store.state.read() as conn:
        everything, moment = audiences.book(conn), moment_of(conn, store.clock.now_ms())
        problems = _naming(conn, draft, tag_id)
    kind = KINDS[draft.kind]
    if row is not None and row.kind != draft.kind:
        problems.append(Problem("kind", "kind_stays"))
    try:
        ask = _checked(store, operator, draft, everything, tag_id, moment, language)
    except BadTag as error:
        raise BadTag(problems + error.problems, language) from error
    if draft.live and (kind.how == "said" or not kind.per_person(ask.config)):
        problems.append(Problem("live", "no_schedule" if kind.how == "said" else "not_live"))
    if draft.schedule is not None and kind.how == "said":
        problems.append(Problem("schedule", "no_schedule"))
    if problems:
        raise BadTag(problems, language)
    columns = _columns(draft, operator)
    with store.state.write() as conn:
        if row is None:
            now = store.clock.now_ms()
            first = {"id": tag_id, "version": 1, "created_at": now, "next_at": 0, "fresh_at": 0, "persons": 0}
            definitions.add(conn, first | columns | {"facts": "{}"})
            audit(conn, operator, "tag.create", tag_id, {"kind": draft.kind})
            return
        row = row_of(conn, tag_id)
        check_version(if_match, row.version)
        definitions.update(conn, tag_id, columns | {"version": row.version + 1, "next_at": store.clock.now_ms()})
        audit(conn, operator, "tag.change", tag_id, {"kind": draft.kind})


def _naming(conn: Connection, draft: TagDraft, tag_id: str) -> list[Problem]:
    name = draft.name.strip()
    if not 1 <= len(name) <= 100:
        return [Problem("name", "name_needed")]
    held, own = definitions.named(conn, name), definitions.one(conn, tag_id)
    if held is not None and held.id != tag_id:
        return [Problem("name", "name_taken", {"name": name})]
    texts = _naming_texts(conn, f"tag.{own.name}") if own is not None and own.name != name else []
    return [Problem("name", "name_in_texts", {"users": _listed(texts)})] if texts else []


def _naming_texts(conn: Connection, text: str) -> list[Use]:
    return [use for users in USERS for use in users(conn, text)]


def _listed(users: Sequence[Use]) -> str:
    return ", ".join(one.name for one in users[:5])


def _columns(draft: TagDraft, operator: Operator) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "description": draft.description.strip()[:2_000],
        "kind": draft.kind,
        "config": msgspec.json.encode(draft.config).decode(),
        "live": draft.live,
        "schedule": msgspec.json.encode(draft.schedule).decode(),
        "empty": draft.empty,
        "made_by": operator.role,
    }


def refresh(store: Store, operator: Operator, tag_id: str) -> TagView:
    """Have a tag computed now, by the loop that does so."""
    with store.state.write() as conn:
        row_of(conn, tag_id)
        definitions.update(conn, tag_id, {"next_at": store.clock.now_ms()})
        audit(conn, operator, "tag.refresh", tag_id, {})
    return show(store, tag_id)


def delete(store: Store, operator: Operator, tag_id: str) -> None:
    """Raises TagInUse while an audience, a journey, a template or another tag uses it."""
    with store.state.write() as conn:
        row = row_of(conn, tag_id)
        users = _users(conn, tag_id, audiences.book(conn))
        if users:
            raise TagInUse(users=_listed(users))
        definitions.drop(conn, tag_id)
        audit(conn, operator, "tag.delete", tag_id, {"name": row.name})
    values.forget(store.events, tag_id)


def _users(conn: Connection, tag_id: str, everything: Book) -> list[Use]:
    named = [
        Use(name, everything.names[name])
        for name, names in everything.named.items()
        if tag_id in names and (name.startswith("tag_") or name in everything.own)
    ]
    others = _naming_texts(conn, tag_id) + _naming_texts(conn, f"tag.{everything.names.get(tag_id, tag_id)}")
    return named + list({one.id: one for one in others}.values())


def show(store: Store, tag_id: str) -> TagView:
    with store.state.read() as conn:
        return _views(store, conn, [row_of(conn, tag_id)])[0]


def every(store: Store) -> list[TagView]:
    """All tags, the newest first."""
    with store.state.read() as conn:
        return _views(store, conn, definitions.all_of(conn))


def _views(store: Store, conn: Connection, rows: Sequence[Row[Any]]) -> list[TagView]:
    everything, runs = audiences.book(conn), definitions.last_runs(conn)
    everyone, _ = values.everyone(store.events)
    now = store.clock.now_ms()
    return [
        _view(conn, row, everything, runs.get(row.id), everyone, now, _users(conn, row.id, everything)) for row in rows
    ]


def _view(
    conn: Connection,
    row: Row[Any],
    everything: Book,
    last: Row[Any] | None,
    everyone: int,
    now: int,
    users: list[Use],
) -> TagView:
    kind = KINDS[row.kind]
    config = compute.config_of(row.kind, row.config)
    named = sorted(everything.named.get(row.id, ()))
    return TagView(
        id=row.id,
        name=row.name,
        description=row.description,
        kind=row.kind,
        config=msgspec.json.decode(row.config),
        live=row.live,
        schedule=msgspec.json.decode(row.schedule, type=audiences.Schedule | None),
        empty=row.empty,
        version=row.version,
        created_at=iso(row.created_at),
        fresh_at=iso_or_none(row.fresh_at),
        next_at=iso_or_none(row.next_at),
        waiting=0 < row.next_at <= now,
        persons=row.persons,
        coverage=round(row.persons / everyone, 4) if everyone else 0.0,
        unit=kind.unit(config),
        labels=showing.labels_of(conn, kind, config),
        given=kind.how == "said",
        last_run=_run(last) if last is not None else None,
        used_by=users,
        uses=[Use(name, everything.names.get(name, name)) for name in named],
    )


def _run(row: Row[Any]) -> RunView:
    return RunView(iso(row.as_of), round(row.took_ms, 1), row.persons, row.changed, row.fault)


def runs_of(store: Store, tag_id: str) -> list[RunView]:
    """The last runs, the latest first."""
    with store.state.read() as conn:
        row_of(conn, tag_id)
        return [_run(row) for row in definitions.runs_of(conn, tag_id, 50)]


def values_of(store: Store, tag_id: str) -> ValuesView:
    """How many have which value now."""
    ask = ask_of(store, tag_id)
    source = values.holding(tag_id)
    persons, found = values.counted(store.events, source, _MOST)
    return ValuesView(persons, showing.value_counts(store, ask, persons, found), values.summary(store.events, source))


def days_of(store: Store, tag_id: str, since: str) -> list[DayCount]:
    """How many had which value day by day, from a day (ISO date) on."""
    with store.state.read() as conn:
        row_of(conn, tag_id)
        rows = definitions.counts_since(conn, tag_id, since)
    return [DayCount(row.day, row.value, row.persons) for row in rows]


def persons_of(store: Store, tag_id: str, value: str | None, after: str | None, limit: int) -> Page[Valued]:
    """Persons with a value, or with one value, by number."""
    ask = ask_of(store, tag_id)
    start = showing.cursor(after)
    people = values.sample(store.events, values.holding(tag_id), value, start, limit + 1)
    items = showing.valued(store, ask, people[:limit])
    return Page(items, str(people[limit - 1][0]) if len(people) > limit else None)


def ask_of(store: Store, tag_id: str) -> Ask:
    with store.state.read() as conn:
        return compute.ask_of(row_of(conn, tag_id), audiences.zone_of(conn))
