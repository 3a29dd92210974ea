"""Makes packages when their time has come, delivers them, and lets files go when theirs is over."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import Schedule, next_time
from siyu.kit import DAY, HOUR, MINUTE, NotFound, SiyuError, logger
from siyu.packages import queries
from siyu.packages.actions import add_run, drop_files, folder_of, read_content, read_destination
from siyu.packages.making import make
from siyu.packages.sending import Parcel, send
from siyu.packages.types import Content, File
from siyu.settings import current_settings
from siyu.store import Store, now_of

_LEASE = 10 * MINUTE
_PAUSES = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
"""How long to wait after the first, second … failure; after the last of them it is given up."""
_REMEMBERED = 400 * DAY
_TELL_EVERY = 20_000
_IDLE = 2.0
_log = logger("packages")
_read_schedule = msgspec.json.Decoder(Schedule | None).decode
_read_files = msgspec.json.Decoder(list[File]).decode


def step(store: Store) -> float:
    """Carry out one run, if one is due; answers the seconds to wait before the next."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        idle = not queries.has_work(conn, now)
    if idle:
        return _IDLE
    with store.state.write() as conn:
        _schedule(conn, now)
        gone = queries.expired(conn, now)
        queries.forget_before(conn, now - _REMEMBERED)
        run = queries.claim(conn, store.worker, now, now + _LEASE, store.lone)
        package = queries.one(conn, run.package_id) if run is not None else None
    drop_files(store, gone)
    if run is None or package is None:
        return _IDLE
    try:
        _carry_out(store, package, run)
    except Exception as error:
        _failed(store, run, error)
    return 0.0


def _schedule(conn: Connection, now: int) -> None:
    """Have made what is due; a package that is still being made is left out this once."""
    zone = current_settings(conn).timezone
    for package in queries.scheduled_until(conn, now):
        if not queries.is_under_way(conn, package.id):
            add_run(conn, package, "schedule", now)
        queries.update(conn, package.id, {"next_at": next_time(_read_schedule(package.schedule), now, zone)})


class Lost(SiyuError):
    """Another process has taken this over."""

    code = "package_lost"
    status = 409


def _carry_out(store: Store, package: Row[Any], run: Row[Any]) -> None:
    content = read_content(package.content)
    files, members = _read_files(run.files), run.members
    whole = all((folder_of(store, run.id) / file.name).is_file() for file in files)
    if members is None or not files or not whole:
        files, members = _make(store, package, run, content)
    destination = read_destination(package.destination)
    if destination is not None:
        _note(store, run.id, {"state": "sending"})
        secret = store.secrets.open(package.secret)
        parcel = Parcel(package.id, run.id, folder_of(store, run.id), files, run.delta)
        send(destination, secret, parcel, store.settings.allow_private_outbound, lambda: _note(store, run.id, {}))
    now = store.clock.now_ms()
    with store.state.write() as conn:
        done = {"state": "done", "ended_at": now, "attempts": run.attempts + 1, "answer": ""}
        kept = {"expires_at": now + content.keep_days * DAY}
        if queries.note(conn, store.worker, run.id, done | kept | {"lease_by": "", "lease_until": 0}):
            queries.update(conn, package.id, {"base": members})
            sent_to = msgspec.to_builtins(destination)["kind"] if destination is not None else None
            audit(conn, _owner(package), "package.made", run.id, _told(package, files, {"to": sent_to}))


def _make(store: Store, package: Row[Any], run: Row[Any], content: Content) -> tuple[list[File], bytes]:
    """Make the files anew; nothing is left of an attempt before."""
    folder = folder_of(store, run.id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = BitMap64.deserialize(package.base) if content.delta and package.base is not None else None
    _note(store, run.id, {"state": "making", "delta": base is not None})
    made = make(store, package.audience_id, package.name, content, base, folder, _teller(store, run.id))
    members = bytes(made.members.serialize())
    files = msgspec.json.encode(made.files).decode()
    with store.state.write() as conn:
        if content.clear:
            seen = _told(package, made.files, {"persons": len(made.members), "columns": content.columns})
            audit(conn, _owner(package), "package.reveal", run.id, seen)
        values = {"files": files, "members": members, "refused": made.refused, "delta": base is not None}
        if not queries.note(conn, store.worker, run.id, values):
            raise Lost
    return made.files, members


def _owner(package: Row[Any]) -> Operator:
    return Operator(package.owner_id, package.owner, "", "operator")


def _told(package: Row[Any], files: list[File], more: dict[str, Any]) -> dict[str, Any]:
    return {
        "package": package.id,
        "rows": sum(one.rows for one in files),
        "sha256": [one.sha256 for one in files],
    } | more


def _teller(store: Store, run_id: str) -> Callable[[int, int], None]:
    told = -_TELL_EVERY

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done - told >= _TELL_EVERY or done == total:
            _note(store, run_id, {"done": done, "total": total})
            told = done

    return tell


def _note(store: Store, run_id: str, values: dict[str, Any]) -> None:
    with store.state.write() as conn:
        if not queries.note(conn, store.worker, run_id, values | {"lease_until": now_of(conn) + _LEASE}):
            raise Lost


def _failed(store: Store, run: Row[Any], error: Exception) -> None:
    """Try again later; or not, when it has failed often or can't come right by itself."""
    attempts, now = run.attempts + 1, store.clock.now_ms()
    answer = error.message() if isinstance(error, SiyuError) else f"{type(error).__name__}: {error}"
    given_up = attempts > len(_PAUSES) or isinstance(error, NotFound)
    values: dict[str, Any] = {"attempts": attempts, "answer": answer[:300], "lease_by": "", "lease_until": 0}
    if given_up:
        values |= {"state": "failed", "ended_at": now, "expires_at": now + DAY}
    else:
        values |= {"state": "waiting", "due_at": now + _PAUSES[attempts - 1]}
    with store.state.write() as conn:
        queries.note(conn, store.worker, run.id, values)
    unknown = None if isinstance(error, SiyuError) else error
    _log.warning("not_made", run=run.id, attempts=attempts, answer=answer[:300], given_up=given_up, exc_info=unknown)
