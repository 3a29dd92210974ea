"""What operators do with journeys: draw, check, publish, pause, retire, look into runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import members_of, names_of, rule_faults
from siyu.catalog import spoken
from siyu.content import saved
from siyu.delivery import Policies, enabled_channels, journey_counts, policy_table, schema_of, zone_named
from siyu.identity import canonical, exists, find_person
from siyu.journeys import queries
from siyu.journeys.check import check
from siyu.journeys.ledger import Ledger
from siyu.journeys.live import load
from siyu.journeys.nodes import KINDS
from siyu.journeys.nodes.contract import Checking
from siyu.journeys.plans import modern, plan_of
from siyu.journeys.queries import backtests, starts
from siyu.journeys.starting import AT_ONCE, begin, take
from siyu.journeys.templates import TEMPLATES
from siyu.journeys.templates.drawing import in_language
from siyu.journeys.texts import step_text
from siyu.journeys.types import (
    BacktestResult,
    BacktestView,
    Counts,
    Graph,
    JourneyChange,
    JourneyView,
    KindView,
    NewJourney,
    NodeCounts,
    People,
    Problem,
    Publishing,
    Run,
    RunDetail,
    RunView,
    StartView,
    Step,
    StepView,
    TemplateView,
    VersionView,
    Window,
)
from siyu.kit import (
    DAY,
    BadInput,
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    OutboundRefused,
    Page,
    SiyuError,
    check_host,
    check_version,
    iso,
    iso_or_none,
    new_id,
    person_no,
    person_ref,
)
from siyu.profiles import display_names
from siyu.settings import current_settings
from siyu.store import Store, now_of
from siyu.tags import gift_fault

_RETIRE_BATCH = 1000


class NotReady(SiyuError):
    """The journey can't be published yet; each problem is named in errors."""

    code = "journey_not_ready"
    status = 422


def kinds() -> list[KindView]:
    return [
        KindView(
            kind=kind.name,
            label={"zh": kind.zh, "en": kind.en},
            config_schema=schema_of(kind.config),
            branches=list(kind.branches),
            branch_labels=kind.branches,
            trigger=kind.group == "trigger",
            group=kind.group,
            dynamic_branches=kind.dynamic or None,
        )
        for kind in KINDS.values()
    ]


def _row(conn: Connection, id: str) -> Row[Any]:
    row = queries.journey(conn, id)
    if row is None:
        raise NotFound(what="journey")
    return row


def list_journeys(conn: Connection, after: str | None, limit: int) -> Page[JourneyView]:
    """Newest first."""
    at, _, id = (after or "").partition("~")
    if after is not None and not (at.isascii() and at.isdigit() and len(at) < 19 and id):
        raise BadInput(detail="after is no cursor of this list.")
    rows = queries.list_journeys(conn, (int(at), id) if after else None, limit)
    return Page(_views(conn, rows), f"{rows[-1].created_at}~{rows[-1].id}" if len(rows) == limit else None)


def journey_view(conn: Connection, id: str) -> JourneyView:
    return _views(conn, [_row(conn, id)])[0]


def _views(conn: Connection, rows: Sequence[Row[Any]]) -> list[JourneyView]:
    ids = [row.id for row in rows]
    counts, messages = queries.counts_of(conn, ids), journey_counts(conn, ids)
    return [
        JourneyView(
            id=row.id,
            name=row.name,
            state=row.state,
            version=row.version,
            published_version=row.published_version,
            published_at=iso_or_none(row.published_at),
            graph=_graph(row),
            counts=_counts(row.id, counts, messages.get(row.id, {})),
            nodes_counts=_nodes_counts(row.id, counts),
            created_at=iso(row.created_at),
        )
        for row in rows
    ]


def _graph(row: Row[Any]) -> Graph:
    return modern(msgspec.json.decode(row.graph, type=Graph))


def _counts(id: str, counts: Mapping[tuple[str, str, str], int], messages: Mapping[str, int]) -> Counts:
    runs = {name: counts.get((id, "", name), 0) for name in ("entered", "done", "exited", "holdout", "parked")}
    waiting = runs["entered"] - runs["done"] - runs["exited"] - runs["holdout"] - runs["parked"]
    states = {name: messages.get(name, 0) for name in ("sent", "refused", "failed", "in_doubt")}
    converted = counts.get((id, "", "converted"), 0)
    return Counts(waiting=waiting, converted=converted, **runs, **states)


def _nodes_counts(id: str, counts: Mapping[tuple[str, str, str], int]) -> dict[str, NodeCounts]:
    nodes: dict[str, dict[str, int]] = {}
    for (journey, node, name), number in counts.items():
        if journey == id and node:
            nodes.setdefault(node, {})[name] = number
    found = {}
    for node, named in sorted(nodes.items()):
        came, left = named.get("in", 0), named.get("out", 0)
        found[node] = NodeCounts(came, came - left, left, _told(named, "by "), _told(named, "refused "))
    return found


def _told(named: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): number for name, number in named.items() if name.startswith(prefix)}


def versions(conn: Connection, id: str) -> list[VersionView]:
    """What was published, newest first."""
    _row(conn, id)
    return [
        VersionView(row.number, iso(row.published_at), row.published_by, _graph(row), row.inside)
        for row in queries.list_versions(conn, id)
    ]


def create(conn: Connection, actor: Operator, wanted: NewJourney) -> JourneyView:
    """Start a draft, empty or from a template. Raises Invalid for an unknown template."""
    if wanted.template is not None and wanted.template not in TEMPLATES:
        raise Invalid(errors=[FieldError("template", f"Known templates: {', '.join(TEMPLATES)}.", "unknown")])
    say = in_language(wanted.language or current_settings(conn).language)
    graph = TEMPLATES[wanted.template].draw(say, wanted.audience) if wanted.template else Graph()
    id, now = new_id("jrn"), now_of(conn)
    values = {"id": id, "name": wanted.name, "state": "draft", "graph": _text(graph), "version": 1}
    queries.insert_journey(conn, values | {"created_at": now, "updated_at": now})
    audit(conn, actor, "journey.create", id, {"template": wanted.template})
    return journey_view(conn, id)


def templates(language: str) -> list[TemplateView]:
    """What a journey can start from, drawn in a language."""
    say = in_language(language)
    return [
        TemplateView(
            one.name,
            one.label,
            one.hint,
            one.draw(say, ""),
            {"label": one.audience.label, "rule": one.audience.rule} if one.audience else None,
        )
        for one in TEMPLATES.values()
    ]


def _text(graph: Graph) -> str:
    return msgspec.json.encode(graph).decode()


def change(conn: Connection, actor: Operator, id: str, wanted: JourneyChange, if_match: str | None) -> JourneyView:
    """Replace the draft. What is live stays as published. Raises StaleEdit; Conflict when retired."""
    row = _row(conn, id)
    check_version(if_match, row.version)
    if row.state == "retired":
        raise Conflict(detail="A retired journey can't be changed; copy it instead.")
    try:
        text = _text(modern(wanted.graph))
    except msgspec.ValidationError as error:
        raise Invalid(errors=[FieldError("graph.settings", str(error), "invalid")]) from error
    if len(text) > 500_000:
        raise Invalid(errors=[FieldError("graph", "The graph is larger than 500 kB.", "too_large")])
    values = {"name": wanted.name, "graph": text, "version": row.version + 1, "updated_at": now_of(conn)}
    queries.update_journey(conn, id, values)
    audit(conn, actor, "journey.change", id, {"version": row.version + 1})
    return journey_view(conn, id)


def problems(store: Store, conn: Connection, id: str) -> list[Problem]:
    """What keeps the draft from being published."""
    graph = _graph(_row(conn, id))
    checking = Checking(
        enabled=enabled_channels(conn),
        policies=Policies(policy_table(conn)),
        settings=graph.settings,
        now=now_of(conn),
        audiences=frozenset(names_of(conn)),
        journeys=frozenset(row.id for row in queries.in_state(conn, ["live", "paused"])),
        own=id,
        rule_faults=partial(rule_faults, conn),
        template=partial(_written_for, conn),
        gift=partial(gift_fault, conn),
        outbound=partial(_refused, store),
    )
    return check(graph, checking)


def _written_for(conn: Connection, ref: str) -> str | None:
    found = saved(conn, [ref]).get(ref)
    return found[1].channel if found else None


def _refused(store: Store, host: str, port: int) -> str:
    """Why an address must not be called, as it resolves now; a name that doesn't resolve may later."""
    try:
        check_host(host, port, store.settings.allow_private_outbound)
    except OutboundRefused as error:
        return error.message()
    return ""


def publish(store: Store, conn: Connection, actor: Operator, id: str, wanted: Publishing) -> JourneyView:
    """Make the draft the next version; people enter it from now on. Those inside finish on theirs, or are moved.

    Raises NotReady with the problems.
    """
    row = _row(conn, id)
    if row.state == "retired":
        raise Conflict(detail="A retired journey can't be published again; copy it instead.")
    if found := problems(store, conn, id):
        raise NotReady(errors=[FieldError(p.node or "graph", p.text["en"], p.code) for p in found])
    number, now = (row.published_version or 0) + 1, now_of(conn)
    queries.insert_version(conn, id, number, _text(_graph(row)), now, actor.name)
    state = "paused" if row.state == "paused" else "live"
    values = {"state": state, "published_version": number, "published_at": row.published_at or now, "updated_at": now}
    queries.update_journey(conn, id, values)
    moved = _bring_over(conn, id, number) if wanted.inside == "move" else 0
    audit(conn, actor, "journey.publish", id, {"version": number, "inside": wanted.inside, "moved": moved})
    return journey_view(conn, id)


def _bring_over(conn: Connection, id: str, number: int) -> int:
    """Let those inside older versions go on with the new one, where it has their node, and of the same kind."""
    plans = {version: plan_of(text) for (_, version), text in queries.version_graphs(conn, [id]).items()}
    new = {station.id: station.kind.name for station in plans[number].stations.values()}
    moved = 0
    for version, plan in plans.items():
        shared = [one.id for one in plan.stations.values() if new.get(one.id) == one.kind.name]
        if version != number and shared:
            moved += queries.bring_over(conn, id, version, number, shared)
    return moved


def enter(store: Store, conn: Connection, actor: Operator, id: str, wanted: People) -> StartView:
    """Let people in by the rules of entry: few at once, many by and by.

    Raises Conflict unless the journey is live and its trigger takes people this way; NotFound for an unknown audience.
    """
    _row(conn, id)
    journey = load(conn).get(id)
    if journey is None or journey.plan.trigger.kind.name not in ("trigger_api", "trigger_list"):
        raise Conflict(detail="Only a live journey with a list or a program as its trigger takes people this way.")
    now, named = now_of(conn), {name: _person(conn, name) for name in wanted.persons}
    people = BitMap64(person for person in named.values() if person is not None)
    if wanted.audience:
        people |= members_of(store, conn, wanted.audience)
    key = f"call:{wanted.key}" if wanted.key else new_id("call")
    row, fresh = begin(conn, id, key, people, wanted.props, now)
    if fresh and row.total <= AT_ONCE:
        take(conn, journey, row, now, AT_ONCE)
        row = starts.by_key(conn, id, row.key)
    audit(conn, actor, "journey.enter", id, {"start": row.id, "people": row.total})
    return start_view(row, [name for name, person in named.items() if person is None])


def start_view(row: Row[Any], unknown: Sequence[str] = ()) -> StartView:
    return StartView(row.id, row.state, iso(row.at), row.total, row.entered, row.refused, list(unknown))


def list_starts(conn: Connection, id: str, limit: int) -> list[StartView]:
    """Newest first."""
    _row(conn, id)
    return [start_view(row) for row in starts.list_starts(conn, id, limit)]


def begin_backtest(store: Store, conn: Connection, actor: Operator, id: str, window: Window) -> BacktestView:
    """Try the draft out over the days before now, as a job. Raises NotReady with the problems of the draft."""
    row = _row(conn, id)
    if found := problems(store, conn, id):
        raise NotReady(errors=[FieldError(p.node or "graph", p.text["en"], p.code) for p in found])
    now, test = now_of(conn), new_id("bkt")
    values = {"id": test, "journey_id": id, "graph": _text(_graph(row)), "since": now - window.days * DAY, "until": now}
    backtests.add(conn, values | {"state": "waiting", "created_at": now})
    audit(conn, actor, "journey.backtest", id, {"backtest": test, "days": window.days})
    return backtest_view(conn, id, test)


def backtest_view(conn: Connection, id: str, test: str) -> BacktestView:
    row = backtests.backtest(conn, id, test)
    if row is None:
        raise NotFound(what="back-test")
    return _backtest(row)


def list_backtests(conn: Connection, id: str, limit: int) -> list[BacktestView]:
    """Newest first."""
    _row(conn, id)
    return [_backtest(row) for row in backtests.list_backtests(conn, id, limit)]


def _backtest(row: Row[Any]) -> BacktestView:
    result = msgspec.json.decode(row.result, type=BacktestResult) if row.state == "done" else None
    detail = msgspec.json.decode(row.result)["detail"] if row.state == "failed" else None
    since, until, at = iso(row.since), iso(row.until), iso(row.created_at)
    return BacktestView(row.id, row.state, row.progress, since, until, at, result, detail)


def _person(conn: Connection, name: str) -> int | None:
    if not name.startswith("per_"):
        return find_person(conn, name)
    try:
        number = person_no(name)
    except NotFound:
        return None
    return canonical(conn, [number])[number] if exists(conn, number) else None


def pause(conn: Connection, actor: Operator, id: str) -> JourneyView:
    """Nobody enters and nobody moves on until it is resumed; exits still count."""
    return _switch(conn, actor, id, "live", "paused", "journey.pause")


def resume(conn: Connection, actor: Operator, id: str) -> JourneyView:
    return _switch(conn, actor, id, "paused", "live", "journey.resume")


def _switch(conn: Connection, actor: Operator, id: str, before: str, after: str, action: str) -> JourneyView:
    row = _row(conn, id)
    if row.state != before:
        raise Conflict(detail=f"This journey is {row.state}, not {before}.")
    queries.update_journey(conn, id, {"state": after, "updated_at": now_of(conn)})
    audit(conn, actor, action, id, {})
    return journey_view(conn, id)


def retire(conn: Connection, actor: Operator, id: str) -> JourneyView:
    """End the journey and everybody's run in it."""
    row = _row(conn, id)
    if row.state == "retired":
        raise Conflict(detail="This journey has been retired already.")
    queries.update_journey(conn, id, {"state": "retired", "updated_at": now_of(conn)})
    ledger = Ledger({id: row.name}, now_of(conn))
    ended, last = 0, 0
    while runs := queries.unended(conn, id, last, _RETIRE_BATCH):
        last = runs[-1].id
        for run in runs:
            ledger.note(run, "journey", "retired", {})
            ledger.ended(run, "exited", "retired")
            ended += 1
    ledger.write(conn)
    audit(conn, actor, "journey.retire", id, {"runs_ended": ended})
    return journey_view(conn, id)


def run_ref(number: int) -> str:
    return f"run_{number}"


def run_no(ref: str) -> int:
    """Raises NotFound."""
    digits = ref.removeprefix("run_")
    if digits == ref or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise NotFound(what=ref[:40])
    return int(digits)


def _run_view(run: Run, names: Mapping[int, str]) -> RunView:
    waiting = run.state == "waiting"
    return RunView(
        run_id=run_ref(run.id),
        person=person_ref(run.person),
        name=names.get(run.person),
        node=run.node,
        state=run.state,
        entered_at=iso(run.entered_at),
        due_at=iso(run.due_at) if waiting else None,
        ended_at=iso_or_none(run.ended_at),
        outcome=run.outcome or None,
        version=run.version,
    )


def list_runs(conn: Connection, id: str, state: str | None, after: str | None, limit: int) -> Page[RunView]:
    """Newest first."""
    _row(conn, id)
    runs = queries.list_runs(conn, id, state, run_no(after) if after else None, limit)
    names = display_names(conn, sorted({run.person for run in runs}))
    return Page([_run_view(run, names) for run in runs], run_ref(runs[-1].id) if len(runs) == limit else None)


def run_detail(conn: Connection, id: str, ref: str) -> RunDetail:
    run = _run(conn, id, ref)
    view = _run_view(run, display_names(conn, [run.person]))
    shown = step_views(conn, queries.steps_of(conn, [run.id]))
    return RunDetail(**msgspec.structs.asdict(view), steps=shown)


def _run(conn: Connection, id: str, ref: str) -> Run:
    run = queries.run(conn, id, run_no(ref))
    if run is None:
        raise NotFound(what=ref[:40])
    return run


def step_views(conn: Connection, steps: Sequence[Step]) -> list[StepView]:
    zone, called = zone_named(current_settings(conn).timezone, "Asia/Shanghai"), spoken(conn)
    return [
        StepView(
            iso(step.at), step.node, step.kind, step.code, step.params, step_text(step.code, step.params, zone, called)
        )
        for step in steps
    ]


def resume_run(conn: Connection, actor: Operator, id: str, ref: str) -> RunDetail:
    """Let a parked run try again. Raises Conflict when it isn't parked."""
    run = _run(conn, id, ref)
    if run.state != "parked":
        raise Conflict(detail=f"This run is {run.state}; only parked runs can be resumed.")
    ledger = Ledger({}, now_of(conn))
    ledger.note(run, "journey", "resumed", {"operator": actor.name})
    ledger.unparked(run)
    ledger.write(conn)
    audit(conn, actor, "journey.resume_run", run_ref(run.id), {"journey": id})
    return run_detail(conn, id, ref)


def parked(conn: Connection) -> int:
    """How many runs stand parked and wait for somebody."""
    return queries.parked_count(conn)
