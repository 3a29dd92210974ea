"""The SQL side: one object per database, reads on any thread, one writer at a time on SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from siyu.kit import Clock, Unavailable

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every room's tables are declared on this."""


class Database:
    """A SQL database. ``read()`` and ``write()`` yield a connection; ``write()`` commits when the block ends well."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.sqlite = url.startswith("sqlite")
        self.engine = _open_sqlite(url) if self.sqlite else sa.create_engine(url, pool_size=10)
        self.engine.update_execution_options(clock=clock)
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with self.engine.connect() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction. Committed and on disk when the block ends; rolled back when it raises.

        Raises Unavailable when the disk is full.
        """
        if not self.sqlite:
            with self.engine.begin() as conn:
                yield conn
            return
        with self._writing, self.engine.connect() as conn:
            try:
                conn.exec_driver_sql("BEGIN IMMEDIATE")
                yield conn
                conn.commit()
            except OperationalError as error:
                if "disk is full" in str(error) or "disk I/O error" in str(error):
                    raise Unavailable(detail="the disk is full.", retry_after=30) from error
                raise

    def close(self) -> None:
        self.engine.dispose()


def now_of(conn: Connection) -> int:
    """Epoch ms by the clock of the store that ``conn`` belongs to, for code that is given no store."""
    clock: Clock = conn.get_execution_options()["clock"]
    return clock.now_ms()


def _open_sqlite(url: str) -> Engine:
    engine = sa.create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        connect_args={"timeout": 30, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _configure(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "wal_autocheckpoint=4000",
            "journal_size_limit=67108864",
        ):
            raw.execute(f"PRAGMA {pragma}")

    return engine


def sqlite_url(file: Path) -> str:
    return f"sqlite:///{file.resolve()}"


CHUNK = 500
"""Values bound into one IN list: well under every database's limit."""


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
