"""An import at work: chunk after chunk, each with a checkpoint, so that a killed import goes on where it was.

Reading starts over after a kill, because like rows are told apart by how often they came before; only writing is
skipped. The one chunk that may be written twice does no harm: its records have the keys they had before.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import xxhash
from sqlalchemy.engine import Connection

from siyu.collect.definitions import current_definitions
from siyu.collect.identifiers import in_force
from siyu.collect.importers import queries
from siyu.collect.importers.errors_file import ErrorsFile, RowError
from siyu.collect.importers.files import BadFile, Row
from siyu.collect.importers.occurrences import Occurrences
from siyu.collect.importers.opening import open_table
from siyu.collect.importers.queries import ImportRow
from siyu.collect.inbox import Inbox
from siyu.collect.sources.rows import NAME, Made, Options, RowFault, RowReader
from siyu.kit import Unavailable
from siyu.store import Store

CHUNK = 2_000
LEASE_MS = 15_000
FIRST_ERRORS = 20
FOLDER = "imports"


def file_of(store: Store, import_id: str) -> Path:
    return store.settings.data / FOLDER / import_id


def errors_of(store: Store, import_id: str) -> Path:
    return store.settings.data / FOLDER / f"{import_id}.errors.csv"


class Work:
    """One import. Call ``step`` until it answers True. Raises Unavailable when too much waits; call again later."""

    def __init__(self, store: Store, inbox: Inbox, job: ImportRow) -> None:
        self._store = store
        self._inbox = inbox
        self._job = job
        self._done, self._ok, self._bad, self._ignored = job.rows_done, job.rows_ok, job.rows_bad, job.ids_ignored
        self._first: list[RowError] = msgspec.json.decode(job.first_errors, type=list[RowError])
        self._errors = ErrorsFile(errors_of(store, job.id), job.errors_bytes)
        table = open_table(file_of(store, job.id))
        self._total = table.total
        self._rows: Iterator[Row] = iter(table.rows())
        self._reader = RowReader(
            job.entity,  # type: ignore[arg-type]
            msgspec.json.decode(job.mapping, type=dict[str, str]),
            msgspec.json.decode(job.options, type=Options),
            table.columns,
            zone=ZoneInfo(store.settings.timezone),
            digest=job.digest,
            now=job.started_at,
        )
        self._before = Occurrences()
        self._read = 0
        self._waiting: tuple[int, list[Made], list[RowError]] | None = None

    @property
    def progress(self) -> tuple[int, int | None]:
        """Rows done, and all rows as far as known."""
        return self._done, self._total

    def step(self) -> bool:
        """Take the next chunk; True when that was the last."""
        if self._waiting is None:
            chunk = self._next()
            if chunk is None:
                self._finish()
                return True
            self._waiting = chunk
        count, made, errors = self._waiting
        self._take(count, made, errors)
        self._waiting = None
        return False

    def _next(self) -> tuple[int, list[Made], list[RowError]] | None:
        """The next rows that no checkpoint covers yet."""
        while rows := list(islice(self._rows, CHUNK)):
            with self._store.state.read() as conn:
                definitions = current_definitions(conn)
            with in_force(definitions):
                made, errors = self._read_chunk(rows)
            self._read += len(rows)
            if self._read > self._done:
                return len(rows), made, errors
        return None

    def _read_chunk(self, rows: list[Row]) -> tuple[list[Made], list[RowError]]:
        made: list[Made] = []
        errors: list[RowError] = []
        limit = self._store.settings.max_event_bytes
        for row in rows:
            try:
                found = self._reader.read(row)
                if any(len(record.props) > limit for record in found.records):
                    raise RowFault("", "", "too_long")
                made.append(found)
            except RowFault as fault:
                errors.append(RowError(row.number, fault.column, fault.reason, fault.value))
        counted = [one for one in made if one.counted]
        before = self._before.number([xxhash.xxh3_64_intdigest(one.identity.encode()) for one in counted])
        for one, times in zip(counted, before, strict=True):
            one.key_with(times)
        for one in made:
            if not one.counted:
                one.key_with(0)
        return made, errors

    def _take(self, count: int, made: list[Made], errors: list[RowError]) -> None:
        now = self._store.clock.now_ms()
        if not self._job.dry_run:
            records = [record for one in made for record in one.records]
            if records:
                self._inbox.append(self._job.source_id, now, records, (), NAME)
        with self._store.state.write() as conn:
            repeats = self._save_spend(conn, made, now) if self._job.entity == "spend" else []
            bad = [*errors, *repeats]
            ignored = [RowError(one.number, *_said(what), taken=True) for one in made for what in one.ignored]
            self._errors.add(sorted([*bad, *ignored], key=lambda error: error.row))
            self._done += count
            self._bad += len(bad)
            self._ignored += len(ignored)
            self._ok += count - len(bad)
            self._first = sorted([*self._kept(bad, False), *self._kept(ignored, True)], key=lambda error: error.row)
            queries.change(conn, self._job.id, self._checkpoint() | {"leased_until": now + LEASE_MS})

    def _kept(self, new: list[RowError], taken: bool) -> list[RowError]:
        """The first of either sort."""
        return sorted([one for one in self._first if one.taken == taken] + new, key=lambda one: one.row)[:FIRST_ERRORS]

    def _save_spend(self, conn: Connection, made: list[Made], now: int) -> list[RowError]:
        """Save a chunk of spend; answers rows that say again what an earlier row of the same file said."""
        rows = [(one.number, one.spend) for one in made if one.spend]
        known = queries.spend_at(conn, [(row.date, row.channel, row.campaign) for _, row in rows])
        fresh, repeats = [], []
        for number, row in rows:
            key = (row.date, row.channel, row.campaign)
            said_by, said_in = known.get(key, ("", 0))
            if said_by == self._job.id and said_in != number:
                repeats.append(RowError(number, "", "duplicate", " ".join(key).strip()))
                continue
            known[key] = (self._job.id, number)
            fresh.append((number, row))
        if not self._job.dry_run:
            queries.save_spend(conn, self._job.id, now, fresh)
        return repeats

    def _checkpoint(self) -> dict[str, object]:
        return {
            "rows_done": self._done,
            "rows_ok": self._ok,
            "rows_bad": self._bad,
            "ids_ignored": self._ignored,
            "errors_bytes": self._errors.size,
            "first_errors": msgspec.json.encode(self._first).decode(),
        }

    def _finish(self) -> None:
        state = "dry_run_done" if self._job.dry_run else "done"
        end = {"state": state, "rows_total": self._done, "finished_at": self._store.clock.now_ms(), "leased_until": 0}
        with self._store.state.write() as conn:
            queries.change(conn, self._job.id, self._checkpoint() | end)


def _said(ignored: tuple[str, str, str]) -> tuple[str, str, str]:
    """Column, reason and value, as much of it as an error list shows."""
    column, value, reason = ignored
    return column, reason, value[:200]


class Importer:
    """Works off running imports; its ``step`` is a background loop's."""

    def __init__(self, store: Store, inbox: Inbox) -> None:
        self._store = store
        self._inbox = inbox
        self._work: Work | None = None
        self._id = ""

    def step(self) -> float:
        """Take a chunk of the import under way, or the next import. Answers seconds to wait."""
        if self._work is None and not self._claim():
            return 2.0
        if self._work is None:
            return 0.0
        try:
            if self._work.step():
                self._work = None
        except Unavailable:
            self._hold()
            return 1.0
        except Exception as error:
            self._fail(error)
            if not isinstance(error, BadFile):
                raise
        return 0.0

    def _claim(self) -> bool:
        now = self._store.clock.now_ms()
        with self._store.state.write() as conn:
            job = queries.claim(conn, now, now + LEASE_MS)
        if job is None:
            return False
        self._id = job.id
        try:
            self._work = Work(self._store, self._inbox, job)
        except Exception as error:
            self._fail(error)
        return True

    def _hold(self) -> None:
        with self._store.state.write() as conn:
            queries.change(conn, self._id, {"leased_until": self._store.clock.now_ms() + LEASE_MS})

    def _fail(self, error: Exception) -> None:
        self._work = None
        text = error.message() if isinstance(error, BadFile) else f"Something went wrong ({type(error).__name__})."
        end = {"state": "failed", "failure": text, "finished_at": self._store.clock.now_ms(), "leased_until": 0}
        with self._store.state.write() as conn:
            queries.change(conn, self._id, end)
