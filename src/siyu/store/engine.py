"""The event side: the ClickHouse engine, inside this process or across the network, same SQL."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import clickhouse_connect
import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError

from siyu.kit import SiyuError, Unavailable
from siyu.store.engine_tables import COLUMNS, JSON_COLUMNS, STEPS

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

    def __init__(self, dsn: str, *, seconds: float, memory_bytes: int, database: str = "siyu") -> None:
        self._dsn = dsn
        self.database = database
        self._seconds = seconds
        self._memory = memory_bytes
        first = clickhouse_connect.get_client(dsn=dsn)
        first.command(f"CREATE DATABASE IF NOT EXISTS {database}")
        for step in STEPS:
            first.command(f"USE {database}") if dsn.startswith("chdb") else None
            first.command(_qualify(step, database))
        first.close()
        self._writer = self._connect()
        self._write_lock = threading.Lock()
        self._readers: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(_READERS):
            self._readers.put(None)
        self.has_aliases = bool(self.query("SELECT count() FROM aliases").one()[0])

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

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]], token: str) -> None:
        """Insert rows given as columns, durably: on disk when this returns, and harmless when repeated with ``token``.

        Times are epoch milliseconds, JSON columns are JSON text. Raises BadRows when the engine can't take a value.
        """
        schema = pa.schema(list(COLUMNS[table].items()))
        arrow = pa.table(dict(columns), schema=schema)
        arrow = arrow.rename_columns([JSON_COLUMNS.get(name, name) for name in arrow.column_names])
        with self._write_lock, _translated(self._seconds):
            for name, part in _partitions(table, arrow):
                settings = {"insert_deduplication_token": f"{token}/{name}"} | _AS_WRITTEN
                self._writer.insert_arrow(table, part, settings=settings)

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement that answers nothing."""
        with self._write_lock, _translated(self._seconds):
            self._writer.command(sql, parameters=dict(params or {}))

    def reload_aliases(self) -> None:
        """Make alias rows inserted so far count in every later query."""
        self.command("SYSTEM RELOAD DICTIONARY canon")
        self.has_aliases = True

    def close(self) -> None:
        self._writer.close()
        while not self._readers.empty():
            client = self._readers.get()
            if client is not None:
                client.close()


def _qualify(step: str, database: str) -> str:
    sql = step.replace("{database}", database)
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
