"""SQL of journeys, their versions, runs, traces and counts; what else there is has a file of its own."""

# ruff: noqa: S608 - what is put into the text are ids of ours that were looked at

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.identity import Move
from siyu.journeys.tables import counts, journeys, marks, misses, runs, steps, versions
from siyu.journeys.types import ENDED, Entry, Run, Step
from siyu.store import among, bulk, chunks, insert_for

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


def texts(conn: Connection) -> list[tuple[str, str, str]]:
    """(id, name, graph as JSON text) of every journey: the draft, and where it differs what runs."""
    drafts = sa.select(journeys.c.id, journeys.c.name, journeys.c.graph)
    running = sa.select(journeys.c.id, journeys.c.name, versions.c.graph).join(
        versions,
        sa.and_(versions.c.journey_id == journeys.c.id, versions.c.number == journeys.c.published_version),
    )
    return [(row[0], row[1], row[2]) for row in conn.execute(drafts.union(running))]


def in_state(conn: Connection, states: Sequence[str]) -> Sequence[Any]:
    """(id, name, state, published_version, published_at) of published journeys in these states, the oldest first."""
    columns = (journeys.c.id, journeys.c.name, journeys.c.state, journeys.c.published_version, journeys.c.published_at)
    query = sa.select(*columns).where(journeys.c.state.in_(states), journeys.c.published_version.is_not(None))
    return conn.execute(query.order_by(journeys.c.created_at, journeys.c.id)).all()


def names(conn: Connection) -> dict[str, str]:
    """Journey → what operators call it."""
    return {row[0]: row[1] for row in conn.execute(sa.select(journeys.c.id, journeys.c.name))}


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


def list_versions(conn: Connection, journey_id: str) -> list[Row[Any]]:
    """The newest 50, each with how many runs are ``inside``."""
    inside = (
        sa.select(sa.func.count())
        .where(runs.c.journey_id == versions.c.journey_id)
        .where(runs.c.version == versions.c.number)
        .where(runs.c.state.not_in(ENDED))
        .scalar_subquery()
        .label("inside")
    )
    mine = versions.c.journey_id == journey_id
    rows = conn.execute(sa.select(versions, inside).where(mine).order_by(versions.c.number.desc()).limit(50))
    return list(rows.all())


def started_at(conn: Connection, journey_id: str, number: int) -> int:
    """When a version was published."""
    where = sa.and_(versions.c.journey_id == journey_id, versions.c.number == number)
    return int(conn.execute(sa.select(versions.c.published_at).where(where)).scalar_one())


# Runs


class Past(msgspec.Struct, frozen=True):
    """The runs a person has had in a journey: when the last began, whether one goes on, how many."""

    last_at: int
    inside: bool
    times: int


def past_runs(conn: Connection, journey_id: str, persons: Sequence[int]) -> dict[int, Past]:
    """Person → the runs they have had; nothing for those who had none."""
    number = conn.execute(sa.select(runs.c.id).where(runs.c.journey_id == journey_id).limit(1)).first()
    if number is None:
        return {}
    rows = among(
        conn,
        "SELECT person_id, max(entered_at), max(CASE WHEN state IN ('waiting', 'parked') THEN 1 ELSE 0 END), count(*)"
        f" FROM journeys_runs WHERE person_id IN {{values}} AND journey_id = {_literal(journey_id)} GROUP BY person_id",
        persons,
    )
    return {row[0]: Past(row[1], bool(row[2]), row[3]) for row in rows}


def _literal(journey_id: str) -> str:
    """An id of ours inside a statement over a set, which binds the set alone."""
    if not journey_id.replace("_", "").isalnum():
        raise ValueError(journey_id)
    return f"'{journey_id}'"


def known_entries(conn: Connection, journey_id: str, entries: Sequence[Entry]) -> set[tuple[int, str]]:
    """(person, key) of those entries that have begun a run before."""
    found: set[tuple[int, str]] = set()
    for part in chunks([entry.person for entry in entries]):
        rows = conn.execute(
            sa.select(runs.c.person_id, runs.c.entry_key).where(
                runs.c.person_id.in_(part), runs.c.journey_id == journey_id
            )
        )
        found.update((row[0], row[1]) for row in rows)
    return found


def insert_runs(conn: Connection, journey_id: str, version: int, node: str, entries: Sequence[Entry]) -> int:
    """Begin runs at ``node``, due from the moment of their event on. What began before begins no second time."""
    return bulk(
        conn,
        "INSERT INTO journeys_runs"
        " (journey_id, version, person_id, anchor, entry_key, event, node_id, state, entered_at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT DO NOTHING",
        [(journey_id, version, e.person, e.anchor, e.key, e.props, node, e.at, e.due or e.at) for e in entries],
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
        converted_at=row.converted_at,
    )


def next_due(conn: Connection) -> dict[str, int]:
    """Live journey → when its next run is due; those where nobody waits are left out."""
    soonest = (
        sa.select(runs.c.due_at)
        .where(runs.c.journey_id == journeys.c.id, runs.c.state == "waiting")
        .order_by(runs.c.due_at)
        .limit(1)
        .scalar_subquery()
    )
    where = sa.and_(journeys.c.state == "live", journeys.c.published_version.is_not(None))
    rows = conn.execute(sa.select(journeys.c.id, soonest).where(where).order_by(journeys.c.created_at, journeys.c.id))
    return {row[0]: row[1] for row in rows if row[1] is not None}


def claim(
    conn: Connection, journey_id: str, worker: str, now: int, until: int, limit: int, lone: bool
) -> list[tuple[int, int]]:
    """Lease due runs of a journey; answers (id, how often in a row a process left it behind).

    ``lone``: no other process can hold a living lease.
    """
    free = runs.c.lease_until <= now
    if lone:
        free = sa.or_(free, runs.c.lease_by != worker)
    due = (
        sa.select(runs.c.id)
        .where(runs.c.journey_id == journey_id, runs.c.state == "waiting", runs.c.due_at <= now, free)
        .order_by(runs.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # as a subquery PostgreSQL may ask it again for each row, and lease more than the limit
    )
    tries = sa.case((runs.c.lease_by == "", 0), else_=runs.c.tries + 1)
    rows = conn.execute(
        sa.update(runs)
        .where(runs.c.id.in_(sa.select(due.c.id)))
        .values(lease_by=worker, lease_until=until, tries=tries)
        .returning(runs.c.id, runs.c.tries)
    )
    return [(row[0], row[1]) for row in rows]


def count_tries(conn: Connection, ids: Sequence[int], more: int) -> None:
    """Count that a process has begun to work on claimed runs, or has not yet."""
    for part in chunks(ids):
        conn.execute(sa.update(runs).where(runs.c.id.in_(part)).values(tries=runs.c.tries + more))


def backlog(conn: Connection, now: int, most: int) -> int:
    """How many runs of live journeys are due and not worked on yet, counted up to ``most``."""
    live = sa.select(journeys.c.id).where(journeys.c.state == "live")
    due = sa.select(sa.literal(1)).where(runs.c.journey_id.in_(live), runs.c.state == "waiting", runs.c.due_at <= now)
    return int(conn.execute(sa.select(sa.func.count()).select_from(due.limit(most).subquery())).scalar_one())


_RUN = (
    "id, journey_id, version, person_id, node_id, state, entered_at, due_at, arrived_at, event, signal, outcome,"
    " ended_at, converted_at"
)


def leased(conn: Connection, ids: Sequence[int], worker: str) -> list[Run]:
    """Those of the claimed runs that are still waiting and still ours, locked, in the order they began.

    The database is asked for the ids alone: asked for the state too, PostgreSQL without fresh statistics reads all
    that wait.
    """
    lock = "" if conn.dialect.name == "sqlite" else " FOR UPDATE"
    rows = among(conn, f"SELECT {_RUN}, lease_by FROM journeys_runs WHERE id IN {{values}}{lock}", ids)
    found = (Run(*row[:-1]) for row in rows if row[-1] == worker)
    return sorted((run for run in found if run.state == "waiting"), key=lambda run: run.id)


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
        " ended_at = ?, converted_at = ?, lease_by = '', lease_until = 0 WHERE id = ?",
        [
            (r.node, r.state, r.due_at, r.arrived_at, r.signal, r.outcome, r.ended_at, r.converted_at, r.id)
            for r in changed
        ],
    )


def save_told(conn: Connection, told: Mapping[int, str]) -> None:
    """Write what runs know now."""
    bulk(conn, "UPDATE journeys_runs SET event = ? WHERE id = ?", [(text, id) for id, text in told.items()])


def signal(conn: Connection, run: int, node: str, said: str, now: int, told: str | None = None) -> None:
    """Tell a run that waits at a node what it waits for; one that has left it, or been told before, is left alone."""
    here = sa.and_(runs.c.id == run, runs.c.node_id == node, runs.c.signal == "", runs.c.arrived_at > 0)
    values = {"signal": said, "due_at": now} | ({} if told is None else {"event": told})
    conn.execute(sa.update(runs).where(here, runs.c.state.in_(["waiting", "parked"])).values(values))


def drop_runs(conn: Connection, ids: Sequence[int]) -> None:
    for part in chunks(ids):
        conn.execute(sa.delete(runs).where(runs.c.id.in_(part)))


def bring_over(conn: Connection, journey_id: str, old: int, new: int, nodes: Sequence[str]) -> int:
    """Let runs of a version go on with another where they stand at one of ``nodes``; answers how many."""
    standing = sa.and_(runs.c.state.in_(["waiting", "parked"]), runs.c.node_id.in_(nodes))
    where = sa.and_(runs.c.journey_id == journey_id, runs.c.version == old, standing)
    return conn.execute(sa.update(runs).where(where).values(version=new)).rowcount


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
    wanted = set(events)
    rows = among(conn, "SELECT person_id, event, at FROM journeys_marks WHERE person_id IN {values}", persons)
    found: dict[tuple[int, str], int] = {}
    for person, event, at in rows:
        if event in wanted:
            found[person, event] = max(at, found.get((person, event), 0))
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
    bulk(
        conn,
        "INSERT INTO journeys_counts (journey_id, node_id, name, count) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (journey_id, node_id, name) DO UPDATE SET count = journeys_counts.count + excluded.count",
        [(*key, change) for key, change in sorted(changes.items()) if change],
    )


def take_count(conn: Connection, journey_id: str, name: str, more: int) -> int:
    """Count ``more``, and answer how many there are, locked until the transaction ends."""
    row = {"journey_id": journey_id, "node_id": "", "name": name, "count": more}
    insert = insert_for(conn)(counts).values(row)
    total = counts.c.count + insert.excluded.count
    keys = ["journey_id", "node_id", "name"]
    statement = insert.on_conflict_do_update(index_elements=keys, set_={"count": total}).returning(counts.c.count)
    return int(conn.execute(statement).scalar_one())


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
