"""Collects what happens to runs within one transaction, and writes it at once: rows, trace, counts, events."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import EmittedEvent, emit
from siyu.journeys import queries
from siyu.journeys.types import ENDED, Entry, Run, RunState, Step


class Ledger:
    """``names``: journey → what operators call it."""

    def __init__(self, names: dict[str, str], now: int) -> None:
        self.now = now
        self._names = names
        self._changed: dict[int, Run] = {}
        self._steps: list[Step] = []
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._events: list[EmittedEvent] = []

    def note(self, run: Run, kind: str, code: str, params: dict[str, Any]) -> None:
        """One decision for the trace, at the node where the run stands."""
        self._steps.append(Step(run.id, self.now, run.node, kind, code, params))

    def touch(self, run: Run) -> None:
        """The run has changed and is to be written."""
        self._changed[run.id] = run

    def entered(self, journey: str, first_node: str, trigger: str, entries: list[Entry]) -> None:
        self._counts[journey, "", "entered"] += len(entries)
        for name in ("in", "out"):
            self._counts[journey, trigger, name] += len(entries)
        self._counts[journey, first_node, "in"] += len(entries)
        for entry in entries:
            key = f"journey_entered {journey} {entry.key}"
            self._emit("journey_entered", journey, entry.person, key, {})

    def moved(self, run: Run, to: str) -> None:
        """The run goes on to another node."""
        self._counts[run.journey, run.node, "out"] += 1
        self._counts[run.journey, to, "in"] += 1
        run.node, run.arrived_at, run.signal, run.due_at = to, 0, "", self.now
        self.touch(run)

    def ended(self, run: Run, state: RunState, outcome: str) -> None:
        if run.state == "parked":
            self._counts[run.journey, "", "parked"] -= 1
        self._counts[run.journey, run.node, "out"] += 1
        self._counts[run.journey, "", state] += 1
        run.state, run.outcome, run.ended_at = state, outcome, self.now
        self.touch(run)
        key = f"journey_exited {run.journey} {run.id}"
        self._emit("journey_exited", run.journey, run.person, key, {"outcome": outcome, "state": state})

    def parked(self, run: Run) -> None:
        self._counts[run.journey, "", "parked"] += 1
        run.state = "parked"
        self.touch(run)

    def unparked(self, run: Run) -> None:
        self._counts[run.journey, "", "parked"] -= 1
        run.state, run.outcome, run.due_at = "waiting", "", self.now
        self.touch(run)

    def _emit(self, event: str, journey: str, person: int, key: str, more: dict[str, Any]) -> None:
        props = {"journey": journey, "journey_name": self._names.get(journey, "")} | more
        self._events.append(EmittedEvent(event, person, self.now, key, msgspec.json.encode(props).decode()))

    def write(self, conn: Connection) -> None:
        queries.save_runs(conn, self._changed.values())
        queries.insert_steps(conn, self._steps)
        queries.add_counts(conn, self._counts)
        emit(conn, self._events, self.now)


def has_ended(run: Run) -> bool:
    return run.state in ENDED
