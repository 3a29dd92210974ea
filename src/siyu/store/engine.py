"""The event side: the ClickHouse engine, inside this process or across the network, same SQL."""

from __future__ import annotations

import queue
import re
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import clickhouse_connect
import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError

from siyu.kit import Clock, SiyuError, Unavailable
from siyu.store import aliases, regroup, squash
from siyu.store.engine_tables import COLUMNS, EVERY_MONTH, JSON_COLUMNS, OPTIONAL, STEPS
from siyu.store.grouping import Move
from siyu.store.journal import Journal
from siyu.store.squash import Squash

_READERS = 3


_AS_WRITTEN = {
    "type_json_skip_duplicated_paths": 1,
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
}
"""Text in JSON stays text: without these, digits or ``2026/01/05`` would be read as dates."""


class QueryTooSlow(SiyuError):
    """This question took longer than {seconds} seconds. Narrow its time range or its conditions."""

    code = "query_too_slow"
    status = 503


class QueryTooBig(SiyuError):
    """This question needs more memory than is allowed. Narrow its time range or its conditions."""

    code = "query_too_big"
    status = 503


class BadRows(SiyuError):
    """The event engine refuses these rows: {detail}"""

    code = "bad_rows"
    status = 422


class Rows:
    """The answer to a query: ``columns`` (names) and ``rows`` (tuples)."""

    __slots__ = ("columns", "rows")

    def __init__(self, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        self.columns = columns
        self.rows = rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def one(self) -> tuple[Any, ...]:
        return self.rows[0]


class EventEngine:
    """Queries and durable inserts. Safe from any thread; each call uses a connection of its own."""

    def __init__(
        self, dsn: str, journal: Journal, clock: Clock, *, seconds: float, memory_bytes: int, database: str = "siyu"
    ) -> None:
        self._dsn = dsn
        self._journal = journal
        self._clock = clock
        self.database = database
        self._seconds = seconds
        self._memory = memory_bytes
        self._writer = self._opened()
        for step in STEPS:
            self._writer.command(_qualify(step, database))
        self._write_lock = threading.RLock()
        self.changed: set[str] = set()
        self._readers: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(_READERS):
            self._readers.put(None)
        self.has_aliases = bool(aliases.waiting(self).count)
        self.squash = Squash(self, journal)
        self._finish_rewrites()

    changed: set[str]
    """Months in which rows already written have changed since a squash last looked (EVERY_MONTH: perhaps anywhere).
    A copy made before is out of date."""

    def _finish_rewrites(self) -> None:
        """What an earlier process was in the middle of."""
        for token, kind, work in self._journal.unfinished():
            if kind == regroup.KIND:
                regroup.repeat(self, work, self._clock.now_ms())
            else:
                squash.repeat(self, work)
            self._journal.end(token)

    def _opened(self) -> Any:
        """A connection to the database, which is made when it is not there."""
        first = clickhouse_connect.get_client(dsn=self._dsn)
        first.command(f"CREATE DATABASE IF NOT EXISTS {self.database}")
        if self._dsn.startswith("chdb"):
            first.command(f"USE {self.database}")
            return first
        first.close()
        return self._connect()

    def _connect(self) -> Any:
        return clickhouse_connect.get_client(dsn=self._dsn, database=self.database)

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        client = self._readers.get()
        try:
            client = client or self._connect()
            yield client
        finally:
            self._readers.put(client)

    def query(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        max_seconds: float | None = None,
        max_memory: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        """Ask with bound parameters (``{name:Type}``). Raises QueryTooSlow or QueryTooBig past the limits."""
        seconds = max_seconds or self._seconds
        limits = {
            "max_execution_time": seconds,
            "max_memory_usage": max_memory or self._memory,
            "max_bytes_before_external_group_by": (max_memory or self._memory) // 2,
        }
        with self._reader() as client, _translated(seconds):
            answer = client.query(sql, parameters=dict(params or {}), settings=limits | dict(settings or {}))
            return Rows(answer.column_names, answer.result_rows)

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Insert rows given as columns, durably: on disk when this returns. Of one month all or none are, whatever
        happens; who repeats an insert has to ask what is there.

        Times are epoch milliseconds, JSON columns are JSON text. Events may come without ``anchor``: they are anchored
        to their person's number. Raises BadRows when the engine can't take a value.
        """
        schema = pa.schema([item for item in COLUMNS[table].items() if item[0] in columns or item[0] not in OPTIONAL])
        arrow = pa.table(dict(columns), schema=schema)
        arrow = arrow.rename_columns([JSON_COLUMNS.get(name, name) for name in arrow.column_names])
        token = secrets.token_hex(8)  # a driver that sends twice counts once
        with self._write_lock, _translated(self._seconds):
            for name, part in _partitions(table, arrow):
                settings = {"insert_deduplication_token": f"{token}/{name}"} | _AS_WRITTEN
                self._writer.insert_arrow(table, part, settings=settings)

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement that answers nothing."""
        with self._write_lock, _translated(self._seconds):
            self._writer.command(sql, parameters=dict(params or {}))

    def rewrite(self, sql: str, params: Mapping[str, Any]) -> None:
        """Run a mutation of events to its end. Inserts of this process wait meanwhile; a squash under way starts anew.

        A process that dies in it leaves the engine to finish it.
        """
        with self._write_lock, _translated(self._seconds):
            self.changed.add(EVERY_MONTH)
            self._writer.command(sql, parameters=dict(params), settings={"mutations_sync": 1})

    def command_aside(self, sql: str) -> None:
        """Run a statement that may take long and that writers needn't wait for."""
        client = self._connect()
        try:
            with _translated(self._seconds):
                client.command(sql)
        finally:
            client.close()

    @contextmanager
    def inserts_waiting(self) -> Iterator[None]:
        """Nothing is written by others of this process while the block runs."""
        with self._write_lock:
            yield

    def canonical(self, column: str = "person") -> str:
        """SQL for the canonical person of a row, as of now. ``column`` holds the number the row was written under."""
        if not self.has_aliases:
            return column
        return f"dictGetOrDefault('{self.database}.canon', 'canonical', {column}, {column})"

    def numbers_of(self, people: Collection[int]) -> list[int]:
        """Every number rows of these canonical persons may carry, their own included."""
        return list(aliases.numbers_of(self, people))

    def regroup(self, moves: Sequence[Move], token: str) -> None:
        """Let rows follow persons that merged or split: ``moves`` in the order they happened.

        A merge only writes an alias, whatever the number of rows. In a split, rows that now belong elsewhere are
        rewritten, and numbers that name a person of their own again no longer count for another. Done, or finished at
        the next start, once this is called: safe to repeat, and to kill at any point.

        While it runs (well under a second for a few persons) a reader may see an event of a split person twice, under
        the old and under the new number, but never miss one; after it, once. Numbers turn last and all together, so a
        person split off again appears at one moment. Inserts of this process wait meanwhile.
        """
        with self._write_lock:
            regroup.regroup(self, self._journal, moves, token, self._clock.now_ms())

    def move(self, source: int, target: int, anchors: Sequence[int] | None, token: str) -> None:
        """``regroup`` for one move: rows of ``source`` with these anchors (None: all) come under ``target``."""
        self.regroup([(source, target, anchors)], token)

    def reload_aliases(self) -> None:
        """Make alias rows inserted so far count in every later query."""
        self.command("SYSTEM RELOAD DICTIONARY canon")
        self.has_aliases = bool(aliases.waiting(self).count)

    def close(self) -> None:
        self._writer.close()
        while not self._readers.empty():
            client = self._readers.get()
            if client is not None:
                client.close()


def _qualify(step: str, database: str) -> str:
    sql = step.replace("{database}", database)
    if "CREATE" not in sql:
        return sql
    return re.sub(r"(IF NOT EXISTS) (\w+)", rf"\1 {database}.\2", sql, count=1)


def _partitions(table: str, arrow: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """One insert a month: an insert that spans partitions is not atomic when the process dies."""
    if table != "events" or not arrow.num_rows:
        yield "all", arrow
        return
    months = arrow.column("time").to_numpy().astype("datetime64[M]").astype(np.int64)
    present = np.unique(months)
    for month in present:
        yield str(month), arrow if len(present) == 1 else arrow.filter(pa.array(months == month))


@contextmanager
def _translated(seconds: float) -> Iterator[None]:
    try:
        yield
    except ClickHouseError as error:
        text = str(error)
        if "TIMEOUT_EXCEEDED" in text:
            raise QueryTooSlow(seconds=seconds) from error
        if "MEMORY_LIMIT_EXCEEDED" in text:
            raise QueryTooBig from error
        if "NOT_ENOUGH_SPACE" in text or "No space left" in text:
            raise Unavailable(detail="the disk is full.", retry_after=30) from error
        if "INCORRECT_DATA" in text or ("JSON" in text and "parse" in text):
            raise BadRows(detail=text[:300]) from error
        raise
