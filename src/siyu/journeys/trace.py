"""Why, or why not: every decision about one person and one journey in order, also when they never entered."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.catalog import spoken
from siyu.delivery import run_messages, zone_named
from siyu.identity import canonical, exists
from siyu.journeys import queries
from siyu.journeys.actions import step_views
from siyu.journeys.nodes.trigger_event import matches
from siyu.journeys.plans import Plan, plan_of
from siyu.journeys.queries.engine import trigger_events
from siyu.journeys.texts import step_text
from siyu.journeys.types import JourneyName, Run, Step, StepView, Trace, Verdict
from siyu.kit import HOUR, NotFound, iso, person_no, person_ref
from siyu.settings import current_settings
from siyu.store import Store


def trace(store: Store, ref: str, journey_id: str) -> Trace:
    """Raises NotFound when there is no such person or journey."""
    with store.state.read() as conn:
        row = queries.journey(conn, journey_id)
        if row is None:
            raise NotFound(what="journey")
        number = person_no(ref)
        if not exists(conn, number):
            raise NotFound(what=ref[:40])
        person = canonical(conn, [number])[number]
        runs = queries.runs_of(conn, journey_id, person)
        plan = _plan(conn, row)
        steps = [step for run in runs for step in _run_steps(conn, run, plan)]
        last = _verdict_of(conn, runs[-1]) if runs else None
        missed = _missed(conn, row, person, runs)
        zone, called = zone_named(current_settings(conn).timezone, "Asia/Shanghai"), spoken(conn)
        if not runs and missed is None:
            missed = _never(store, row, plan, person)
        views = step_views(conn, steps)
    if missed:
        text = step_text(missed.code, missed.params, zone, called)
        views.append(StepView(iso(missed.at) if missed.at else None, None, "entry", missed.code, missed.params, text))
    code, params = last or ((missed.code, missed.params) if missed else ("not_yet", {}))
    name = JourneyName(row.id, row.name, row.state)
    return Trace(person_ref(person), name, Verdict(code, step_text(code, params, zone, called)), views)


def _plan(conn: Connection, row: Row[Any]) -> Plan | None:
    if row.published_version is None:
        return None
    return plan_of(queries.version_graphs(conn, [row.id])[row.id, row.published_version])


def _run_steps(conn: Connection, run: Run, plan: Plan | None) -> list[Step]:
    """Entering, what the nodes decided and what became of the messages, in order of time."""
    trigger = plan.trigger if plan else None
    code, params = ("entered", {"event": plan.event}) if plan and plan.event else ("let_in", {})
    kind = trigger.kind.name if trigger else "trigger"
    entered = Step(run.id, run.entered_at, trigger.id if trigger else "", kind, code, params)
    later = queries.steps_of(conn, [run.id]) + [_message_step(row) for row in _told(conn, run)]
    return [entered, *sorted(later, key=lambda step: step.at)]


def _told(conn: Connection, run: Run) -> list[Row[Any]]:
    """Messages whose fate says more than the send step did."""
    return [row for row in run_messages(conn, [run.id]) if (row.state != "queued" or row.reason) and not _at_gate(row)]


def _at_gate(row: Row[Any]) -> bool:
    """Refused when it was asked for, so the send step has told it already."""
    return bool(row.state == "refused" and row.attempts == 0)


def _message_step(row: Row[Any]) -> Step:
    params = {"channel": row.channel, "message": row.id, "reason": row.reason} | msgspec.json.decode(row.params)
    return Step(row.run_id, row.counts_at, row.node_id, "message", f"message_{row.state}", params)


def _verdict_of(conn: Connection, run: Run) -> tuple[str, dict[str, Any]]:
    """What became of a run, in one code: what happened to its last message outweighs how the run ended."""
    messages = run_messages(conn, [run.id])
    if messages and not (messages[-1].state == "refused" and run.state == "waiting"):
        step = _message_step(messages[-1])
        code = "refused" if step.code == "message_refused" else step.code
        return code, step.params
    if run.state == "waiting":
        return "waiting", {"due_at": run.due_at}
    if run.state == "holdout":
        return "held_out", _last_params(conn, run, "held_out")
    if run.state == "exited":
        if run.outcome in ("merged", "retired"):
            return run.outcome, {}
        code = "exited_audience" if run.outcome.startswith("aud_") else "exited"
        return code, {"audience": run.outcome} if code != "exited" else {"event": run.outcome}
    if run.state == "parked":
        return "parked", _last_params(conn, run, "parked")
    return "done", {}


def _last_params(conn: Connection, run: Run, code: str) -> dict[str, Any]:
    return next((step.params for step in reversed(queries.steps_of(conn, [run.id])) if step.code == code), {})


class _Missed(msgspec.Struct, frozen=True):
    at: int
    code: str
    params: dict[str, Any]


def _missed(conn: Connection, row: Row[Any], person: int, runs: list[Run]) -> _Missed | None:
    """The last time they could have entered after their last run, and didn't."""
    miss = queries.miss_of(conn, row.id, person)
    if miss is None or (runs and miss.at < runs[-1].entered_at):
        return None
    return _Missed(miss.at, miss.code, msgspec.json.decode(miss.params))


def _never(store: Store, row: Row[Any], plan: Plan | None, person: int) -> _Missed:
    """Why somebody with no run and no miss on record isn't in the journey: read from what happened."""
    if plan is None:
        return _Missed(0, "not_published", {})
    if not plan.event:
        return _Missed(0, "not_let_in", {})
    settings = plan.settings
    events = trigger_events(store, store.events.numbers_of([person]), sorted(plan.starts))
    if not events:
        return _Missed(0, "no_event", {"event": plan.event})
    event, at, received, props = events[0]
    told = {"event": event, "at": at}
    if received - at > settings.freshness_hours * HOUR:
        return _Missed(at, "too_old", told | {"hours": settings.freshness_hours})
    if at < row.published_at:
        return _Missed(at, "before_publish", told | {"published_at": row.published_at})
    if not matches(getattr(plan.trigger.config, "where", []), msgspec.json.decode(props)):
        return _Missed(at, "not_matching", told)
    if row.state == "retired":
        return _Missed(at, "retired_before", told)
    return _Missed(at, "not_yet", told)
