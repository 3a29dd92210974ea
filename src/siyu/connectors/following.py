"""What settled events mean to connectors: links begin and end, work comes up, joins count for their code.

Runs in the transaction that marks the batch settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.connectors import joining, queries, settings, tagging
from siyu.connectors.contract import Change, Connector, React, Task
from siyu.connectors.door import task_rows
from siyu.connectors.mirror import Keeper
from siyu.connectors.registry import connectors
from siyu.connectors.session import Session
from siyu.pipeline import Settled
from siyu.store import Store


class _Context(msgspec.Struct):
    by: str = ""


class Happening(msgspec.Struct, frozen=True):
    """An event of a connector, or one that a connector hears. ``install``: whose it is."""

    event: str
    time: int
    person: int
    key: int
    source: str
    props: Mapping[str, Any]
    ids: Mapping[str, str]


_decode_context = msgspec.json.Decoder(_Context).decode
_decode_props = msgspec.json.Decoder(dict[str, Any]).decode


def on_settled(store: Store, conn: Connection, settled: Settled) -> Callable[[], None] | None:
    """Act on what the connectors' events mean."""
    rows = [row for row in queries.all_installs(conn) if row.connector in connectors()]
    if rows:
        mine = {row.source_id: row for row in rows}
        heard = frozenset(one.event for row in rows for one in connectors()[row.connector].reacts if one.once)
        for one in _happenings(settled, mine, heard):
            for row in rows:
                _follow(store, conn, row, one)
        tagging.on_settled(store, conn, rows, settled)
    joining.on_settled(conn, settled)
    return None


def _happenings(settled: Settled, mine: Mapping[str, Any], heard: frozenset[str]) -> Iterator[Happening]:
    events = settled.events
    for place, source in enumerate(events.source):
        if source in mine or events.event[place] in heard:
            context = _decode_context(events.context[place])
            if context.by == "list":
                continue  # the mirror has it, and nobody is greeted for what happened long ago
            yield Happening(
                events.event[place], events.time[place], events.person[place], events.key[place], source,
                _decode_props(events.props[place]), dict(key.partition(":")[::2] for key in events.ids[place]),
            )  # fmt: skip


def _follow(store: Store, conn: Connection, row: Row[Any], one: Happening) -> None:
    connector = connectors()[row.connector]
    own = one.source == row.source_id
    if own and connector.change is not None and (change := connector.change(one.event, one.props, one.ids)):
        _change(store, conn, row, connector, change, one)
    wanted = [task for react in connector.reacts if (task := _task(conn, row, react, one, own))]
    queries.add_tasks(conn, task_rows(row.id, wanted, store.clock.now_ms()))


def _task(conn: Connection, row: Row[Any], react: React, one: Happening, own: bool) -> Task | None:
    if react.event != one.event or not (own or react.once):
        return None
    payload = dict(one.props) | {"ids": dict(one.ids)}
    if not react.once:
        return Task(react.task, f"{one.key}", payload)
    key = one.ids.get(react.once, "")
    if not key or queries.links(conn, row.id, f"once {react.task}", [key]):
        return None
    queries.put_links(conn, row.id, [(f"once {react.task}", key, key, True, 0, one.time, 0, "")])
    return Task(react.task, key, payload)


def _change(
    store: Store, conn: Connection, row: Row[Any], connector: Connector, change: Change, one: Happening
) -> None:
    """Take into the mirror what was heard, unless something newer was."""
    known = queries.links(conn, row.id, change.kind, [change.key]).get(change.key)
    if known is not None and known.changed_at > one.time:
        return
    session = Session(store, row.id, settings.opened(store, connector, row.config), {})
    keeper = Keeper(store, conn, row, connector, session, 0)
    if change.present:
        keeper.remember([change.owner])
        hash_, seen = (known.hash, known.seen) if known is not None else (0, 0)
        queries.put_links(conn, row.id, [(change.kind, change.key, change.owner, True, hash_, one.time, seen, "")])
        return
    if known is None or connector.forgets:
        queries.put_links(conn, row.id, [(change.kind, change.key, change.owner, False, 0, one.time, 0, "")])
        known = queries.links(conn, row.id, change.kind, [change.key])[change.key]
    ended = keeper.end([known], one.time)
    if one.event not in {item.event for item in ended}:
        keeper.tell(ended)
