"""The story of an event, top to bottom: taken from the inbox, resolved to a person, written, applied, announced.

A batch goes through two transactions. The first fixes its extent and says who and what is known; then the events are
written to the engine, where a repeat first asks what is there; the second lets subscribers act and marks the batch
settled. A process that dies in between repeats the batch, and every step of the repeat finds its work done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.engine import Connection

from siyu import catalog, identity, privacy, profiles
from siyu.collect import STAGES, Batch, Count, Inbox, Queue, Record, count
from siyu.kit import counter, histogram
from siyu.pipeline import write
from siyu.pipeline.types import Columns, Flow, Settled
from siyu.store import Store

_settled = counter("siyu_settled_records_total", "New records that have settled; repeats are not counted")
_lag = histogram("siyu_settle_lag_seconds", "From arrival to settled, the oldest record of each batch")


Subscriber = Callable[[Store, Connection, Settled], Callable[[], None] | None]
"""Acts on a settled batch inside the transaction that marks it so; what it answers is called once that is on disk."""


Reader = Callable[[Store, Settled], None]
"""Reads ahead what subscribers need, after events are written and before the transaction, which stays short."""


class Pipeline:
    """Settles what waits. One thread calls ``step``."""

    def __init__(
        self, store: Store, inbox: Inbox, subscribers: Sequence[Subscriber], readers: Sequence[Reader] = ()
    ) -> None:
        self._store = store
        self._queues = Queue.both(store, inbox)
        self._subscribers = subscribers
        self._readers = readers

    def step(self) -> bool:
        """Settle one batch of each queue; False when nothing waited."""
        self._store.hold()
        worked = False
        for queue in self._queues:
            batch = queue.take()
            if batch is not None:
                self._settle(queue, batch)
                worked = True
        return worked

    def drain(self) -> None:
        """Settle until nothing waits."""
        while self.step():
            pass

    def _settle(self, queue: Queue, batch: Batch) -> None:
        settled = self._resolve(queue, batch)
        settled.refused = write.write(self._store, batch.token, settled, again=batch.begun)
        for read in self._readers:
            read(self._store, settled)
        self._announce(queue, batch, settled)
        queue.clear(batch)
        self._measure(batch, settled)

    def _measure(self, batch: Batch, settled: Settled) -> None:
        _settled.inc(settled.records)
        if batch.appends:
            _lag.observe((self._store.clock.now_ms() - batch.appends[0].received_at) / 1000)

    def _resolve(self, queue: Queue, batch: Batch) -> Settled:
        """Who is it, and what does it change in what is known?"""
        now = self._store.clock.now_ms()
        with self._store.state.write() as conn:
            flow = _unseen(conn, queue, batch)
            flow.original = catalog.rename(conn, flow.records)
            catalog.notice(self._store, flow.records, flow.sources, now, profiles.masker(conn))
            found = identity.resolve(
                conn, [record.ids for record in flow.records], [record.time for record in flow.records],
                flow.sources, batch.stamp, [record.key for record in flow.records], repeated=batch.begun,
            )  # fmt: skip
            settled = Settled(
                batch.stamp, now, _columns(flow, found), [], found.merged, found.moves, len(flow.records), flow.arrived
            )
            if batch.begun:
                settled.changed = sorted(set(found.person) | profiles.sides(conn, found.moves)[0])
            else:
                queue.begin(conn, batch)
                settled.changed = self._apply(conn, flow, found, settled)
                settled.changed += privacy.on_settled(self._store, conn, settled, found.person)
            dirty = set(settled.changed) | _regrouped(settled)
            said, lost = privacy.said(conn, list(dirty)), privacy.withdrawn(conn, list(dirty))
            settled.mirror = profiles.mirror(conn, dirty, list(found.merged), lost, now, said)
        settled.changed = sorted(dirty | set(settled.events.person))
        return settled

    def _apply(self, conn: Connection, flow: Flow, found: identity.Resolution, settled: Settled) -> list[int]:
        parts = profiles.telling(flow.records, found.person, found.anchor, flow.sources)
        return sorted(profiles.apply(conn, parts, found.created, found.moves, settled.now))

    def _announce(self, queue: Queue, batch: Batch, settled: Settled) -> None:
        with self._store.state.write() as conn:
            after = [subscriber(self._store, conn, settled) for subscriber in self._subscribers]
            now = self._store.clock.now_ms()
            count(conn, now, _counts(batch, settled, now))
            queue.finish(conn, batch, now)
        for act in after:
            if act is not None:
                act()


def _unseen(conn: Connection, queue: Queue, batch: Batch) -> Flow:
    """The records no earlier batch has taken, each once."""
    first: dict[tuple[int, int], tuple[Record, str, int]] = {}
    arrived: dict[str, tuple[int, int]] = {}
    for append in batch.appends:
        source, received = append.source_id, append.received_at
        count, newest = arrived.get(source, (0, 0))
        arrived[source] = (count + len(append.records), max(newest, received))
        for record in append.records:
            pair = (record.bucket, record.key)
            if pair not in first:
                first[pair] = (record, source, received)
    for pair in queue.unseen(conn, batch, list(first)):
        del first[pair]
    rows = list(first.values())
    return Flow([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], arrived)


def _counts(batch: Batch, settled: Settled, now: int) -> list[Count]:
    """What each source brought through each stage."""
    lag = now - min((append.received_at for append in batch.appends), default=now)
    return [
        Count(source, stage, number, settled.refused if stage == "write" else 0, newest, lag)
        for source, (number, newest) in settled.arrived.items()
        for stage in STAGES
    ]


def _regrouped(settled: Settled) -> set[int]:
    """Persons that identifiers left or came to, those absorbed whole left out."""
    return {person for move in settled.moves for person in (move.source, move.target)} - set(settled.merged)


def _columns(flow: Flow, found: identity.Resolution) -> Columns:
    """The events among the records as columns; those that only change traits leave no event."""
    keep = [index for index, record in enumerate(flow.records) if record.event]
    records = [flow.records[index] for index in keep]
    return Columns(
        person=[found.person[index] for index in keep],
        anchor=[found.anchor[index] for index in keep],
        time=[record.time for record in records],
        event=[record.event for record in records],
        key=[record.key for record in records],
        source=[flow.sources[index] for index in keep],
        received=[flow.received[index] for index in keep],
        amount=[record.amount for record in records],
        props=[record.props for record in records],
        context=[record.context for record in records],
        ids=[record.ids for record in records],
        original=[flow.original.get(index, "") for index in keep] if flow.original else [],
    )
