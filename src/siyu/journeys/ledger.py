"""Collects what happens to runs within one transaction, and writes it at once: rows, trace, counts, events."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import EmittedEvent, emit
from siyu.journeys import queries
from siyu.journeys.queries import tasks
from siyu.journeys.types import ENDED, Entry, Run, RunState, Step

Miss = tuple[str, int, int, str, dict[str, Any]]


class Ledger:
    """``names``: journey → what operators call it."""

    def __init__(self, names: dict[str, str], now: int) -> None:
        self.now = now
        self._names = names
        self._changed: dict[int, Run] = {}
        self._steps: list[Step] = []
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._events: list[EmittedEvent] = []
        self._told: dict[int, str] = {}
        self._dropped: list[Miss] = []
        self._gone: list[int] = []
        self._left: list[int] = []

    def note(self, run: Run, kind: str, code: str, params: dict[str, Any]) -> None:
        """One decision for the trace, at the node where the run stands."""
        self._steps.append(Step(run.id, self.now, run.node, kind, code, params))
        if code == "refused":
            self._counts[run.journey, run.node, f"refused {params.get('reason', '')}"] += 1

    def touch(self, run: Run) -> None:
        """The run has changed and is to be written."""
        self._changed[run.id] = run

    def entered(self, journey: str, first_node: str, trigger: str, entries: list[Entry]) -> None:
        self._counts[journey, "", "entered"] += len(entries)
        for name in ("in", "out"):
            self._counts[journey, trigger, name] += len(entries)
        self._counts[journey, first_node, "in"] += len(entries)
        for entry in entries:
            self._emit("journey_entered", journey, entry.person, f"journey_entered {journey} {entry.key}", {})

    def watched(self, journey: str, trigger: str, number: int) -> None:
        """So many stand on the trigger, which can't tell yet whether they enter."""
        self._counts[journey, trigger, "in"] += number

    def enters(self, run: Run) -> None:
        """The trigger lets a run in that stood on it."""
        self._counts[run.journey, "", "entered"] += 1
        self._emit("journey_entered", run.journey, run.person, f"journey_entered {run.journey} {run.id}", {})

    def dropped(self, run: Run, code: str, params: dict[str, Any]) -> None:
        """The trigger doesn't let a run in that stood on it; it leaves nothing but the reason."""
        self._counts[run.journey, run.node, "out"] += 1
        if run.state == "parked":
            self._counts[run.journey, "", "parked"] -= 1
        self._dropped.append((run.journey, run.person, run.entered_at, code, params))
        self._gone.append(run.id)
        run.state = "exited"

    def converted(self, run: Run) -> None:
        self._counts[run.journey, "", "converted"] += 1
        run.converted_at = self.now
        self.touch(run)
        self._emit("journey_converted", run.journey, run.person, f"journey_converted {run.id}", {})

    def told(self, run: Run) -> None:
        """What the run knows has changed."""
        self._told[run.id] = run.event

    def moved(self, run: Run, to: str, branch: str) -> None:
        """The run goes on to another node, by a branch of this one."""
        self._counts[run.journey, run.node, f"by {branch}"] += 1
        self._counts[run.journey, run.node, "out"] += 1
        self._counts[run.journey, to, "in"] += 1
        run.node, run.arrived_at, run.signal, run.due_at = to, 0, "", self.now
        self.touch(run)

    def ended(self, run: Run, state: RunState, outcome: str) -> None:
        if run.state == "parked":
            self._counts[run.journey, "", "parked"] -= 1
        if run.arrived_at:
            self._left.append(run.id)
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

    @staticmethod
    def has_ended(run: Run) -> bool:
        return run.state in ENDED

    def write(self, conn: Connection) -> None:
        for id in self._gone:
            self._changed.pop(id, None)
        queries.save_runs(conn, self._changed.values())
        queries.drop_runs(conn, self._gone)
        queries.put_misses(conn, self._dropped)
        queries.save_told(conn, self._told)
        tasks.drop_open(conn, self._left, self.now)
        queries.insert_steps(conn, self._steps)
        queries.add_counts(conn, self._counts)
        emit(conn, self._events, self.now)
