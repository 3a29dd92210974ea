"""Batches out of the inbox, the same batch again after a crash."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import queries
from siyu.collect.inbox import Inbox
from siyu.collect.queries import Waiting
from siyu.collect.types import Reject
from siyu.store import Database, Store


class Batch(msgspec.Struct, frozen=True):
    """Appends that settle together. ``begun``: its first transaction had committed before the process died."""

    queue: str
    number: int
    first_id: int
    last_id: int
    appends: list[Waiting]
    begun: bool

    @property
    def token(self) -> str:
        """Names this batch for ever: repeats of its inserts are recognised by it."""
        return f"{self.queue}-{self.number}"

    @property
    def stamp(self) -> int:
        """A number no batch of either queue shares."""
        return self.number * 2 + (self.queue == queries.OWN)


class Queue:
    """One of the two queues: what came through a door, or what the product emitted."""

    def __init__(self, store: Store, name: str, inbox: Inbox | None = None) -> None:
        self.name = name
        self._store = store
        self._inbox = inbox
        self._database: Database = store.inbox if name == queries.DOOR else store.state

    @classmethod
    def both(cls, store: Store, inbox: Inbox) -> list[Queue]:
        return [cls(store, queries.DOOR, inbox), cls(store, queries.OWN)]

    def take(self) -> Batch | None:
        """The next batch; after a crash first the one that was under way. None when nothing waits."""
        with self._store.state.read() as conn:
            mark = queries.settled_mark(conn, self.name)
            plan = queries.plan_of(conn, self.name)
        begun = plan is not None and plan[0] > mark.number
        with self._database.read() as conn:
            if plan is not None and begun:
                span: tuple[int, int] | None = plan[1:]
            else:
                span = queries.next_ids(conn, mark.last_id, self._store.settings.settle_rows)
            if span is None:
                return None
            appends = queries.waiting(conn, *span)
        return Batch(self.name, mark.number + 1, span[0], span[1], appends, begun)

    def begin(self, conn: Connection, batch: Batch) -> None:
        """Fix the batch's extent, in its first transaction."""
        queries.set_plan(conn, self.name, batch.number, batch.first_id, batch.last_id)

    def unseen(self, conn: Connection, batch: Batch, pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
        """Remember the records of this batch; answer those an earlier batch had taken. Pairs are (bucket, key)."""
        return queries.mark_seen(conn, pairs, batch.stamp)

    def finish(self, conn: Connection, batch: Batch, now: int) -> None:
        """Mark the batch settled, in its last transaction."""
        queries.set_settled(conn, self.name, queries.Mark(batch.number, batch.last_id, now))

    def clear(self, batch: Batch) -> None:
        """Free the room the batch took in the inbox. Harmless when it does not happen: the next one frees it too."""
        if self._inbox:
            counted = sum(len(append.records) for append in batch.appends)
            self._inbox.settled(len(batch.appends), counted, sum(append.size for append in batch.appends))
        with self._database.write() as conn:
            queries.drop_settled(conn, batch.last_id)


def has_settled(conn: Connection, stamp: int) -> bool:
    """Whether the batch of this stamp has settled; 0 stands for one that is to come."""
    return stamp > 0 and stamp // 2 <= queries.settled_mark(conn, queries.OWN if stamp % 2 else queries.DOOR).number


def quarantine(store: Store, rows: list[tuple[int, str, str, Reject]]) -> None:
    """Put records aside; rows are (at, source id, wire format, reject)."""
    with store.inbox.write() as conn:
        queries.add_quarantine(conn, rows)
