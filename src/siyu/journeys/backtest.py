"""Back-test: a draft over a past window under a clock of its own. The same code, and nothing is sent.

What happened is read from the event engine in slices, and taken in as a settled batch would be; then whoever is due
moves on. What is known of persons (traits, consent, reach) and who is in an audience is taken as it is today.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy.engine import Row

from siyu.identity import person_anchor
from siyu.journeys import queries
from siyu.journeys.entering import on_settled
from siyu.journeys.jobs import advance
from siyu.journeys.plans import Plan, plan_of
from siyu.journeys.queries import backtests
from siyu.journeys.queries import shadow as shadows
from siyu.journeys.queries.engine import happened
from siyu.journeys.starting import let_in
from siyu.journeys.types import BacktestResult, EdgeCount, GateAnswer, HourLoad
from siyu.kit import DAY, MINUTE, ManualClock, SiyuError, iso, logger
from siyu.pipeline import Columns, Settled
from siyu.store import Store

SLICE = 15 * MINUTE
_LEASE = 10 * MINUTE
_IDLE = 1.0
_NEVER = 1 << 62
_log = logger("backtest")
Progress = Callable[[float], None]


def try_out(store: Store) -> float:
    """A step of the background loop: one back-test from beginning to end. Answers the seconds to wait."""
    now = store.clock.now_ms()
    with store.state.write() as conn:
        row = backtests.take(conn, now, now + _LEASE)
    if row is None:
        return _IDLE
    try:
        result = rehearse(store, row.journey_id, row.graph, row.since, row.until, _reporter(store, row))
        text, state = msgspec.json.encode(result).decode(), "done"
    except SiyuError as error:
        _log.warning("backtest_failed", id=row.id, exc_info=error)
        text, state = msgspec.json.encode({"detail": error.message()}).decode(), "failed"
    with store.state.write() as conn:
        backtests.change(conn, row.id, {"state": state, "progress": 1.0, "result": text})
    return 0.0


def _reporter(store: Store, row: Row[Any]) -> Progress:
    """Writes progress down once a second, which also keeps the lease."""
    last = [0.0]

    def report(share: float) -> None:
        if time.monotonic() - last[0] > 1:
            last[0] = time.monotonic()
            values = {"progress": round(share, 3), "lease_until": store.clock.now_ms() + _LEASE}
            with store.state.write() as conn:
                backtests.change(conn, row.id, values)

    return report


def rehearse(
    store: Store, journey: str, graph: str, since: int, until: int, progress: Progress = lambda _: None
) -> BacktestResult:
    """What would have become of everybody, had this graph been live from ``since`` until ``until``.

    ``journey`` is whose draft it is: lots fall as they would in it.
    """
    clock, plan = ManualClock(since), plan_of(graph)
    file = store.settings.data / f"backtest-{time.time_ns()}.db"
    with shadows.shadow(store.state, file, clock, since) as state:
        beside = copy.copy(store)
        beside.state, beside.clock = state, clock
        _publish(beside, journey, graph, since)
        due = 0
        for at, events in _slices(store, plan, since, until):
            if not events.person and at < due:
                continue
            progress((at - since) / max(1, until - since))
            clock.set(at)
            _take_in(beside, events)
            due = _move_on(beside, plan, at)
        return _result(beside, journey, plan)


def _move_on(beside: Store, plan: Plan, at: int) -> int:
    """Let everybody go as far as they go at a moment; answers when there is something to do again."""
    by_clock = plan.trigger.kind.fires is not None
    while True:
        while by_clock and let_in(beside) == 0:
            pass
        with beside.state.read() as conn:
            due = min(queries.next_due(conn).values(), default=_NEVER)
        if due > at or advance(beside) > 0:
            return at if by_clock else max(at, due)


def _publish(beside: Store, journey: str, graph: str, at: int) -> None:
    row = {"id": journey, "name": "", "state": "live", "graph": graph, "version": 1}
    with beside.state.write() as conn:
        queries.insert_journey(
            conn, row | {"created_at": at, "updated_at": at, "published_version": 1, "published_at": at}
        )
        queries.insert_version(conn, journey, 1, graph, at, "")


def _slices(store: Store, plan: Plan, since: int, until: int) -> Iterator[tuple[int, Columns]]:
    """The ends of the slices of the window, each with what happened in it that the plan listens to."""
    names = sorted(plan.starts | plan.marks)
    for day in range(since, until, DAY):
        rows = happened(store.events, names, day, min(day + DAY, until)) if names else []
        place = 0
        for end in range(min(day + SLICE, until), min(day + DAY, until) + 1, SLICE):
            first = place
            while place < len(rows) and rows[place][1] < end:
                place += 1
            yield end, _columns(rows[first:place])


def _columns(rows: list[tuple[int, int, str, int, str]]) -> Columns:
    person = [row[0] for row in rows]
    times = [row[1] for row in rows]
    nothing = [""] * len(rows)
    return Columns(
        person=person, anchor=[person_anchor(one) for one in person], time=times, event=[row[2] for row in rows],
        key=[row[3] for row in rows], source=nothing, received=times, amount=[0] * len(rows),
        props=[row[4] for row in rows], context=nothing,
    )  # fmt: skip


def _take_in(beside: Store, events: Columns) -> None:
    if events.person:
        settled = Settled(0, beside.clock.now_ms(), events, sorted(set(events.person)), {}, entered=[], left=[])
        with beside.state.write() as conn:
            on_settled(beside, conn, settled)


def _result(beside: Store, journey: str, plan: Plan) -> BacktestResult:
    with beside.state.read() as conn:
        counts = queries.counts_of(conn, [journey])
        hours, paths, answers = shadows.by_hour(conn), shadows.branches(conn), shadows.answers(conn)
    named = {name: counts.get((journey, "", name), 0) for name in ("entered", "done", "exited", "holdout", "converted")}
    edges = [EdgeCount(node, branch, number) for (node, branch), number in sorted(paths.items())]
    first = EdgeCount(plan.trigger.id, next(iter(plan.trigger.ways)), named["entered"])
    loads = [HourLoad(iso(at), hours["entered"].get(at, 0), hours["sends"].get(at, 0))
             for at in sorted({*hours["entered"], *hours["sends"]})]  # fmt: skip
    sends = sum(number for *_, said, number in answers if said == "queued")
    gate = [GateAnswer(node, channel, said, number) for node, channel, said, number in answers]
    return BacktestResult(
        **named, sends=sends, edges=[first, *(e for e in edges if e.node != first.node)], gate=gate, hours=loads
    )
