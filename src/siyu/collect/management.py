"""Sources and how they do: keys, health, the pipeline's state, the newest records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.collect import counters, management_queries, queries
from siyu.collect.identifiers import family
from siyu.collect.management_queries import SourceRow
from siyu.collect.recent import Recent, Seen
from siyu.collect.types import Record
from siyu.collect.views import (
    Backlog,
    DebuggerEvent,
    MaskedIdentifier,
    NewSource,
    PipelineView,
    Place,
    SourceChange,
    SourceCount,
    SourceView,
    StageCount,
    Unjoined,
)
from siyu.kit import (
    DAY,
    BadInput,
    NotFound,
    Page,
    check_version,
    iso,
    iso_or_none,
    mask_identifier,
    new_id,
    new_token,
    person_ref,
)
from siyu.store import Store

FindPersons = Callable[[Sequence[str]], Mapping[str, int]]
"""Identifier keys → persons, for those that are known."""

_MOST_PLACES = 500
STANDARD_IMPORT = "src_import"
"""The import source files belong to when nobody names another."""


# --- sources


def add_source(conn: Connection, operator: Operator, wanted: NewSource, now: int) -> SourceView:
    row = SourceRow(new_id("src"), wanted.name.strip(), wanted.kind, wanted.category, new_token(), now, False, 1)
    if not row.name:
        raise BadInput(detail="the name may not be blank.")
    management_queries.add_source(conn, row)
    audit(conn, operator, "collect.source_added", row.id, {"name": row.name, "kind": row.kind})
    return _source_view(row, (0, 0), 0)


def list_sources(store: Store, after: str | None, limit: int) -> Page[SourceView]:
    """Newest first."""
    with store.state.read() as conn:
        rows = management_queries.list_sources(conn, _place(conn, after), limit + 1)
    views = _with_health(store, rows[:limit])
    return Page(views, views[-1].id if len(rows) > limit else None)


def _place(conn: Connection, after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    row = management_queries.source(conn, after)
    if row is None:
        raise BadInput(detail="after is no cursor of this list.")
    return row.created_at, row.id


def show_source(store: Store, source_id: str) -> SourceView:
    with store.state.read() as conn:
        row = _source(conn, source_id)
    return _with_health(store, [row])[0]


def _source(conn: Connection, source_id: str) -> SourceRow:
    row = management_queries.source(conn, source_id)
    if row is None:
        raise NotFound(what=source_id)
    return row


def _with_health(store: Store, rows: Sequence[SourceRow]) -> list[SourceView]:
    since = store.clock.now_ms() - DAY
    with store.state.read() as conn:
        counts = counters.by_source(conn, since)
    with store.inbox.read() as conn:
        errors = management_queries.waiting_by_source(conn, since)
    return [_source_view(row, counts.get(row.id, (0, 0)), errors.get(row.id, 0)) for row in rows]


def _source_view(row: SourceRow, counted: tuple[int, int], errors: int) -> SourceView:
    return SourceView(
        id=row.id,
        name=row.name,
        kind=row.kind,  # type: ignore[arg-type]
        category=row.category,
        write_key=row.write_key,
        created_at=iso(row.created_at),
        disabled=row.disabled,
        count_24h=counted[0],
        last_at=iso_or_none(counted[1]),
        errors_24h=errors,
        version=row.version,
    )


def unjoined(store: Store) -> list[Unjoined]:
    """How much of what each source brings is known from that source alone."""
    found = management_queries.unjoined(store.events, store.clock.now_ms() - 30 * DAY)
    return [Unjoined(source, events, alone) for source, (events, alone) in sorted(found.items())]


def coverage(store: Store) -> list[Place]:
    """Every place of the source tree, in its order: who buys there, and whether anybody comes in from there."""
    with store.state.read() as conn:
        rows = management_queries.list_sources(conn, None, _MOST_PLACES)
    places = {row.id: row.category or row.name for row in rows if row.kind != "webhook"}
    since = store.clock.now_ms() - 365 * DAY
    found = {name: figures for name, *figures in management_queries.coverage(store.events, since, places)}
    shown = []
    for place in sorted(set(places.values())):
        buyers, inside, came = found.get(place, (0, 0, 0))
        names = sorted(row.name for row in rows if places.get(row.id) == place)
        shown.append(Place(place, names, buyers, inside, came, covered=came > 0 or buyers == 0))
    return shown


def change_source(
    conn: Connection, operator: Operator, source_id: str, change: SourceChange, if_match: str | None
) -> None:
    """Raises NotFound, StaleEdit."""
    check_version(if_match, _source(conn, source_id).version)
    alter_source(conn, operator, source_id, change)


def alter_source(conn: Connection, operator: Operator, source_id: str, change: SourceChange) -> None:
    """Change the source of a thing whose own version has been checked. Raises BadInput."""
    values = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET}
    if "name" in values and not str(values["name"]).strip():
        raise BadInput(detail="the name may not be blank.")
    if values:
        management_queries.change_source(conn, source_id, values)
        audit(conn, operator, "collect.source_changed", source_id, values)


def disable_source(conn: Connection, operator: Operator, source_id: str) -> None:
    """What it sent stays; what it sends from now on is refused."""
    _source(conn, source_id)
    management_queries.change_source(conn, source_id, {"disabled": True})
    audit(conn, operator, "collect.source_disabled", source_id, {})


def rotate_key(conn: Connection, operator: Operator, source_id: str) -> None:
    """The old key stops working at once (within seconds in other processes)."""
    _source(conn, source_id)
    management_queries.change_source(conn, source_id, {"write_key": new_token()})
    audit(conn, operator, "collect.source_key_rotated", source_id, {})


def import_source(conn: Connection, source_id: str | None, now: int) -> str:
    """The source an import belongs to; the standard one is made when it is first needed. Raises NotFound."""
    if source_id is not None:
        if _source(conn, source_id).kind != "import":
            raise BadInput(detail="an import needs a source of the kind import.")
        return source_id
    if management_queries.source(conn, STANDARD_IMPORT) is None:
        row = SourceRow(STANDARD_IMPORT, "文件导入", "import", "", new_token(), now, False, 1)
        management_queries.add_source(conn, row)
    return STANDARD_IMPORT


# --- the pipeline


def pipeline_view(store: Store) -> PipelineView:
    """Counts of a day by stage and source, what waits, and when the last batch settled."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        stages = counters.by_stage(conn, now - DAY)
        counts = counters.by_source(conn, now - DAY)
        names = management_queries.source_names(conn)
        mark = queries.settled_mark(conn, queries.DOOR)
        own = queries.settled_mark(conn, queries.OWN)
    with store.inbox.read() as conn:
        waiting = queries.backlog(conn, mark.last_id)
        oldest = management_queries.oldest_waiting(conn, mark.last_id)
        errors = management_queries.waiting_by_source(conn, now - DAY)
    behind = max(now - oldest, 0) if oldest else 0
    return PipelineView(
        [_stage(stage, stages.get(stage, (0, 0, 0)), behind, sum(errors.values())) for stage in counters.STAGES],
        [
            SourceCount(
                one, name, kind, counts.get(one, (0, 0))[0], iso_or_none(counts.get(one, (0, 0))[1]), errors.get(one, 0)
            )
            for one, (name, kind) in names.items()
        ],
        Backlog(*waiting),
        iso_or_none(max(mark.at, own.at)),
    )


def _stage(stage: str, counted: tuple[int, int, int], behind: int, refused: int) -> StageCount:
    """At the door nothing lags and errors are what was put aside; later stages lag at least as much as what waits."""
    count, errors, lag = counted
    if stage == "collect":
        return StageCount(stage, count, 0, refused)
    return StageCount(stage, count, max(lag, behind), errors)


# --- the newest records


_WINDOW_DAYS = 7


def _engine_events(
    store: Store, source_id: str | None, until: int, names: dict[str, tuple[str, str]]
) -> list[DebuggerEvent]:
    """What the engine knows from before this process started."""
    now = store.clock.now_ms()
    rows = management_queries.newest_events(store.events, source_id, now - _WINDOW_DAYS * DAY, until)
    return [
        DebuggerEvent(
            f"k{key}", iso(_ms(received)), iso(_ms(time)), event, person_ref(person), [], source,
            names.get(source, (source, ""))[0], _object(props), _object(context),
        )
        for person, time, event, source, received, key, props, context in rows
    ]  # fmt: skip


def _ms(moment: Any) -> int:
    return int(moment.timestamp() * 1000)


def newest_records(
    store: Store,
    recent: Recent,
    find_persons: FindPersons,
    source_id: str | None,
    after: str | None,
    limit: int,
) -> Page[DebuggerEvent]:
    """What came in last, the newest first: records of this process, then what the engine knows from before."""
    before = _number(after) if after else None
    seen = recent.newest(source_id, before, limit)
    with store.state.read() as conn:
        names = management_queries.source_names(conn)
    persons = find_persons([seen_one.record.ids[0] for seen_one in seen if seen_one.record.ids]) if seen else {}
    items = [_event_view(one, persons, names) for one in seen]
    if len(items) < limit and before is None:
        if source_id not in recent.past:
            recent.past[source_id] = _engine_events(store, source_id, recent.since, names)
        items += recent.past[source_id][: limit - len(items)]
    full = len(seen) == limit
    return Page(items, items[-1].id if full else None)


def _number(after: str) -> int:
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise BadInput(detail="after is no cursor of this list.")
    return int(after)


def _event_view(seen: Seen, persons: Mapping[str, int], names: dict[str, tuple[str, str]]) -> DebuggerEvent:
    record = seen.record
    person = persons.get(record.ids[0]) if record.ids else None
    return DebuggerEvent(
        id=str(seen.number),
        received_at=iso(seen.received_at),
        time=iso(record.time),
        event=record.event or "identify",
        person=person_ref(person) if person is not None else None,
        identifiers=[_masked(key) for key in record.ids],
        source_id=seen.source_id,
        source_name=names.get(seen.source_id, (seen.source_id, ""))[0],
        props=_object(record.props) if record.event else _traits(record),
        context=_object(record.context),
    )


def _masked(key: str) -> MaskedIdentifier:
    kind, _, value = key.partition(":")
    return MaskedIdentifier(kind, mask_identifier(family(key), value))


def _traits(record: Record) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for op in record.traits:
        changes.setdefault(op.verb, {})[op.name] = msgspec.json.decode(op.value) if op.value else None
    return changes


def _object(text: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"text": text}
    return found if isinstance(found, dict) else {"value": found}
