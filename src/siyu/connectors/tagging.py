"""Audiences kept as tags at the vendor: who is in when that begins, and who enters and leaves from then on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.audiences import Use, members_of
from siyu.connectors import queries, settings
from siyu.connectors.contract import Task
from siyu.connectors.door import task_rows
from siyu.connectors.registry import connectors
from siyu.identity import keys_of
from siyu.kit import NotFound
from siyu.pipeline import Settled
from siyu.store import Store

FILL, TAG = "tag_all", "tag"
_A_CALL, _A_STEP = 50, 1_000
"""Persons of one call to the vendor, and of one step through an audience."""


def kept(config: Any) -> dict[str, str]:
    """Audience → the tag it is kept as."""
    return {one.audience: one.tag for one in getattr(config, "audience_tags", ()) if one.audience and one.tag}


def begin(conn: Connection, install: str, before: dict[str, str], config: Any, now: int) -> None:
    """Tag the members of audiences that were not kept as this tag until now."""
    fresh = [pair for pair in kept(config).items() if pair not in before.items()]
    tasks = [Task(FILL, f"{audience} {tag}", {"audience": audience, "tag": tag, "after": 0}) for audience, tag in fresh]
    queries.add_tasks(conn, task_rows(install, tasks, now))


def fill(store: Store, install: Row[Any], task: Row[Any], until: int) -> None:
    """One step through an audience, in one transaction with where to go on."""
    asked, now = msgspec.json.decode(task.payload), store.clock.now_ms()
    with store.state.write() as conn:
        if not queries.finish_task(conn, task.seq, until):
            return
        try:
            members = members_of(store, conn, asked["audience"])
        except NotFound:
            return
        begun = members.rank(asked["after"])
        people = [int(one) for one in members[begun : begun + _A_STEP]]
        tasks = _tasks(conn, people, asked["tag"], True, f"{now} {asked['audience']} {asked['after']}")
        if len(people) == _A_STEP:
            tasks.append(Task(FILL, f"{task.key} {people[-1]}", asked | {"after": people[-1]}))
        queries.add_tasks(conn, task_rows(install.id, tasks, now))


def _tasks(conn: Connection, people: Collection[int], tag: str, on: bool, key: str) -> list[Task]:
    held = keys_of(conn, people)
    known = [dict(sorted(one.partition(":")[::2] for one in held[person])) for person in sorted(people) if held[person]]
    return [
        Task(TAG, f"{key} {tag} {on} {place}", {"people": known[place : place + _A_CALL], "tag": tag, "on": on})
        for place in range(0, len(known), _A_CALL)
    ]


def leave_out(conn: Connection, task: Row[Any], value: str) -> None:
    """Who is forgotten is not to be tagged any more, the others of the call are; other work about them is dropped."""
    asked: dict[str, Any] = msgspec.json.decode(task.payload)
    rest = [ids for ids in asked.get("people", ()) if value not in ids.values()] if task.name == TAG else []
    if rest:
        payload = msgspec.json.encode(asked | {"people": rest}).decode()
        queries.put_task(conn, task.seq, {"payload": payload, "lease_until": 0})
    else:
        queries.drop_task(conn, task.seq)


def on_settled(store: Store, conn: Connection, rows: Sequence[Row[Any]], settled: Settled) -> None:
    """Whoever entered or left an audience that is kept as a tag."""
    if not (settled.entered or settled.left):
        return
    for row in rows:
        connector = connectors()[row.connector]
        if connector.tag is None:
            continue
        for audience, tag in kept(settings.opened(store, connector, row.config)).items():
            for moves, on in ((settled.entered, True), (settled.left, False)):
                people = {person for name, person in moves if name == audience}
                tasks = _tasks(conn, people, tag, on, f"{settled.number} {audience}") if people else []
                queries.add_tasks(conn, task_rows(row.id, tasks, settled.now))


def uses(conn: Connection, audience: str) -> list[Use]:
    """The connectors that keep an audience as a tag."""
    found = []
    for row in queries.all_installs(conn):
        config = msgspec.json.decode(row.config, type=dict[str, Any])
        if any(one.get("audience") == audience for one in config.get("audience_tags") or ()):
            found.append(Use(row.id, row.name))
    return found
