"""The inbox: what was acknowledged is here, on disk, until it has settled.

Many small appends share one commit: whoever waits while a commit is under way goes with the next.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import queries
from siyu.collect.recent import Recent
from siyu.collect.types import Record, Reject, TraitOp
from siyu.kit import SiyuError, Unavailable, counter, gauge
from siyu.store import Store

_taken = counter("siyu_collected_records_total", "Records acknowledged at the doors")
_refused = counter("siyu_quarantined_records_total", "Records put into quarantine at the doors")
_waiting_records = gauge("siyu_backlog_records", "Acknowledged records that have not settled yet")
_waiting_bytes = gauge("siyu_backlog_bytes", "Bytes of acknowledged records that have not settled yet")

_encode = msgspec.msgpack.Encoder().encode


class Entry(msgspec.Struct):
    """One append: records and rejects that arrived together."""

    source_id: str
    received_at: int
    count: int
    body: bytes
    rejects: Sequence[Reject]
    format: str
    done: Future[None]
    records: Sequence[Record] = ()


class Inbox:
    """Durable appends from any thread. ``on_append`` is called after each commit, to wake the pipeline."""

    def __init__(self, store: Store, on_append: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._on_append = on_append
        self._waiting: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self.recent = Recent(store.clock.now_ms())
        with store.inbox.read() as conn, store.state.read() as state:
            after = queries.settled_mark(state, queries.DOOR).last_id
            self._batches, self._records, self._bytes = queries.backlog(conn, after)
        _waiting_records.set(self._records)
        self._thread = threading.Thread(target=self._commit_forever, name="inbox", daemon=True)
        self._thread.start()

    def submit(
        self, source_id: str, received_at: int, records: list[Record], rejects: Sequence[Reject] = (), format: str = ""
    ) -> Future[None]:
        """Queue an append; the future is done when it is on disk.

        Raises Unavailable when too much already waits to be settled.
        """
        body = _encode(records) if records else b""
        if records and self._bytes + len(body) > self._store.settings.max_backlog_bytes:
            raise Unavailable(detail="too much is waiting to be processed.", retry_after=2)
        entry = Entry(source_id, received_at, len(records), body, rejects, format, Future(), records)
        self._waiting.put(entry)
        return entry.done

    def append(
        self, source_id: str, received_at: int, records: list[Record], rejects: Sequence[Reject] = (), format: str = ""
    ) -> None:
        """As ``submit``, and wait until it is on disk."""
        self.submit(source_id, received_at, records, rejects, format).result()

    def backlog(self) -> tuple[int, int, int]:
        """What waits: (appends, records, bytes)."""
        with self._lock:
            return self._batches, self._records, self._bytes

    def settled(self, batches: int, records: int, size: int) -> None:
        """Told by the pipeline what has left."""
        self._count(-batches, -records, -size)

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._waiting.put(None)
        self._thread.join(timeout=10)

    def _count(self, batches: int, records: int, size: int) -> None:
        with self._lock:
            self._batches += batches
            self._records += records
            self._bytes += size
            _waiting_records.set(self._records)
            _waiting_bytes.set(self._bytes)

    def _commit_forever(self) -> None:
        running = True
        while running:
            group = [self._waiting.get()]
            while len(group) < 256 and not self._waiting.empty():
                group.append(self._waiting.get())
            running = None not in group
            self._commit([entry for entry in group if entry is not None])

    def _commit(self, group: list[Entry]) -> None:
        if not group:
            return
        try:
            with self._store.inbox.write() as conn:
                queries.append_rows(conn, [(e.source_id, e.received_at, e.count, e.body) for e in group if e.count])
                queries.add_quarantine(
                    conn,
                    [(e.received_at, e.source_id, e.format, reject) for e in group for reject in e.rejects],
                )
        except Exception as error:
            failure = error if isinstance(error, SiyuError) else Unavailable(detail="the inbox cannot be written.")
            for entry in group:
                entry.done.set_exception(failure)
            return
        self._count(len([e for e in group if e.count]), sum(e.count for e in group), sum(len(e.body) for e in group))
        _taken.inc(sum(entry.count for entry in group))
        _refused.inc(sum(len(entry.rejects) for entry in group))
        for entry in group:
            self.recent.add(entry.source_id, entry.received_at, entry.records)
            entry.done.set_result(None)
        self._on_append()


class EmittedEvent(msgspec.Struct, frozen=True):
    """Something the product itself did to a person. ``key`` makes a repeat recognisable.

    ``ids`` name the person instead where the product may not know them yet.
    """

    event: str
    person: int
    time: int
    key: str
    props: str = "{}"
    amount: int = 0
    ids: tuple[str, ...] = ()
    traits: tuple[TraitOp, ...] = ()
    """What changes in what is known of the person; ``event`` may be empty then."""


PERSON_KIND = "siyu.person"
"""Identifier kind by which the product names a person it already knows."""


def emit(conn: Connection, events: Sequence[EmittedEvent], now: int) -> None:
    """Put the product's own events into the pipeline, in the caller's state transaction."""
    if not events:
        return
    records = [
        Record(
            event=event.event,
            time=event.time,
            bucket=event.time // 1000,
            key=queries.record_key("siyu", event.key),
            ids=event.ids or (f"{PERSON_KIND}:{event.person}",),
            props=event.props,
            amount=event.amount,
            traits=event.traits,
        )
        for event in events
    ]
    queries.append_rows(conn, [("siyu", now, len(records), _encode(records))])
