"""All SQL of the journeys room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.identity import Move
from siyu.journeys.tables import counts, journeys, marks, misses, runs, steps, versions
from siyu.journeys.types import Entry, Run, Step
from siyu.store import Store, bulk, chunks, insert_for

Mark = tuple[int, int, str]
"""Person, anchor, event."""

_MANY = 5_000
"""Persons bound into one IN list; half the limit of the tightest database."""


# Journeys and versions


def insert_journey(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(journeys).values(dict(values)))


def update_journey(conn: Connection, id: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(journeys).where(journeys.c.id == id).values(dict(values)))


def journey(conn: Connection, id: str) -> Row[Any] | None:
    return conn.execute(sa.select(journeys).where(journeys.c.id == id)).one_or_none()


def list_journeys(conn: Connection, after: tuple[int, str] | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first."""
    query = sa.select(journeys).order_by(journeys.c.created_at.desc(), journeys.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(journeys.c.created_at, journeys.c.id) < sa.tuple_(*after))
    return conn.execute(query).all()


def in_state(conn: Connection, states: Sequence[str]) -> Sequence[Any]:
    """(id, name, state, published_version, published_at) of published journeys in these states, the oldest first."""
    columns = (journeys.c.id, journeys.c.name, journeys.c.state, journeys.c.published_version, journeys.c.published_at)
    query = sa.select(*columns).where(journeys.c.state.in_(states), journeys.c.published_version.is_not(None))
    return conn.execute(query.order_by(journeys.c.created_at, journeys.c.id)).all()


def insert_version(conn: Connection, journey_id: str, number: int, graph: str, now: int, by: str) -> None:
    values = {"journey_id": journey_id, "number": number, "graph": graph, "published_at": now, "published_by": by}
    conn.execute(sa.insert(versions).values(values))


def version_graphs(conn: Connection, journey_ids: Sequence[str]) -> dict[tuple[str, int], str]:
    """The graph of every version of some journeys."""
    found: dict[tuple[str, int], str] = {}
    for part in chunks(journey_ids):
        rows = conn.execute(
            sa.select(versions.c.journey_id, versions.c.number, versions.c.graph).where(versions.c.journey_id.in_(part))
        )
        found.update(((row.journey_id, row.number), row.graph) for row in rows)
    return found


def started_at(conn: Connection, journey_id: str, number: int) -> int:
    """When a version was published."""
    where = sa.and_(versions.c.journey_id == journey_id, versions.c.number == number)
    return int(conn.execute(sa.select(versions.c.published_at).where(where)).scalar_one())


# Runs


def past_runs(conn: Connection, journey_id: str, persons: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """Person → (when they last entered, whether they are still inside)."""
    found: dict[int, tuple[int, bool]] = {}
    inside = sa.func.max(sa.case((runs.c.state.in_(["waiting", "parked"]), 1), else_=0))
    for part in chunks(persons, _MANY):
        rows = conn.execute(
            sa.select(runs.c.person_id, sa.func.max(runs.c.entered_at), inside)
            .where(runs.c.person_id.in_(part), runs.c.journey_id == journey_id)
            .group_by(runs.c.person_id)
        )
        found.update((row[0], (row[1], bool(row[2]))) for row in rows)
    return found


def insert_runs(conn: Connection, journey_id: str, version: int, node: str, entries: Sequence[Entry]) -> int:
    """Begin runs at ``node``, due from the moment of their event on. What began before begins no second time."""
    return bulk(
        conn,
        "INSERT INTO journeys_runs"
        " (journey_id, version, person_id, anchor, entry_key, event, node_id, state, entered_at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT DO NOTHING",
        [(journey_id, version, e.person, e.anchor, e.key, e.props, node, e.at, e.at) for e in entries],
    )


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        journey=row.journey_id,
        version=row.version,
        person=row.person_id,
        node=row.node_id,
        state=row.state,
        entered_at=row.entered_at,
        due_at=row.due_at,
        arrived_at=row.arrived_at,
        event=row.event,
        signal=row.signal,
        outcome=row.outcome,
        ended_at=row.ended_at,
    )


def next_due(conn: Connection, journey_id: str) -> int | None:
    where = sa.and_(runs.c.journey_id == journey_id, runs.c.state == "waiting")
    return conn.execute(sa.select(sa.func.min(runs.c.due_at)).where(where)).scalar()


def claim(conn: Connection, journey_id: str, worker: str, now: int, until: int, limit: int, lone: bool) -> list[int]:
    """Lease due runs of a journey. ``lone``: no other process can hold a living lease."""
    free = runs.c.lease_until <= now
    if lone:
        free = sa.or_(free, runs.c.lease_by != worker)
    due = (
        sa.select(runs.c.id)
        .where(runs.c.journey_id == journey_id, runs.c.state == "waiting", runs.c.due_at <= now, free)
        .order_by(runs.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(
        conn.execute(
            sa.update(runs)
            .where(runs.c.id.in_(due.scalar_subquery()))
            .values(lease_by=worker, lease_until=until)
            .returning(runs.c.id)
        ).scalars()
    )


def leased(conn: Connection, ids: Sequence[int], worker: str) -> list[Run]:
    """Those of the claimed runs that are still waiting and still ours, locked, in the order they began."""
    found: list[Run] = []
    for part in chunks(ids):
        rows = conn.execute(
            sa.select(runs)
            .where(runs.c.id.in_(part), runs.c.state == "waiting", runs.c.lease_by == worker)
            .with_for_update()
        )
        found += [_run(row) for row in rows]
    return sorted(found, key=lambda run: run.id)


def waiting_of(conn: Connection, persons: Sequence[int]) -> list[Run]:
    """Runs of these persons that have not ended."""
    found: list[Run] = []
    for part in chunks(persons, _MANY):
        rows = conn.execute(
            sa.select(runs)
            .where(runs.c.person_id.in_(part), runs.c.state.in_(["waiting", "parked"]))
            .order_by(runs.c.id)
        )
        found += [_run(row) for row in rows]
    return found


def unended(conn: Connection, journey_id: str, after: int, limit: int) -> list[Run]:
    """Runs of a journey that have not ended, in order of their id."""
    where = sa.and_(runs.c.journey_id == journey_id, runs.c.state.in_(["waiting", "parked"]), runs.c.id > after)
    return [_run(row) for row in conn.execute(sa.select(runs).where(where).order_by(runs.c.id).limit(limit))]


def save_runs(conn: Connection, changed: Iterable[Run]) -> None:
    """Write where runs stand now, and give their leases back."""
    bulk(
        conn,
        "UPDATE journeys_runs SET node_id = ?, state = ?, due_at = ?, arrived_at = ?, signal = ?, outcome = ?,"
        " ended_at = ?, lease_by = '', lease_until = 0 WHERE id = ?",
        [(r.node, r.state, r.due_at, r.arrived_at, r.signal, r.outcome, r.ended_at, r.id) for r in changed],
    )


def run(conn: Connection, journey_id: str, id: int) -> Run | None:
    row = conn.execute(sa.select(runs).where(runs.c.journey_id == journey_id, runs.c.id == id)).one_or_none()
    return _run(row) if row else None


def list_runs(conn: Connection, journey_id: str, state: str | None, after: int | None, limit: int) -> list[Run]:
    """Newest first."""
    query = sa.select(runs).where(runs.c.journey_id == journey_id).order_by(runs.c.id.desc()).limit(limit)
    if state:
        query = query.where(runs.c.state == state)
    if after is not None:
        query = query.where(runs.c.id < after)
    return [_run(row) for row in conn.execute(query)]


def runs_of(conn: Connection, journey_id: str, person: int) -> list[Run]:
    """All runs of a person in a journey, oldest first."""
    where = sa.and_(runs.c.person_id == person, runs.c.journey_id == journey_id)
    return [_run(row) for row in conn.execute(sa.select(runs).where(where).order_by(runs.c.entered_at, runs.c.id))]


def parked_count(conn: Connection) -> int:
    where = sa.and_(counts.c.node_id == "", counts.c.name == "parked")
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.sum(counts.c.count), 0)).where(where)).scalar_one())


# Trace


def insert_steps(conn: Connection, rows: Sequence[Step]) -> None:
    bulk(
        conn,
        "INSERT INTO journeys_steps (run_id, at, node_id, kind, code, params) VALUES (?, ?, ?, ?, ?, ?)",
        [(s.run, s.at, s.node, s.kind, s.code, msgspec.json.encode(s.params).decode()) for s in rows],
    )


def steps_of(conn: Connection, run_ids: Sequence[int]) -> list[Step]:
    """Decisions about runs, in order."""
    found: list[Step] = []
    for part in chunks(run_ids):
        rows = conn.execute(sa.select(steps).where(steps.c.run_id.in_(part)).order_by(steps.c.id))
        found += [
            Step(row.run_id, row.at, row.node_id, row.kind, row.code, msgspec.json.decode(row.params)) for row in rows
        ]
    return found


def put_misses(conn: Connection, rows: Sequence[tuple[str, int, int, str, dict[str, Any]]]) -> None:
    """Rows are (journey, person, at, code, params); the later one stays."""
    bulk(
        conn,
        "INSERT INTO journeys_misses (journey_id, person_id, at, code, params) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (journey_id, person_id) DO UPDATE SET at = excluded.at, code = excluded.code,"
        " params = excluded.params WHERE excluded.at >= journeys_misses.at",
        [
            (journey, person, at, code, msgspec.json.encode(params).decode())
            for journey, person, at, code, params in rows
        ],
    )


def miss_of(conn: Connection, journey_id: str, person: int) -> Row[Any] | None:
    where = sa.and_(misses.c.journey_id == journey_id, misses.c.person_id == person)
    return conn.execute(sa.select(misses).where(where)).one_or_none()


def trigger_events(store: Store, persons: Sequence[int], events: Sequence[str]) -> list[tuple[str, int, int, str]]:
    """(event, time, received, props as JSON text) of the newest 20 events that could have made somebody enter."""
    rows = store.events.query(
        "SELECT event, toUnixTimestamp64Milli(time), toUnixTimestamp64Milli(received), toJSONString(props) FROM events"
        " WHERE person IN {persons:Array(UInt64)} AND event IN {events:Array(String)} ORDER BY time DESC LIMIT 20",
        {"persons": list(persons), "events": list(events)},
        max_seconds=5,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


# Marks


def put_marks(conn: Connection, rows: Mapping[Mark, int]) -> None:
    """(person, anchor, event) → when; the later one stays."""
    bulk(
        conn,
        "INSERT INTO journeys_marks (person_id, anchor, event, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (person_id, anchor, event) DO UPDATE SET at = excluded.at"
        " WHERE excluded.at > journeys_marks.at",
        [(*mark, at) for mark, at in rows.items()],
    )


def marks_of(conn: Connection, persons: Sequence[int], events: Sequence[str]) -> dict[tuple[int, str], int]:
    """(person, event) → when they last did it, by whichever anchor."""
    found: dict[tuple[int, str], int] = {}
    for part in chunks(persons):
        rows = conn.execute(
            sa.select(marks.c.person_id, marks.c.event, sa.func.max(marks.c.at))
            .where(marks.c.person_id.in_(part), marks.c.event.in_(events))
            .group_by(marks.c.person_id, marks.c.event)
        )
        found.update(((row[0], row[1]), row[2]) for row in rows)
    return found


# Merges and splits


def move(conn: Connection, moves: Sequence[Move]) -> None:
    """Give runs and marks to whom their anchors belong now, in the order of the moves.

    A run the other person has had already stays where it is.
    """
    other = runs.alias()
    has_it = sa.exists().where(
        other.c.person_id == sa.bindparam("new"),
        other.c.journey_id == runs.c.journey_id,
        other.c.entry_key == runs.c.entry_key,
    )
    run_moves = (
        sa.update(runs)
        .where(runs.c.person_id == sa.bindparam("old"), ~has_it)
        .values(person_id=sa.bindparam("new"), lease_by="", lease_until=0)
    )
    mark_moves = sa.update(marks).where(marks.c.person_id == sa.bindparam("old"))
    mark_moves = mark_moves.values(person_id=sa.bindparam("new"))
    for one in moves:
        pair = {"old": one.source, "new": one.target}
        for part in [None] if one.anchors is None else chunks(one.anchors):
            conn.execute(run_moves if part is None else run_moves.where(runs.c.anchor.in_(part)), pair)
            conn.execute(mark_moves if part is None else mark_moves.where(marks.c.anchor.in_(part)), pair)


def run_owners(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Run → the person who is on it."""
    found: dict[int, int] = {}
    for part in chunks(ids):
        rows = conn.execute(sa.select(runs.c.id, runs.c.person_id).where(runs.c.id.in_(part)))
        found.update((row[0], row[1]) for row in rows)
    return found


# Counts


def add_counts(conn: Connection, changes: Mapping[tuple[str, str, str], int]) -> None:
    """(journey, node, name) → how many more (or fewer)."""
    insert = insert_for(conn)(counts)
    rows = [
        {"journey_id": key[0], "node_id": key[1], "name": key[2], "count": change}
        for key, change in sorted(changes.items())
        if change
    ]
    if rows:
        conn.execute(
            insert.on_conflict_do_update(
                index_elements=["journey_id", "node_id", "name"],
                set_={"count": counts.c.count + insert.excluded.count},
            ),
            rows,
        )


def counts_of(conn: Connection, journey_ids: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """(journey, node, name) → count."""
    found: dict[tuple[str, str, str], int] = {}
    for part in chunks(journey_ids):
        rows = conn.execute(sa.select(counts).where(counts.c.journey_id.in_(part)))
        found.update(((row[0], row[1], row[2]), row[3]) for row in rows)
    return found


def holdout_steps(conn: Connection, journey_id: str) -> Sequence[Row[int, str, int, str]]:
    """(person, treated or held_out, at, params) of everybody a holdout of a journey has decided about, in order."""
    query = sa.select(runs.c.person_id, steps.c.code, steps.c.at, steps.c.params).join(
        runs, runs.c.id == steps.c.run_id
    )
    where = sa.and_(runs.c.journey_id == journey_id, steps.c.code.in_(["treated", "held_out"]))
    return conn.execute(query.where(where).order_by(steps.c.id)).all()
