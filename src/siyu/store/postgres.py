"""PostgreSQL as the state: how it is opened, who may write, and what its faults mean.

The product was made for one writer at a time, and so it stays: a transaction that writes first takes a lock of its
own, in the whole database. Readers never wait. One process works on a database; it holds a second lock for as long as
it lives, because the event engine beside it opens in one process only.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from siyu.kit import BadInput, BadSettings, SiyuError, Unavailable

INBOX = "siyu_inbox"
"""Schema of the inbox's tables. Those of the state are where the address leads (``public``)."""

BEGIN = "SELECT pg_advisory_xact_lock(hashtext('siyu'), hashtext('writing ' || current_schema()))"
"""Begins a transaction that writes: one at a time in a schema. Its end lets the next one in."""

_CLAIM = "SELECT pg_try_advisory_lock(hashtext('siyu'), hashtext('working'))"
_PATIENCE = 10.0
"""Seconds a start waits for a process that was killed a moment ago to be gone."""

_SESSION = """
    SET TIME ZONE 'UTC';
    SET lock_timeout = '30s';
    SET idle_in_transaction_session_timeout = '5min';
    SET statement_timeout = '5min';
    SET plan_cache_mode = force_custom_plan;
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
_KEEPALIVE = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}

_GONE = ("08", "57P0")
_BUSY = ("40", "55P03", "57014", "25P03")
_FULL = ("53100", "53200", "53300")


class NoDatabase(SiyuError):
    """The state database can't be opened: {detail} Look at the setting state and at the PostgreSQL server."""

    code = "no_database"
    status = 503


class DatabaseInUse(SiyuError):
    """Another Siyu already works on the state database {database}. Stop it, or use another database."""

    code = "database_in_use"
    status = 409


class NotDurable(SiyuError):
    """The PostgreSQL server may lose what it has acknowledged. Set fsync and full_page_writes on, and reload it."""

    code = "not_durable"
    status = 500


def url_of(address: str) -> sa.URL:
    """The address as the driver takes it; ``postgres://`` and ``postgresql+psycopg://`` mean the same."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise BadSettings(name="state", detail="it is no address", where="config.toml or SIYU_STATE") from error
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise BadSettings(name="state", detail=f"{url.drivername} is not known", where="config.toml or SIYU_STATE")
    return url.set(drivername="postgresql+psycopg")


def open_engine(url: sa.URL, schema: str = "") -> Engine:
    """Connections to ``schema``, or to the one the address leads to. Nothing is asked of the server yet."""
    engine = sa.create_engine(
        url, pool_size=10, max_overflow=20, pool_timeout=30, pool_pre_ping=True, connect_args=_KEEPALIVE
    )

    @event.listens_for(engine, "connect", insert=True)
    def _configure(raw: Any, _record: object) -> None:
        raw.autocommit = True
        raw.execute(_SESSION)
        if schema:
            raw.execute(f"SET search_path = {schema}")
        raw.autocommit = False

    return engine


def told(error: DBAPIError) -> SiyuError | None:
    """What a fault of the database means to a caller; None when it is a fault of ours."""
    state: str = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state.startswith(_GONE) or (not state and _is_operational(error)):
        return Unavailable(detail="the state database cannot be reached.", retry_after=5)
    if state.startswith(_BUSY):
        return Unavailable(detail="the state database is busy.", retry_after=1)
    if state.startswith(_FULL):
        return Unavailable(detail="the state database is full.", retry_after=30)
    if "NUL (0x00)" in str(error.orig):
        return BadInput(detail="text may not contain the character NUL (U+0000).")
    return None


def _is_operational(error: DBAPIError) -> bool:
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)


def check(engine: Engine) -> tuple[str, str]:
    """The server's version, and what this session had to set for itself to be durable.

    Raises NoDatabase when there is none, NotDurable when the server may forget what it said.
    """
    try:
        with engine.connect() as conn:
            version, fsync, pages, commit = conn.exec_driver_sql(_DURABILITY).one()
    except DBAPIError as error:
        raise NoDatabase(detail=f"{str(error.orig).strip().splitlines()[-1][:300]}.") from error
    if fsync != "on" or pages != "on":
        raise NotDurable
    return str(version), "synchronous_commit = on" if commit == "off" else ""


_DURABILITY = """
    SELECT current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'),
      (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit')
"""


def examine(address: str) -> tuple[str, str]:
    """``check`` for an address, connecting just for that."""
    engine = open_engine(url_of(address))
    try:
        return check(engine)
    finally:
        engine.dispose()


class Claim:
    """This process works on the database, and no other. Freed by ``close()`` and by the end of the process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._conn: Connection | None = None
        self._take(_PATIENCE)

    def hold(self) -> None:
        """Make sure that it is so still: a server that was restarted has forgotten. Raises DatabaseInUse."""
        try:
            if self._conn is not None:
                self._conn.exec_driver_sql("SELECT 1")
                return
        except DBAPIError:
            self.close()
        self._take(0.0)

    def close(self) -> None:
        if self._conn is not None:
            self._conn.invalidate()
            self._conn.close()
            self._conn = None

    def _take(self, patience: float) -> None:
        conn = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        deadline = time.monotonic() + patience
        while not conn.exec_driver_sql(_CLAIM).scalar_one():
            if time.monotonic() >= deadline:
                conn.close()
                raise DatabaseInUse(database=self._engine.url.database)
            time.sleep(0.05)
        self._conn = conn


def make_inbox(conn: Connection) -> None:
    conn.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {INBOX}")


def collate(conn: Connection) -> None:
    """Compare every text by its bytes, as SQLite does: paging and the search for beginnings depend on it."""
    columns = conn.exec_driver_sql(_BY_LANGUAGE).all()
    tables: dict[str, list[str]] = {}
    for table, column in columns:
        tables.setdefault(table, []).append(f'ALTER COLUMN "{column}" TYPE text COLLATE "C"')
    for table, changes in tables.items():
        conn.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(changes)}')


_BY_LANGUAGE = """
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      AND a.atttypid = 'text'::regtype AND a.attcollation <> '"C"'::regcollation AND c.relname <> 'alembic_version'
    ORDER BY c.relname, a.attnum
"""
