"""Moves due runs on: claimed in batches, acted on as sets, everything a batch decides in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from siyu.identity import person_anchor
from siyu.journeys import queries
from siyu.journeys.admission import admit
from siyu.journeys.entering import catch_up, obey
from siyu.journeys.ledger import Ledger
from siyu.journeys.live import Journey, load, names_of
from siyu.journeys.nodes.contract import Moment
from siyu.journeys.plans import Plan, Station
from siyu.journeys.types import Entry, Move, Run
from siyu.kit import MINUTE, SECOND, Unavailable, gauge, logger
from siyu.store import Store

BATCH = 2000
LEASE = MINUTE
ALONE_AFTER, STUCK_AFTER = 2, 6
"""A run on which the process died so often in a row is worked on alone; one that still kills it is parked."""
_IDLE = 1.0
_log = logger("journeys")
_late = gauge("siyu_journey_lateness_seconds", "How long the longest-due run of a live journey has been due")


def advance(store: Store) -> float:
    """One round over every live journey. Answers the seconds to wait before the next."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        due = queries.next_due(conn)
    ready = sorted((id for id, at in due.items() if at <= now), key=due.__getitem__)
    _late.set((now - due[ready[0]] if ready else 0) / SECOND)
    if ready and _advance_due(store, ready):
        return 0.0
    later = [at - now for at in due.values() if at > now]
    return min([_IDLE, *(wait / SECOND for wait in later)])


def _advance_due(store: Store, ready: Sequence[str]) -> bool:
    """Claim due runs of these journeys and take them on together: two transactions however many journeys there are."""
    with store.state.write() as conn:
        claimed = _claim(store, conn, ready)
        suspects = [(tries, id) for id, tries in claimed if ALONE_AFTER <= tries < STUCK_AFTER]
        alone = [id for _, id in sorted(suspects)]  # who died on it most comes last, so that the others get on
        queries.count_tries(conn, alone, -1)  # counted again just before each is worked on
    together = [id for id, tries in claimed if tries < ALONE_AFTER]
    if together:
        _advance_runs(store, together)
    for id, tries in claimed:
        if tries >= STUCK_AFTER:
            _park(store, id, "the process ended each time it was worked on")
    for id in alone:
        with store.state.write() as conn:
            queries.count_tries(conn, [id], 1)
        _advance_runs(store, [id])
    return bool(claimed)


def _claim(store: Store, conn: Connection, ready: Sequence[str]) -> list[tuple[int, int]]:
    """At most a batch, an equal share from each journey, the latest first; what one leaves of its share goes to those
    after it, and in the end to those that had more."""
    now = store.clock.now_ms()
    claimed: list[tuple[int, int]] = []
    left = list(ready)
    while left and len(claimed) < BATCH:
        more = []
        for place, journey in enumerate(left):
            share = -(-(BATCH - len(claimed)) // (len(left) - place))
            if not share:
                break
            taken = queries.claim(conn, journey, store.worker, now, now + LEASE, share, store.lone)
            claimed += taken
            if len(taken) == share:
                more.append(journey)
        left = more if len(more) < len(left) else []
    return claimed


def _advance_runs(store: Store, ids: Sequence[int]) -> None:
    """Advance claimed runs together; where that fails, halve them until the one that can't be worked on is alone."""
    try:
        with store.state.write() as conn:
            advance_leased(store, conn, ids)
    except (Unavailable, OperationalError):
        raise
    except Exception as error:
        if len(ids) == 1:
            _log.error("run_parked", run=ids[0], exc_info=error)
            _park(store, ids[0], f"{type(error).__name__}: {error}"[:300])
            return
        middle = len(ids) // 2
        _advance_runs(store, ids[:middle])
        _advance_runs(store, ids[middle:])


def _park(store: Store, id: int, detail: str) -> None:
    with store.state.write() as conn:
        ledger = Ledger({}, store.clock.now_ms())
        for run in queries.leased(conn, [id], store.worker):
            ledger.note(run, "journey", "parked", {"detail": detail})
            ledger.parked(run)
        ledger.write(conn)


def advance_leased(store: Store, conn: Connection, ids: Sequence[int]) -> None:
    """Take claimed runs as far as they go now, in the caller's transaction."""
    now = store.clock.now_ms()
    journeys = load(conn)
    ledger = Ledger(names_of(journeys), now)
    live = {journey.id for journey in journeys.values() if journey.state == "live"}
    moving = [run for run in queries.leased(conn, ids, store.worker) if run.journey in live]
    marks = _marks_of(conn, journeys, moving)
    moving = [run for run in moving if not obey(ledger, _plan(journeys, run), run, marks)] if marks else moving
    sent_on: dict[str, list[Entry]] = defaultdict(list)
    while moving:
        for moment, station, group in _groups(store, conn, now, journeys, moving):
            for move in station.kind.act(moment, station.config, group):
                apply(ledger, station, move)
                if move.into:
                    sent_on[move.into].append(_entry(move.run, moment))
                if marks and move.wait_until:
                    catch_up(ledger, _plan(journeys, move.run), move.run, marks)
        moving = [run for run in moving if run.state == "waiting" and run.due_at <= now]
    for target, entries in sent_on.items():
        if target in journeys:
            admit(conn, ledger, journeys[target], entries)
    ledger.write(conn)


def _entry(run: Run, moment: Moment) -> Entry:
    return Entry(run.person, person_anchor(run.person), moment.now, f"from:{run.id}:{moment.node}", run.event)


def _marks_of(conn: Connection, journeys: dict[str, Journey], runs: Sequence[Run]) -> dict[tuple[int, str], int]:
    """When those who move last did what ends a journey or a wait, in whatever order events arrived: nothing is sent
    after it."""
    events: set[str] = set()
    for plan in {id(plan): plan for plan in (_plan(journeys, run) for run in runs)}.values():
        events |= plan.marks
    return queries.marks_of(conn, sorted({run.person for run in runs}), sorted(events)) if events else {}


def _plan(journeys: dict[str, Journey], run: Run) -> Plan:
    return journeys[run.journey].plans[run.version]


def _groups(
    store: Store, conn: Connection, now: int, journeys: dict[str, Journey], runs: Sequence[Run]
) -> list[tuple[Moment, Station, list[Run]]]:
    """Runs that stand at the same node of the same version, to be acted on together."""
    found: dict[tuple[str, int, str], list[Run]] = defaultdict(list)
    for run in runs:
        found[run.journey, run.version, run.node].append(run)
    groups = []
    for (journey, version, node), group in found.items():
        plan = journeys[journey].plans[version]
        station = plan.stations[node]
        name, has = journeys[journey].name, station.ways.__contains__
        groups.append((Moment(store, conn, now, journey, name, node, has, plan.settings), station, group))
    return groups


def apply(ledger: Ledger, station: Station, move: Move) -> None:
    """Carry out what a node decided about a run."""
    run = move.run
    if move.enters:
        ledger.enters(run)
    else:
        ledger.note(run, station.kind.name, move.code, _params(move))
    if move.goal and not run.converted_at:
        ledger.converted(run)
    if move.told:
        run.event = move.told
        ledger.told(run)
    if move.outcome:
        run.outcome = move.outcome
    if move.end:
        ledger.ended(run, move.end, move.outcome or run.outcome)
    elif move.wait_until:
        run.due_at, run.arrived_at = move.wait_until, move.arrived_at or run.arrived_at
        ledger.touch(run)
    elif (to := station.ways.get(move.branch)) is not None:
        ledger.moved(run, to, move.branch)
    else:
        ledger.ended(run, "done", run.outcome or "completed")


def _params(move: Move) -> dict[str, Any]:
    return {"branch": move.branch} | move.params if move.branch else move.params
