"""Moves due runs on: claimed in batches, acted on as sets, everything a batch decides in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from siyu.delivery import WORKER
from siyu.journeys import queries
from siyu.journeys.entering import Journey, load, names_of, obey
from siyu.journeys.ledger import Ledger
from siyu.journeys.nodes.contract import Moment
from siyu.journeys.plans import Plan, Station
from siyu.journeys.types import Move, Run
from siyu.kit import MINUTE, SECOND, Unavailable, logger
from siyu.store import Store

BATCH = 500
LEASE = MINUTE
_IDLE = 1.0
_log = logger("journeys")


def advance(store: Store) -> float:
    """One round over every live journey. Answers the seconds to wait before the next."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        live = [row.id for row in queries.in_state(conn, ["live"])]
        due = {id: queries.next_due(conn, id) for id in live}
    ready = [id for id, at in due.items() if at is not None and at <= now]
    busy = False
    for id in ready:
        busy = _advance_journey(store, id) or busy
    if busy:
        return 0.0
    later = [at - now for at in due.values() if at is not None and at > now]
    return min([_IDLE, *(wait / SECOND for wait in later)])


def _advance_journey(store: Store, journey: str) -> bool:
    now = store.clock.now_ms()
    with store.state.write() as conn:
        ids = queries.claim(conn, journey, WORKER, now, now + LEASE, BATCH, store.lone)
    if ids:
        _advance_runs(store, ids)
    return bool(ids)


def _advance_runs(store: Store, ids: Sequence[int]) -> None:
    """Advance claimed runs together; where that fails, halve them until the one that can't be worked on is alone."""
    try:
        with store.state.write() as conn:
            advance_leased(store, conn, ids)
    except (Unavailable, OperationalError):
        raise
    except Exception as error:
        if len(ids) == 1:
            _park(store, ids[0], error)
            return
        middle = len(ids) // 2
        _advance_runs(store, ids[:middle])
        _advance_runs(store, ids[middle:])


def _park(store: Store, id: int, error: Exception) -> None:
    _log.error("run_parked", run=id, exc_info=error)
    with store.state.write() as conn:
        ledger = Ledger({}, store.clock.now_ms())
        for run in queries.leased(conn, [id], WORKER):
            ledger.note(run, "journey", "parked", {"detail": f"{type(error).__name__}: {error}"[:300]})
            ledger.parked(run)
        ledger.write(conn)


def advance_leased(store: Store, conn: Connection, ids: Sequence[int]) -> None:
    """Take claimed runs as far as they go now, in the caller's transaction."""
    now = store.clock.now_ms()
    journeys = load(conn)
    ledger = Ledger(names_of(journeys), now)
    live = {journey.id for journey in journeys.values() if journey.state == "live"}
    moving = [run for run in queries.leased(conn, ids, WORKER) if run.journey in live]
    moving = _not_overtaken(conn, ledger, journeys, moving)
    while moving:
        for run in moving:
            ledger.touch(run)
        for moment, station, group in _groups(store, conn, now, journeys, moving):
            for move in station.kind.act(moment, station.config, group):
                _apply(ledger, station, move)
        moving = [run for run in moving if run.state == "waiting" and run.due_at <= now]
    ledger.write(conn)


def _not_overtaken(conn: Connection, ledger: Ledger, journeys: dict[str, Journey], runs: Sequence[Run]) -> list[Run]:
    """Without those whose exit event has been settled, whatever order events arrived in: nothing is sent after it."""
    events: set[str] = set()
    for run in runs:
        events |= _plan(journeys, run).marks
    if not events:
        return list(runs)
    marks = queries.marks_of(conn, sorted({run.person for run in runs}), sorted(events))
    return [run for run in runs if not obey(ledger, _plan(journeys, run), run, marks)]


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
        station = journeys[journey].plans[version].stations[node]
        moment = Moment(store, conn, now, journey, journeys[journey].name, node, station.ways.__contains__)
        groups.append((moment, station, group))
    return groups


def _apply(ledger: Ledger, station: Station, move: Move) -> None:
    run = move.run
    ledger.note(run, station.kind.name, move.code, _params(move))
    if move.outcome:
        run.outcome = move.outcome
    if move.end:
        ledger.ended(run, move.end, move.outcome or run.outcome)
    elif move.wait_until:
        run.due_at, run.arrived_at = move.wait_until, move.arrived_at or run.arrived_at
        ledger.touch(run)
    elif (to := station.ways.get(move.branch)) is not None:
        ledger.moved(run, to)
    else:
        ledger.ended(run, "done", run.outcome or "completed")


def _params(move: Move) -> dict[str, Any]:
    return {"branch": move.branch} | move.params if move.branch else move.params
