"""Writes the canonical person into events of merged persons, a month at a time, and then retires their aliases.

A month is copied while events go on coming in; what came meanwhile is copied after it, and only for the last few rows
and the exchange itself do inserts wait. Readers see the month as it was or as it is, never between. Anchors stay as
they are, so a later split still finds its rows.
"""

# ruff: noqa: S608 - what is put into the text are our own words and names the engine gave

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec

from siyu.kit import counter, gauge, histogram, logger
from siyu.store import aliases
from siyu.store.engine_tables import COLUMNS, EVERY_MONTH
from siyu.store.journal import Journal

if TYPE_CHECKING:
    from siyu.store.engine import EventEngine

KIND = "exchange"
MANY, OLD = 50_000, 24 * 3_600_000
"""So many aliases, or one that is so many ms old, start a squash."""

_STAGING = "squash"
_FEW = 2_000
"""Rows that may be copied while inserts wait."""
_ROUNDS = 20

_log = logger("squash")
_waiting = gauge("siyu_aliases", "Person numbers that count for another person until events are squashed")
_left = gauge("siyu_squash_months_left", "Months of events that the squash under way has yet to rewrite")
_last = gauge("siyu_squash_last_seconds", "When all aliases of a squash had been retired, epoch seconds")
_rows = counter("siyu_squash_rows_total", "Events rewritten to their canonical person's month")
_months = counter("siyu_squash_months_total", "Months of events rewritten")
_pause = histogram("siyu_squash_pause_seconds", "How long inserts waited for the exchange of a month")


class Squashed(msgspec.Struct, frozen=True):
    """What one step did. ``month`` is empty when the step retired aliases; ``pause`` is seconds that inserts waited."""

    month: str
    rows: int
    retired: int
    pause: float


class Squash:
    """Steps of squashing. All that a run remembers is up to which alias it goes; a new process begins anew."""

    def __init__(self, engine: EventEngine, journal: Journal) -> None:
        self._engine = engine
        self._journal = journal
        self._until: int | None = None

    def due(self, now: int) -> bool:
        """Whether a squash is under way, or aliases are many or old enough for one."""
        found = aliases.waiting(self._engine)
        _waiting.set(found.count)
        if not found.count:
            self._until = None
        return found.count > 0 and (self._until is not None or found.count >= MANY or now - found.oldest >= OLD)

    def step(self, now: int) -> Squashed | None:
        """Rewrite a month, or retire the aliases when no month is left. None when there are none, or when somebody
        rewrote rows meanwhile: then the copy was thrown away, and the step has to be done again."""
        if not aliases.waiting(self._engine).count:
            return None
        if self._until is None:
            self._until = int(self._engine.query("SELECT max(version) FROM aliases").one()[0])
        months = self._months(self._until)
        _left.set(len(months))
        done = self._rewrite(months[0], now) if months else self._retire(self._until, now)
        if done is not None and not done.month:
            self._until = None
            _last.set(now / 1000)
            _waiting.set(aliases.waiting(self._engine).count)
        return done

    def _months(self, until: int) -> list[str]:
        """Months with events under an alias, the oldest first."""
        rows = self._engine.query(
            """SELECT DISTINCT _partition_id FROM events WHERE person IN (
                SELECT person FROM aliases FINAL WHERE person != canonical AND version <= {until:UInt64}
            ) ORDER BY _partition_id""",
            {"until": until},
            max_seconds=300,
        )
        return [str(row[0]) for row in rows]

    def _rewrite(self, month: str, now: int) -> Squashed | None:
        engine = self._engine
        with engine.inserts_waiting():
            _make_staging(engine, "events")
            engine.command("SYSTEM STOP MERGES events")
            engine.changed.clear()
        try:
            seen = self._copy_while_writing(month)
            began = time.perf_counter()
            with engine.inserts_waiting():
                parts = _parts(engine, month)
                if engine.changed & {month, EVERY_MONTH} or not seen <= set(parts):
                    _log.info("squash_disturbed", month=month)
                    return None
                self._copy(set(parts) - seen)
                _exchange(engine, self._journal, "events", month, now)
            pause = time.perf_counter() - began
        finally:
            engine.command("SYSTEM START MERGES events")
            engine.command_aside(f"DROP TABLE IF EXISTS {_STAGING} SYNC")
        rows = sum(parts.values())
        _pause.observe(pause)
        _months.inc()
        _rows.inc(rows)
        return Squashed(month, rows, 0, pause)

    def _copy_while_writing(self, month: str) -> set[str]:
        """Copy, and copy what came meanwhile, until that is little. Answers the parts that have been copied."""
        seen: set[str] = set()
        for _ in range(_ROUNDS):
            parts = _parts(self._engine, month)
            fresh = set(parts) - seen
            if seen and sum(parts[name] for name in fresh) <= _FEW:
                break
            self._copy(fresh)
            seen |= fresh
        return seen

    def _copy(self, parts: Collection[str]) -> None:
        if not parts:
            return
        columns = ", ".join(name for name in COLUMNS["events"] if name != "person")
        listed = ", ".join(f"'{name}'" for name in sorted(parts))
        self._engine.command_aside(f"""
            INSERT INTO {_STAGING} (person, {columns}) SELECT {self._engine.canonical("number")}, {columns}
            FROM (SELECT person AS number, {columns} FROM events WHERE _part IN ({listed}))
            SETTINGS insert_deduplicate = 0, max_threads = 1, max_insert_threads = 1, max_execution_time = 3600
        """)

    def _retire(self, until: int, now: int) -> Squashed:
        """No row is left under these aliases: forget them."""
        engine = self._engine
        began = time.perf_counter()
        with engine.inserts_waiting():
            total = aliases.waiting(engine).count
            _make_staging(engine, "aliases")
            # nobody is number 0; the engine refuses to exchange a partition for an empty one
            engine.command(f"INSERT INTO {_STAGING} SELECT 0, 0, {until}")
            engine.command(f"INSERT INTO {_STAGING} SELECT * FROM aliases FINAL WHERE version > {until}")
            _exchange(engine, self._journal, "aliases", "all", now)
            engine.command(f"DROP TABLE IF EXISTS {_STAGING} SYNC")
            engine.reload_aliases()
            left = aliases.waiting(engine).count
        return Squashed("", 0, total - left, time.perf_counter() - began)


def _make_staging(engine: EventEngine, table: str) -> None:
    engine.command(f"DROP TABLE IF EXISTS {_STAGING} SYNC")
    engine.command(f"CREATE TABLE {_STAGING} AS {table}")


def _parts(engine: EventEngine, month: str) -> dict[str, int]:
    """Active parts of a month → rows."""
    sql = """SELECT name, rows FROM system.parts
        WHERE active AND database = {database:String} AND table = 'events' AND partition_id = {month:String}"""
    return {name: int(rows) for name, rows in engine.query(sql, {"database": engine.database, "month": month})}


def _exchange(engine: EventEngine, journal: Journal, table: str, partition: str, now: int) -> None:
    """Put the staging table's rows in place of a partition.

    A process that dies in the middle may find old and new parts side by side. The exchange is repeated then, before
    anything else is written, and takes both away.
    """
    work = {"table": table, "partition": partition}
    journal.begin(KIND, KIND, work, now)
    try:
        _replace(engine, work)
    finally:
        journal.end(KIND)


def repeat(engine: EventEngine, work: Any) -> None:
    """Finish an exchange out of the journal. Without its staging table it was given up, and nothing had changed."""
    if engine.query(f"EXISTS TABLE {_STAGING}").one()[0]:
        _replace(engine, work)
    engine.command(f"DROP TABLE IF EXISTS {_STAGING} SYNC")
    engine.reload_aliases()


def _replace(engine: EventEngine, work: Any) -> None:
    engine.command(f"ALTER TABLE {work['table']} REPLACE PARTITION ID '{work['partition']}' FROM {_STAGING}")
