"""An event takes over the name of another: records that come are renamed before they settle, old ones in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.engine import Connection

from siyu.catalog import notes_queries as queries
from siyu.store import Store

_IDLE, _BUSY = 5.0, 1.0


class Named(Protocol):
    event: str


def rename(conn: Connection, records: Sequence[Named]) -> dict[int, str]:
    """Give records of merged names the name that took over. Answers places in ``records`` → the name they came with."""
    merged = queries.merged(conn)
    if not merged:
        return {}
    renamed = {place: record.event for place, record in enumerate(records) if record.event in merged}
    for place, name in renamed.items():
        records[place].event = merged[name]
    return renamed


def rewrite_merged(store: Store) -> float:
    """A step of the background loop: rename what settled before. Repeating it, or dying in it, does no harm.

    A batch that was under way when the names were merged may still write the old one: a name is done once a later
    look finds none left.
    """
    with store.state.read() as conn:
        todo = queries.unfinished(conn)
    for name, into in todo:
        left = queries.rows_called(store.events, name, original=not into)
        if left:
            queries.call(store.events, name, into)
        else:
            with store.state.write() as conn:
                queries.finished(conn, name, queries.rows_called(store.events, name, original=True))
    return _BUSY if todo else _IDLE
