"""What journeys do with a settled batch, in its transaction: follow moves, let people leave, let people enter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.journeys import queries
from siyu.journeys.ledger import Ledger
from siyu.journeys.moving import follow
from siyu.journeys.plans import Plan, plan_of
from siyu.journeys.types import Entry, Run
from siyu.kit import DAY, HOUR
from siyu.pipeline import Columns, Settled
from siyu.store import Store


class Journey(msgspec.Struct):
    """A published journey that is not retired. ``plan`` is what people enter now, ``plans`` every version's."""

    id: str
    name: str
    state: str
    version: int
    published_at: int
    plan: Plan
    plans: dict[int, Plan]


def on_settled(store: Store, conn: Connection, settled: Settled) -> None:
    """Take a settled batch in. Cheap when it holds nothing that any journey listens to."""
    if settled.moves:
        follow(conn, settled.moves, settled.now)
    journeys = load(conn)
    if not journeys:
        return
    places = _places(settled.events, journeys)
    if not places:
        return
    leaving, entering = (Ledger(names_of(journeys), settled.now) for _ in range(2))
    marks = _marks(settled.events, places, journeys)
    if marks:
        queries.put_marks(conn, marks)
        _leave(conn, leaving, _by_person(marks), journeys)
        leaving.write(conn)
    for journey in journeys.values():
        _enter(conn, entering, journey, settled, places)
    entering.write(conn)


def load(conn: Connection) -> dict[str, Journey]:
    """Journeys somebody may be in, by id."""
    rows = queries.in_state(conn, ["live", "paused"])
    if not rows:
        return {}
    plans: dict[str, dict[int, Plan]] = defaultdict(dict)
    for (id, number), graph in queries.version_graphs(conn, [row.id for row in rows]).items():
        plans[id][number] = plan_of(graph)
    return {
        row.id: Journey(
            row.id,
            row.name,
            row.state,
            row.published_version,
            row.published_at,
            plans[row.id][row.published_version],
            plans[row.id],
        )
        for row in rows
    }


def names_of(journeys: dict[str, Journey]) -> dict[str, str]:
    return {journey.id: journey.name for journey in journeys.values()}


def _places(events: Columns, journeys: dict[str, Journey]) -> dict[str, list[int]]:
    """Event → where in the batch, for events some journey listens to."""
    wanted: set[str] = set()
    for journey in journeys.values():
        wanted |= journey.plan.starts
        for plan in journey.plans.values():
            wanted |= plan.marks
    found: dict[str, list[int]] = {}
    if wanted.isdisjoint(events.event):
        return found
    for place, name in enumerate(events.event):
        if name in wanted:
            found.setdefault(name, []).append(place)
    return found


def _marks(events: Columns, places: dict[str, list[int]], journeys: dict[str, Journey]) -> dict[queries.Mark, int]:
    """(person, anchor, event) → the last time in this batch, for events that end a journey or a wait."""
    wanted = {name for journey in journeys.values() for plan in journey.plans.values() for name in plan.marks}
    found: dict[queries.Mark, int] = {}
    for name in wanted & set(places):
        for place in places[name]:
            key = (events.person[place], events.anchor[place], name)
            found[key] = max(found.get(key, 0), events.time[place])
    return found


def _by_person(marks: dict[queries.Mark, int]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for (person, _, event), at in marks.items():
        found[person, event] = max(at, found.get((person, event), 0))
    return found


def _leave(conn: Connection, ledger: Ledger, marks: dict[tuple[int, str], int], journeys: dict[str, Journey]) -> None:
    for run in queries.waiting_of(conn, sorted({person for person, _ in marks})):
        journey = journeys.get(run.journey)
        plan = journey.plans.get(run.version) if journey else None
        if plan:
            obey(ledger, plan, run, marks)


def obey(ledger: Ledger, plan: Plan, run: Run, marks: dict[tuple[int, str], int]) -> bool:
    """End a run that an exit event has overtaken (then True), or cut its wait short."""
    for event in sorted(plan.exits):
        if marks.get((run.person, event), 0) >= run.entered_at:
            ledger.note(run, "journey", "exited", {"event": event})
            ledger.ended(run, "exited", event)
            return True
    if run.arrived_at and not run.signal and run.state == "waiting":
        for event in sorted(plan.signals.get(run.node, ())):
            if marks.get((run.person, event), 0) >= run.arrived_at:
                run.signal, run.due_at = event, ledger.now
                ledger.touch(run)
                break
    return False


def _enter(conn: Connection, ledger: Ledger, journey: Journey, settled: Settled, places: dict[str, list[int]]) -> None:
    entries = _candidates(journey, settled, places)
    if not entries:
        return
    past = queries.past_runs(conn, journey.id, sorted({entry.person for entry in entries}))
    taken, missed = _sort(journey, entries, past)
    queries.put_misses(conn, missed)
    if taken:
        first = next(iter(journey.plan.trigger.ways.values()))
        queries.insert_runs(conn, journey.id, journey.version, first, taken)
        ledger.entered(journey.id, first, journey.plan.trigger.id, taken)


def _candidates(journey: Journey, settled: Settled, places: dict[str, list[int]]) -> list[Entry]:
    """Entries of this batch that are fresh, oldest first. The clock of the future is not believed."""
    trigger = journey.plan.trigger
    here = [place for name in journey.plan.starts for place in places.get(name, ())]
    if not here or trigger.kind.entries is None:
        return []
    oldest = max(settled.now - journey.plan.settings.freshness_hours * HOUR, journey.published_at)
    fresh = [place for place in here if settled.events.time[place] >= oldest]
    found = trigger.kind.entries(trigger.config, settled.events, fresh)
    entries = [msgspec.structs.replace(e, at=min(e.at, settled.now)) for e in found]
    return sorted(entries, key=lambda entry: (entry.at, entry.key))


_Miss = tuple[str, int, int, str, dict[str, Any]]


def _sort(
    journey: Journey, entries: Sequence[Entry], past: dict[int, tuple[int, bool]]
) -> tuple[list[Entry], list[_Miss]]:
    """Who enters, and why the others don't."""
    taken: dict[int, Entry] = {}
    missed: dict[int, _Miss] = {}
    for entry in entries:
        if entry.person in taken:
            continue
        miss = _why_not(journey, entry, past.get(entry.person))
        if miss is None:
            taken[entry.person] = entry
        else:
            missed[entry.person] = (journey.id, entry.person, entry.at, *miss)
    return list(taken.values()), list(missed.values())


def _why_not(journey: Journey, entry: Entry, past: tuple[int, bool] | None) -> tuple[str, dict[str, Any]] | None:
    settings = journey.plan.settings
    if journey.state == "paused":
        return "paused", {"event": settings.event}
    if past is None:
        return None
    last_at, inside = past
    if inside:
        return "already_inside", {"event": settings.event}
    if not settings.reentry_days:
        return "once_only", {}
    if entry.at < last_at + settings.reentry_days * DAY:
        return "reentry_window", {"last_at": last_at, "days": settings.reentry_days}
    return None
