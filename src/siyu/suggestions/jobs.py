"""The background of the queue: runs of matching, and bulk decisions carried out bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.collect import current_definitions
from siyu.identity import NotOnePerson, keys_of, link_keys
from siyu.kit import NotFound, logger, new_id
from siyu.matching import FieldName, Job, Pair, Progress, Run
from siyu.profiles import people_after
from siyu.store import Store, now_of
from siyu.suggestions import queries
from siyu.suggestions.actions import reason_of
from siyu.suggestions.choose import Choice, strongest
from siyu.suggestions.reading import columns_of

FOLDER = "matching"
PAGE = 2_000
LEASE_MS = 60_000
_AT_ONCE = 50
_IDLE = 2.0
_log = logger("suggestions")


class Work:
    """One run. Call ``step`` until it answers True."""

    def __init__(self, store: Store, run_id: str, fields: list[FieldName], threshold: float) -> None:
        self._store = store
        self._id = run_id
        self._fields = fields
        self._threshold = threshold
        self._run = Run(store.settings.data / FOLDER / run_id)
        self._last = 0
        self._started = False

    def step(self, seconds: float) -> bool:
        """A little further, waiting at most ``seconds``. Raises RuntimeError when matching broke."""
        if not self._started:
            return not self._collect()
        progress = self._run.poll(seconds)
        if progress.stage != "done":
            return not self._checkpoint(progress.stage, progress.share)
        self._save(progress)
        return True

    def close(self) -> None:
        self._run.close()

    def _collect(self) -> bool:
        """Hand over the next page of persons, or start when there are no more; False when the run was cancelled."""
        with self._store.state.read() as conn:
            people = people_after(conn, self._last, PAGE)
            found = columns_of(conn, people)
        if people:
            self._run.add({person: columns for person, columns in found.items() if columns})
            self._last = people[-1]
            return self._checkpoint("collecting", 0.0)
        self._run.start(Job(self._run.records, self._fields or None, self._threshold))
        self._started = True
        return True

    def _checkpoint(self, stage: str, share: float) -> bool:
        """Tell how far it is and keep the lease; False when the run was cancelled."""
        with self._store.state.write() as conn:
            row = queries.run(conn, self._id)
            if row is None or row.state != "running":
                return False
            change = {"stage": stage, "progress": share, "persons": self._run.records}
            queries.change_run(conn, self._id, change | {"leased_until": now_of(conn) + LEASE_MS})
        return True

    def _save(self, progress: Progress) -> None:
        """Put what was found into the queue, if nobody has cancelled the run."""
        found = list(self._run.pairs())
        with self._store.state.write() as conn:
            row = queries.run(conn, self._id)
            if row is None or row.state != "running":
                return
            queries.forget_waiting(conn)
            new = queries.put_pairs(conn, list(self._rows(conn, found)))
            end = {
                "state": "done",
                "stage": "",
                "progress": 1.0,
                "fields": msgspec.json.encode(progress.fields).decode(),
                "learned": progress.learned,
                "found": new,
                "finished_at": now_of(conn),
                "leased_until": 0,
            }
            queries.change_run(conn, self._id, end)

    def _rows(self, conn: Connection, found: list[Pair]) -> Iterator[tuple[object, ...]]:
        keys = keys_of(conn, {person for pair in found for person in (pair.a, pair.b)})
        definitions = current_definitions(conn)
        choice = Choice(keys, queries.rejected_persons(conn), definitions)
        now = now_of(conn)
        for pair in choice.links(found):
            a, b = strongest(keys[pair.a], definitions), strongest(keys[pair.b], definitions)
            if a is None or b is None:
                continue
            evidence = [(one.field, one.level, one.weight) for one in pair.fields]
            text = msgspec.json.encode(evidence).decode()
            ends = (min(a, b), max(a, b))
            size = choice.group_of(pair.a)
            yield new_id("sug"), *ends, pair.score, pair.weight, text, size, self._id, "waiting", now


class Suggester:
    """Works off runs and bulk decisions; its ``step`` is a background loop's, ``close`` ends what it started."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._work: Work | None = None
        self._id = ""

    def step(self) -> float:
        """A little further. Answers seconds to wait."""
        carried = self._carry_out()
        if self._work is None and not self._claim():
            return 0.0 if carried else _IDLE
        assert self._work is not None
        try:
            if self._work.step(0.2):
                self.close()
        except Exception as error:
            self._fail(error)
            if not isinstance(error, RuntimeError):
                raise
        return 0.0

    def close(self) -> None:
        if self._work is not None:
            self._work.close()
            self._work = None

    def _claim(self) -> bool:
        now = self._store.clock.now_ms()
        with self._store.state.write() as conn:
            row = queries.claim_run(conn, now, now + LEASE_MS)
        if row is None:
            return False
        self._id = row.id
        self._work = Work(self._store, row.id, msgspec.json.decode(row.wanted), row.threshold)
        return True

    def _fail(self, error: Exception) -> None:
        self.close()
        _log.error("run_failed", run=self._id, exc_info=error)
        end = {"state": "failed", "failure": str(error)[:300], "leased_until": 0}
        with self._store.state.write() as conn:
            queries.change_run(conn, self._id, end | {"finished_at": now_of(conn)})

    def _carry_out(self) -> bool:
        """Some of what was accepted in bulk; True when there was something to do."""
        with self._store.state.write() as conn:
            rows = queries.accepting(conn, _AT_ONCE)
            for row in rows:
                self._accept(conn, row)
        return bool(rows)

    def _accept(self, conn: Connection, row: Any) -> None:
        by = Operator(row.decided_by, row.decided_name, "", "admin")
        try:
            link_keys(conn, by, row.key_a, row.key_b, reason_of(row))
            state, failure = "accepted", ""
        except (NotOnePerson, NotFound) as refusal:
            state, failure = "refused", refusal.message()
        queries.decide(conn, row.id, state, by, now_of(conn), failure)
        audit(conn, by, f"suggestion.{state}", row.id, {"score": row.score, "in_bulk": True})
