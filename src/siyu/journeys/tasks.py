"""What members of staff do with the tasks journeys give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.journeys import queries
from siyu.journeys.nodes.task import DONE, REFUSED
from siyu.journeys.queries import tasks
from siyu.journeys.types import TaskResult, TaskView
from siyu.kit import BadInput, Conflict, FieldError, Invalid, NotFound, Page, iso, iso_or_none, person_ref
from siyu.profiles import display_names
from siyu.store import now_of


def list_tasks(conn: Connection, state: str | None, owner: str | None, after: str | None, limit: int) -> Page[TaskView]:
    """The one that is due first comes first. ``owner``: theirs, and those anybody may take."""
    at, _, id = (after or "").partition("~")
    if after is not None and not (at.isascii() and at.isdigit() and len(at) < 19 and id):
        raise BadInput(detail="after is no cursor of this list.")
    rows = tasks.list_tasks(conn, state, owner, (int(at), id) if after else None, limit)
    names = display_names(conn, sorted({row.person_id for row in rows}))
    titles = queries.names(conn)
    views = [_view(row, names, titles) for row in rows]
    return Page(views, f"{rows[-1].due_at}~{rows[-1].id}" if len(rows) == limit else None)


def _view(row: Row[Any], names: Mapping[int, str], journeys: Mapping[str, str]) -> TaskView:
    return TaskView(
        id=row.id,
        journey_id=row.journey_id,
        journey_name=journeys.get(row.journey_id, ""),
        run_id=f"run_{row.run_id}",
        person=person_ref(row.person_id),
        name=names.get(row.person_id),
        owner=row.owner,
        title=row.title,
        note=row.note,
        results=msgspec.json.decode(row.results),
        state=row.state,
        result=row.result or None,
        comment=row.comment or None,
        created_at=iso(row.created_at),
        due_at=iso(row.due_at),
        ended_at=iso_or_none(row.ended_at),
        ended_by=row.ended_by,
    )


def complete(conn: Connection, actor: Operator, id: str, said: TaskResult) -> TaskView:
    """The task is done, with one of its results. Raises Invalid for another, Conflict when it is not open any more."""
    row = _row(conn, id)
    results = msgspec.json.decode(row.results)
    if (said.result or "") not in (results or [""]):
        known = ", ".join(results) or "none"
        raise Invalid(errors=[FieldError("result", f"Results of this task: {known}.", "unknown")])
    return _end(conn, actor, row, "done", said.result or DONE, said)


def refuse(conn: Connection, actor: Operator, id: str, said: TaskResult) -> TaskView:
    """The task won't be done. Raises Conflict when it is not open any more."""
    return _end(conn, actor, _row(conn, id), "refused", REFUSED, said)


def _row(conn: Connection, id: str) -> Row[Any]:
    row = tasks.task(conn, id)
    if row is None:
        raise NotFound(what="task")
    return row


def _end(conn: Connection, actor: Operator, row: Row[Any], state: str, signal: str, said: TaskResult) -> TaskView:
    now = now_of(conn)
    values = {"state": state, "result": said.result, "comment": said.note, "ended_at": now, "ended_by": actor.name}
    if not tasks.end(conn, row.id, values):
        raise Conflict(detail=f"This task is {row.state}, not open.")
    queries.signal(conn, row.run_id, row.node_id, signal, now)
    audit(conn, actor, f"task.{state}", row.id, {"result": said.result})
    names = display_names(conn, [row.person_id])
    return _view(_row(conn, row.id), names, queries.names(conn))
