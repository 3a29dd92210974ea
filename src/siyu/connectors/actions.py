"""Connectors set up, tested, paused, filled with history, replayed."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu import collect
from siyu.accounts import Operator, audit
from siyu.collect import Inbox, NewSource, SourceChange
from siyu.connectors import code_queries, door, queries, settings, tagging
from siyu.connectors.code_types import CodeConfig
from siyu.connectors.contract import Connector, Pull
from siyu.connectors.door import FORMAT, Reception, VendorFailed, read_again, task_rows
from siyu.connectors.registry import connector_named, connectors
from siyu.connectors.types import (
    ActDone,
    Activity,
    ActView,
    CallView,
    ConnectorView,
    DoorView,
    FailedTask,
    InstallChange,
    InstallView,
    NewInstall,
    PullView,
    Replayed,
    StaffView,
    Tested,
)
from siyu.connectors.work import new_run, open_session
from siyu.delivery import borrowing, schema_of
from siyu.kit import (
    HOUR,
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    Page,
    SiyuError,
    check_version,
    iso,
    iso_or_none,
    new_id,
    new_token,
)
from siyu.store import Store
from siyu.vendors import InDoubt, NotTaken, VendorRefused

_MOST_REPLAYED = 500


def available() -> Page[ConnectorView]:
    """Every connector that can be set up."""
    return Page([_available(one) for one in connectors().values()])


def _available(one: Connector) -> ConnectorView:
    return ConnectorView(
        connector=one.name,
        label={"zh": one.zh, "en": one.en},
        about={"zh": one.about_zh, "en": one.about_en},
        grade=one.grade,
        config_schema=schema_of(one.config),
        pulls=[pull.name for pull in one.pulls],
        code_schema=_code_schema(one) if one.make_code else None,
        tests=one.test is not None,
    )


def _code_schema(one: Connector) -> dict[str, Any]:
    """Members and hours only where a code belongs to a member."""
    schema = schema_of(CodeConfig)
    dropped = () if one.code_by_staff else ("staff", "opens", "closes", "overflow")
    return schema | {"properties": {name: part for name, part in schema["properties"].items() if name not in dropped}}


def list_installs(store: Store, *, secret: bool) -> Page[InstallView]:
    """``secret``: whether callback addresses are shown."""
    with store.state.read() as conn:
        rows = [row for row in queries.all_installs(conn) if row.connector in connectors()]
    return Page([install_view(store, row.id, secret=secret) for row in rows])


def install_view(store: Store, install: str, *, secret: bool) -> InstallView:
    source = collect.show_source(store, _row(store, install).source_id)
    with store.state.read() as conn:
        row = _find(conn, install)
        tasks, links = queries.task_counts(conn, install), queries.count_links(conn, install)
        pulls = queries.pulls_of(conn, install)
    connector = connector_named(row.connector)
    config = settings.shown(connector, settings.opened(store, connector, row.config))
    return InstallView(
        id=row.id,
        connector=row.connector,
        label={"zh": connector.zh, "en": connector.en},
        name=row.name,
        grade=connector.grade,
        status=_status(row, source.last_at),
        paused=row.paused,
        source_id=row.source_id,
        config=config,
        doors=[_door(store, row, connector, name, secret) for name in connector.doors],
        pulls=[_pull(one, pulls.get(one.name)) for one in connector.pulls],
        links={kind: number for kind, number in links.items() if " " not in kind},
        count_24h=source.count_24h,
        last_event_at=source.last_at,
        last_ok_at=iso_or_none(row.last_ok_at),
        last_error_at=iso_or_none(row.last_error_at),
        last_error=row.last_error,
        aside=len(collect.put_aside(store, row.source_id, FORMAT, _MOST_REPLAYED)),
        tasks_waiting=tasks.get("waiting", 0),
        tasks_failed=tasks.get("failed", 0),
        acts=[ActView(one.name, {"zh": one.zh, "en": one.en}, schema_of(one.form)) for one in connector.acts],
        created_at=iso(row.created_at),
        version=row.version,
    )


def _row(store: Store, install: str) -> Row[Any]:
    with store.state.read() as conn:
        return _find(conn, install)


def _find(conn: Connection, install: str) -> Row[Any]:
    row = queries.install_row(conn, install)
    if row is None or row.connector not in connectors():
        raise NotFound(what=install[:40])
    return row


def _status(row: Row[Any], last_event: str | None) -> str:
    if row.paused:
        return "paused"
    if row.last_error_at > row.last_ok_at:
        return "failing"
    return "ok" if last_event or row.last_ok_at else "waiting"


def _door(store: Store, row: Row[Any], connector: Connector, name: str, secret: bool) -> DoorView:
    url = f"{store.settings.public_url.rstrip('/')}/connect/{row.connector}/{row.hook}"
    return DoorView(name, f"{url}/{name}".rstrip("/") if secret or connector.doors[name].public else None)


def _pull(pull: Pull, row: Row[Any] | None) -> PullView:
    label = {"zh": pull.zh, "en": pull.en}
    if row is None:
        return PullView(pull.name, label, "never", 0, 0, None, 0, None, None, None, "")
    finished = row.finished_at if row.state in ("done", "failed") else 0
    again = finished + pull.every_hours * HOUR if finished and pull.every_hours else 0
    share = pull.share(row.cursor) if pull.share else row.done / row.total if row.total else None
    return PullView(
        pull.name, label, row.state, row.done, row.total, share, row.calls, iso_or_none(row.run), iso_or_none(finished),
        iso_or_none(again), row.error,
    )  # fmt: skip


def add_install(store: Store, conn: Connection, actor: Operator, wanted: NewInstall) -> str:
    """Set a connector up, with a source of its own. Raises Invalid with the fields to mend."""
    connector = connector_named(wanted.connector)
    config = settings.merged(connector, {}, wanted.config)
    now, made = store.clock.now_ms(), new_id("con")
    source = collect.add_source(conn, actor, NewSource(wanted.name, "connector", connector.category), now)
    values = {"id": made, "connector": connector.name, "name": wanted.name.strip(), "hook": new_token()}
    values |= {"config": settings.sealed(store, connector, config), "source_id": source.id}
    queries.add_install(conn, values | {"created_at": now})
    tagging.begin(conn, made, {}, config, now)
    audit(conn, actor, "connector.install", made, {"connector": connector.name, "name": wanted.name})
    return made


def change_install(
    store: Store, conn: Connection, actor: Operator, install: str, wanted: InstallChange, if_match: str | None
) -> None:
    """Raises Invalid with the fields to mend, or StaleEdit."""
    row = _find(conn, install)
    check_version(if_match, row.version)
    connector = connector_named(row.connector)
    values: dict[str, Any] = {"version": row.version + 1}
    if wanted.name is not msgspec.UNSET:
        values["name"] = wanted.name.strip()
        collect.alter_source(conn, actor, row.source_id, SourceChange(name=wanted.name))
    if wanted.paused is not msgspec.UNSET:
        values["paused"] = wanted.paused
    if wanted.config is not msgspec.UNSET:
        before = settings.opened(store, connector, row.config)
        config = settings.merged(connector, msgspec.to_builtins(before), wanted.config)
        values["config"] = settings.sealed(store, connector, config)
        tagging.begin(conn, install, tagging.kept(before), config, store.clock.now_ms())
    queries.change_install(conn, install, values)
    audit(conn, actor, "connector.change", install, {"fields": sorted(set(values) - {"version"})})


def drop_install(conn: Connection, actor: Operator, install: str) -> None:
    """What it brought stays; its callbacks are refused from now on. Raises Conflict while it has channel codes."""
    row = _find(conn, install)
    if code_queries.codes_of(conn, install):
        raise Conflict(detail="This connector has channel codes in print; pause it instead.")
    if users := borrowing.borrowers(conn, install):
        raise Conflict(detail=f"Channels send with this connector's account: {', '.join(users)}. Change them first.")
    queries.drop_install(conn, install)
    collect.alter_source(conn, actor, row.source_id, SourceChange(disabled=True))
    audit(conn, actor, "connector.remove", install, {"connector": row.connector, "name": row.name})


def new_hook(conn: Connection, actor: Operator, install: str) -> None:
    """Replace the secret of the callback addresses; the old ones stop working at once."""
    row = _find(conn, install)
    queries.change_install(conn, install, {"hook": new_token(), "version": row.version + 1})
    audit(conn, actor, "connector.new_address", install, {})


def test(store: Store, install: str) -> Tested:
    """Ask the vendor who we are."""
    row = _row(store, install)
    connector = connector_named(row.connector)
    if connector.test is None:
        raise Conflict(detail="This connector only listens; there is nothing to ask.")
    try:
        with open_session(store, row, connector) as session:
            result = Tested(True, connector.test(session))
    except (VendorRefused, NotTaken, InDoubt) as error:
        result = Tested(False, str(error)[:300])
    except SiyuError as error:
        result = Tested(False, error.message()[:300])
    now = store.clock.now_ms()
    with store.state.write() as conn:
        good = {"last_ok_at": now} if result.ok else {"last_error_at": now, "last_error": result.text}
        queries.change_install(conn, install, good)
    return result


def start_pull(store: Store, conn: Connection, actor: Operator, install: str, name: str) -> None:
    """Read a list from the beginning; one that failed half-way goes on where it was."""
    pull = next((one for one in connector_named(_find(conn, install).connector).pulls if one.name == name), None)
    if pull is None:
        raise NotFound(what=f"pull {name[:40]}")
    row, now = queries.pulls_of(conn, install).get(name), store.clock.now_ms()
    if row is not None and row.state in ("running", "sweeping"):
        raise Conflict(detail="It is running already.")
    goes_on = row is not None and row.state == "failed" and row.cursor
    again = {"state": "running", "due_at": now, "attempts": 0, "error": "", "lease_until": 0, "finished_at": 0}
    queries.put_pull(conn, install, name, again if goes_on else new_run(now))
    audit(conn, actor, "connector.pull", install, {"pull": name, "goes_on": bool(goes_on)})


def act(store: Store, actor: Operator, install: str, name: str, form: dict[str, Any]) -> ActDone:
    """Have something done at the vendor. Raises Invalid, VendorFailed."""
    row = _row(store, install)
    connector = connector_named(row.connector)
    found = next((one for one in connector.acts if one.name == name), None)
    if found is None:
        raise NotFound(what=name[:40])
    try:
        asked = msgspec.convert(form, found.form)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        raise Invalid(errors=[FieldError(f"form{path.rstrip('`')}", text)]) from error
    try:
        with open_session(store, row, connector) as session:
            done = found.run(session, asked)
    except (VendorRefused, NotTaken, InDoubt) as error:
        raise VendorFailed(detail=str(error)[:200]) from error
    with store.state.write() as conn:
        queries.add_tasks(conn, task_rows(install, done.tasks, store.clock.now_ms()))
        audit(conn, actor, f"connector.{name}", install, {"result": done.text[:200]})
    return ActDone(done.text)


def activity(store: Store, reception: Reception, install: str) -> Activity:
    _row(store, install)
    with store.state.read() as conn:
        failed = queries.failed_tasks(conn, install, 50)
    calls = [CallView(iso(one.at), one.door, one.verdict, one.detail, one.items, one.ms)
             for one in reception.seen(install)]  # fmt: skip
    return Activity(
        calls, [FailedTask(str(one.seq), one.name, one.error, one.attempts, iso(one.created_at)) for one in failed]
    )


def staff(conn: Connection, install: str) -> Page[StaffView]:
    """The vendor's staff, once its pull has read them."""
    _find(conn, install)
    found = []
    for row in queries.links_within(conn, install, "staff", ""):
        said: dict[str, Any] = msgspec.json.decode(row.data) if row.data else {}
        found.append(StaffView(row.key, str(said.get("name", "")), list(said.get("departments", ()))))
    return Page(found)


def replay(store: Store, inbox: Inbox, actor: Operator, install: str) -> Replayed:
    """Read callbacks that were put aside once more, and try tasks again that were given up.

    They are on disk before they are marked; a replay that dies in between is harmless, since records have keys.
    """
    row = _row(store, install)
    here = next(one for one in door.load(store).values() if one.id == install)
    rows, good = collect.put_aside(store, row.source_id, FORMAT, _MOST_REPLAYED), []
    for aside in rows:
        read = read_again(store, here, aside.record)
        if read is None:
            continue
        told, learned = read
        inbox.append(row.source_id, store.clock.now_ms(), learned.records, learned.rejects, "segment")
        with store.state.write() as conn:
            queries.add_tasks(conn, task_rows(install, told.tasks, store.clock.now_ms()))
        good.append(aside.id)
    collect.taken_up(store, good)
    with store.state.write() as conn:
        tasks = queries.retry_tasks(conn, install, store.clock.now_ms())
        audit(conn, actor, "connector.replay", install, {"callbacks": len(good), "tasks": tasks})
    return Replayed(len(good), len(rows) - len(good), tasks)
