"""The SQL side: one object per database, reads on any thread, one writer at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as postgresql_sql
from sqlalchemy.dialects import sqlite as sqlite_sql
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from siyu.kit import Clock
from siyu.store import postgres, sqlite

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every room's tables are declared on this."""


class Database:
    """A SQL database. ``read()`` and ``write()`` yield a connection; ``write()`` commits when the block ends well.

    Both raise Unavailable when the database is full, busy or away, and BadInput for text it can't hold.
    """

    def __init__(self, url: sa.URL, clock: Clock, schema: str = "") -> None:
        self.sqlite = url.get_backend_name() == "sqlite"
        self._kind = sqlite if self.sqlite else postgres
        self.engine = sqlite.open_engine(url) if self.sqlite else postgres.open_engine(url, schema)
        self.engine.update_execution_options(clock=clock)
        self._readers = self.engine
        if not self.sqlite:
            self._readers = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with; on PostgreSQL all it reads is of one moment."""
        with self._telling(), self._readers.connect() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction. Committed and on disk when the block ends; rolled back when it raises."""
        with self._writing, self._telling(), self.engine.connect() as conn:
            conn.exec_driver_sql(self._kind.BEGIN)
            yield conn
            conn.commit()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Says in the product's words what the database says in its own."""
        try:
            yield
        except DBAPIError as error:
            if (known := self._kind.told(error)) is not None:
                raise known from error
            raise

    def close(self) -> None:
        self.engine.dispose()


def now_of(conn: Connection) -> int:
    """Epoch ms by the clock of the store that ``conn`` belongs to, for code that is given no store."""
    clock: Clock = conn.get_execution_options()["clock"]
    return clock.now_ms()


def insert_for(conn: Connection) -> Any:
    """``insert`` with ON CONFLICT, as this database spells it."""
    return postgresql_sql.insert if conn.dialect.name == "postgresql" else sqlite_sql.insert


CHUNK = 500
"""Values bound into one IN list: well under every database's limit."""


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
