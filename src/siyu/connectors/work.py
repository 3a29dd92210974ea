"""The work of connectors: pulls page by page within the vendor's allowance, and tasks that events cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.engine import Row

from siyu.collect import backlog_within
from siyu.connectors import code_queries, queries, settings, tagging
from siyu.connectors.contract import Connector, Page, Pull
from siyu.connectors.mirror import Keeper
from siyu.connectors.registry import connectors
from siyu.connectors.session import Session
from siyu.delivery import take_receipt
from siyu.kit import DAY, HOUR, MINUTE, SECOND, SiyuError, logger
from siyu.store import Store
from siyu.vendors import InDoubt, NotTaken, VendorRefused

_LEASE = 5 * MINUTE
_PAUSES = (2 * SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR)
_MOST_TRIES = 12
_SWEEP = 1_000
_BATCH = 20
_MOST_BACKLOG = 50_000
"""Records of pulls that may wait to be settled; then pulls wait too, so that memory and state stay small."""
_log = logger("connectors")


def open_session(store: Store, row: Row[Any], connector: Connector) -> Session:
    with store.state.read() as conn:
        codes = code_queries.faces(conn).get(row.id, {})
    return Session(store, row.id, settings.opened(store, connector, row.config), codes)


def pull_step(store: Store) -> float | None:
    """One page of every pull that is due; answers the seconds to wait, as loops want it."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        due = queries.due_pulls(conn, now)
        full = backlog_within(conn) > _MOST_BACKLOG
    if full:
        return 0.5
    if not due:
        start_due(store)
        return None
    for row in due:
        _Step(store, row).run()
    return 0.0


def start_due(store: Store) -> None:
    """Begin the pulls whose time has come: once every so many hours after they ended."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        wanted = [
            (install.id, pull.name)
            for install in queries.all_installs(conn)
            if install.connector in connectors() and not install.paused
            for pull in connectors()[install.connector].pulls
            if (row := queries.pulls_of(conn, install.id).get(pull.name)) is not None
            and row.state in ("done", "failed")
            and pull.every_hours
            and now - row.finished_at >= pull.every_hours * HOUR
        ]
    if wanted:
        with store.state.write() as conn:
            for install_id, name in wanted:
                queries.put_pull(conn, install_id, name, new_run(now))


def new_run(now: int) -> dict[str, Any]:
    values: dict[str, Any] = {"state": "running", "cursor": "", "run": now, "due_at": now, "error": ""}
    return values | dict.fromkeys(("done", "total", "calls", "lease_until", "attempts", "finished_at"), 0)


class _Step:
    """One step of one pull."""

    def __init__(self, store: Store, row: Row[Any]) -> None:
        self._store, self._row = store, row
        self._now = store.clock.now_ms()
        self._until = self._now + _LEASE

    def run(self) -> None:
        with self._store.state.write() as conn:
            install = queries.install_row(conn, self._row.install_id)
            known = install is not None and install.connector in connectors()
            mine = known and queries.claim_pull(conn, self._row, self._now, self._until)
        if not mine or install is None:
            return
        connector = connectors()[install.connector]
        pull = next((one for one in connector.pulls if one.name == self._row.pull), None)
        if pull is None:
            return
        with open_session(self._store, install, connector) as session:
            if self._row.state == "sweeping":
                self._sweep(install, connector, session, pull)
            else:
                self._page(install, connector, session, pull)

    def _page(self, install: Row[Any], connector: Connector, session: Session, pull: Pull) -> None:
        try:
            page = pull.step(session, self._row.cursor)
        except Exception as error:
            self._failed(error)
            return
        with self._store.state.write() as conn:
            if not queries.holds_pull(conn, self._row, self._until):
                return
            Keeper(self._store, conn, install, connector, session, self._row.run).take(page, self._now)
            pause = page.calls * MINUTE // max(1, pull.per_minute)
            ended = not page.cursor
            values = {
                "state": ("sweeping" if pull.sweeps else "done") if ended else "running",
                "cursor": page.cursor,
                "done": self._row.done + len(page.links) + len(page.items),
                "total": page.total or self._row.total,
                "calls": self._row.calls + page.calls,
                "due_at": self._now + (0 if ended else pause),
            }
            self._put(conn, install, values)

    def _sweep(self, install: Row[Any], connector: Connector, session: Session, pull: Pull) -> None:
        with self._store.state.write() as conn:
            if not queries.holds_pull(conn, self._row, self._until):
                return
            more = Keeper(self._store, conn, install, connector, session, self._row.run).sweep(pull.sweeps, _SWEEP)
            self._put(conn, install, {"state": "sweeping" if more else "done"})

    def _put(self, conn: Any, install: Row[Any], values: dict[str, Any]) -> None:
        now = self._store.clock.now_ms()
        done = {"finished_at": now} if values["state"] == "done" else {}
        common = {"lease_until": 0, "attempts": 0, "error": ""}
        queries.put_pull(conn, install.id, self._row.pull, values | common | done)
        queries.change_install(conn, install.id, {"last_ok_at": now})

    def _failed(self, error: Exception) -> None:
        """Later again, from the same place; what can't mend itself waits for an operator."""
        wait, text = pause_after(error, self._row.attempts)
        now, attempts = self._store.clock.now_ms(), self._row.attempts + 1
        given_up = wait is None or attempts >= _MOST_TRIES
        values: dict[str, Any] = {"state": "failed", "finished_at": now} if given_up else {"due_at": now + (wait or 0)}
        with self._store.state.write() as conn:
            values |= {"attempts": attempts, "error": text, "lease_until": 0}
            queries.put_pull(conn, self._row.install_id, self._row.pull, values)
            note_error(conn, self._row.install_id, text, now)
        _log.warning("pull_failed", pull=self._row.pull, error=text, given_up=given_up)


def note_error(conn: Any, install: str, text: str, now: int) -> None:
    queries.change_install(conn, install, {"last_error_at": now, "last_error": text[:300]})


def pause_after(error: Exception, attempts: int) -> tuple[int | None, str]:
    """How long to wait before another try, None when that would not help; and the error in words."""
    pause = _PAUSES[min(attempts, len(_PAUSES) - 1)]
    if isinstance(error, VendorRefused):
        return (max(error.verdict.wait_ms, pause) if error.verdict.fate == "retry" else None), str(error)
    if isinstance(error, NotTaken | InDoubt):
        return pause, str(error)
    if isinstance(error, SiyuError):
        return None, error.message()
    return (None if attempts >= 2 else pause), f"{type(error).__name__}: {error}"[:300]


def task_step(store: Store) -> float | None:
    """Do the tasks that are due; answers the seconds to wait, as loops want it."""
    now = store.clock.now_ms()
    until = now + _LEASE
    with store.state.write() as conn:
        batch = queries.due_tasks(conn, now, until, _BATCH)
        installs = {row.id: row for row in queries.all_installs(conn)}
    for task in batch:
        install = installs.get(task.install_id)
        if install is not None and install.connector in connectors():
            _do(store, install, task, until)
    return 0.0 if batch else None


def _do(store: Store, install: Row[Any], task: Row[Any], until: int) -> None:
    connector = connectors()[install.connector]
    payload = msgspec.json.decode(task.payload)
    read_at = store.clock.now_ms()
    try:
        if task.name == tagging.FILL:
            tagging.fill(store, install, task, until)
            return
        with open_session(store, install, connector) as session:
            page = _run(connector, session, task.name, payload)
            with store.state.write() as conn:
                if queries.finish_task(conn, task.seq, until):
                    Keeper(store, conn, install, connector, session, 0).take(page, read_at)
                    _receive(conn, task.name, payload, read_at)
                    queries.change_install(conn, install.id, {"last_ok_at": read_at})
    except Exception as error:
        _task_failed(store, task, error)


def _run(connector: Connector, session: Session, name: str, payload: Mapping[str, Any]) -> Page:
    if name == tagging.TAG and connector.tag is not None:
        people = payload["people"] if "people" in payload else [payload["ids"]]  # one person, as it was written before
        connector.tag(session, people, payload["tag"], payload["on"])
        return Page()
    act = connector.tasks.get(name)
    return act(session, payload) if act else Page()


def _receive(conn: Any, name: str, payload: Mapping[str, Any], now: int) -> None:
    """How a template message went, for the channel that sent it."""
    if name == "receipt":
        take_receipt(conn, "wechat_template", str(payload.get("message", "")), str(payload.get("status", "")), now)


def _task_failed(store: Store, task: Row[Any], error: Exception) -> None:
    wait, text = pause_after(error, task.attempts)
    now, attempts = store.clock.now_ms(), task.attempts + 1
    given_up = wait is None or attempts >= _MOST_TRIES or now - task.created_at > DAY
    values: dict[str, Any] = {"attempts": attempts, "error": text, "lease_until": 0, "due_at": now + (wait or 0)}
    with store.state.write() as conn:
        queries.put_task(conn, task.seq, values | ({"state": "failed"} if given_up else {}))
        note_error(conn, task.install_id, text, now)
    _log.warning("task_failed", task=task.name, error=text, given_up=given_up)
