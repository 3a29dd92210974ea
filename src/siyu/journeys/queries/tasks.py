"""SQL of staff tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.journeys.tables import runs, tasks
from siyu.store import chunks, insert_for


def task_id(run: int, node: str, at: int) -> str:
    return f"tsk_{hashlib.sha256(f'{run} {node} {at}'.encode()).hexdigest()[:24]}"


def add(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give out tasks; one that has been given is not given again."""
    if rows:
        conn.execute(insert_for(conn)(tasks).on_conflict_do_nothing(index_elements=["id"]), list(rows))


def expire(conn: Connection, runs_at: Sequence[tuple[int, str]], now: int) -> None:
    """End the open tasks of these runs at these nodes as not done in time."""
    for run, node in runs_at:
        where = sa.and_(tasks.c.run_id == run, tasks.c.node_id == node, tasks.c.state == "open")
        conn.execute(sa.update(tasks).where(where).values(state="expired", ended_at=now))


def drop_open(conn: Connection, run_ids: Sequence[int], now: int) -> None:
    """End the open tasks of runs that have ended."""
    if not run_ids or not any_open(conn):
        return
    for part in chunks(run_ids):
        where = sa.and_(tasks.c.run_id.in_(part), tasks.c.state == "open")
        conn.execute(sa.update(tasks).where(where).values(state="expired", ended_at=now))


_columns = (*tasks.c, runs.c.person_id)


def task(conn: Connection, id: str) -> Row[Any] | None:
    """A task with the person it is about."""
    query = sa.select(*_columns).join(runs, runs.c.id == tasks.c.run_id).where(tasks.c.id == id)
    return conn.execute(query).one_or_none()


def list_tasks(
    conn: Connection, state: str | None, owner: str | None, after: tuple[int, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """The one that is due first comes first."""
    query = sa.select(*_columns).join(runs, runs.c.id == tasks.c.run_id)
    query = query.order_by(tasks.c.due_at, tasks.c.id).limit(limit)
    if state:
        query = query.where(tasks.c.state == state)
    if owner:
        query = query.where(tasks.c.owner.in_([owner, ""]))
    if after:
        query = query.where(sa.tuple_(tasks.c.due_at, tasks.c.id) > sa.tuple_(*after))
    return conn.execute(query).all()


def end(conn: Connection, id: str, values: Mapping[str, Any]) -> bool:
    """End an open task; False when it was not open any more."""
    where = sa.and_(tasks.c.id == id, tasks.c.state == "open")
    return conn.execute(sa.update(tasks).where(where).values(dict(values))).rowcount == 1


def any_open(conn: Connection) -> bool:
    return conn.execute(sa.select(sa.literal(1)).where(tasks.c.state == "open").limit(1)).scalar() is not None
