"""What journeys do with a settled batch, in its transaction: follow moves, let people leave, let people enter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.engine import Connection

from siyu.identity import person_anchor
from siyu.journeys import queries
from siyu.journeys.admission import admit, candidates
from siyu.journeys.ledger import Ledger
from siyu.journeys.live import Journey, load, names_of
from siyu.journeys.moving import follow
from siyu.journeys.plans import Plan
from siyu.journeys.types import Entry, Run
from siyu.pipeline import Columns, Settled
from siyu.store import Store


def on_settled(store: Store, conn: Connection, settled: Settled) -> None:
    """Take a settled batch in. Cheap when it holds nothing that any journey listens to."""
    if settled.moves:
        follow(conn, settled.moves, settled.now)
    journeys = load(conn)
    if not journeys:
        return
    places = _places(settled.events, journeys)
    leaving, entering = (Ledger(names_of(journeys), settled.now) for _ in range(2))
    if places:
        _leave_by_events(conn, leaving, settled.events, places, journeys)
    if settled.entered:
        _leave_by_audiences(conn, leaving, settled, journeys)
    leaving.write(conn)
    for journey in journeys.values():
        entries = [*candidates(journey, settled, places), *_followers(journey, settled)]
        if entries:
            admit(conn, entering, journey, entries)
    entering.write(conn)


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


def _leave_by_events(
    conn: Connection, ledger: Ledger, events: Columns, places: dict[str, list[int]], journeys: dict[str, Journey]
) -> None:
    marks = _marks(events, places, journeys)
    if not marks:
        return
    queries.put_marks(conn, marks)
    known = _by_person(marks)
    for run in queries.waiting_of(conn, sorted({person for person, _ in known})):
        journey = journeys.get(run.journey)
        plan = journey.plans.get(run.version) if journey else None
        if plan:
            obey(ledger, plan, run, known)


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


def obey(ledger: Ledger, plan: Plan, run: Run, marks: dict[tuple[int, str], int]) -> bool:
    """End a run that an event has overtaken (then True), mark that it has come to its goal, or cut its wait short."""

    def first(names: Iterable[str], since: int) -> str:
        return next((name for name in sorted(names) if marks.get((run.person, name), -1) >= since), "")

    if run.node == plan.trigger.id and (event := first(plan.cuts, run.entered_at)):
        ledger.dropped(run, "did_it", {"event": event})
        return True
    if not run.converted_at and (event := first(plan.goals, run.entered_at)):
        ledger.note(run, "journey", "goal_reached", {"event": event})
        ledger.converted(run)
        if plan.settings.goal_ends:
            ledger.ended(run, "done", "converted")
            return True
    if event := first(plan.exits, run.entered_at):
        ledger.note(run, "journey", "exited", {"event": event})
        ledger.ended(run, "exited", event)
        return True
    if run.arrived_at and not run.signal and run.state == "waiting":
        run.signal = first(plan.signals.get(run.node, ()), run.arrived_at)
        if run.signal:
            run.due_at = ledger.now
            ledger.touch(run)
    return False


def catch_up(ledger: Ledger, plan: Plan, run: Run, marks: dict[tuple[int, str], int]) -> None:
    """Cut a wait short as it begins, by what came before the run was taken up but after the time it counts from: an
    SDK tells of both in one batch. What began the journey doesn't end its first wait."""
    if run.signal or run.due_at <= ledger.now:
        return
    known = ((name, marks.get((run.person, name), -1)) for name in sorted(plan.signals.get(run.node, ())))
    run.signal = next((name for name, at in known if at >= run.arrived_at + (name in plan.starts)), "")
    if run.signal:
        run.due_at = ledger.now


def _leave_by_audiences(conn: Connection, ledger: Ledger, settled: Settled, journeys: dict[str, Journey]) -> None:
    leaving: dict[int, set[str]] = defaultdict(set)
    wanted = {one for journey in journeys.values() for plan in journey.plans.values()
              for one in plan.settings.exit_audiences}  # fmt: skip
    for audience, person in settled.entered:
        if audience in wanted:
            leaving[person].add(audience)
    for run in queries.waiting_of(conn, sorted(leaving)) if leaving else ():
        journey = journeys.get(run.journey)
        plan = journey.plans.get(run.version) if journey else None
        audience = next((one for one in plan.settings.exit_audiences if one in leaving[run.person]), "") if plan else ""
        if audience and not ledger.has_ended(run):
            ledger.note(run, "journey", "exited_audience", {"audience": audience})
            ledger.ended(run, "exited", audience)


def _followers(journey: Journey, settled: Settled) -> list[Entry]:
    """Who comes in by having entered or left an audience."""
    trigger = journey.plan.trigger
    if trigger.kind.follows is None:
        return []
    audience, on = trigger.kind.follows(trigger.config)
    news = settled.entered if on == "entered" else settled.left
    key = f"{audience}:{on}:{settled.now}"
    return [Entry(one, person_anchor(one), settled.now, key, "{}") for name, one in news if name == audience]
