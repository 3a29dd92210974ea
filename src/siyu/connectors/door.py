"""The door of callbacks: checked, read, on disk, answered. It waits for no transaction but the inbox's own.

What can't be read although the vendor did send it is put aside whole, answered as taken, and replayed later.
"""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar.concurrency import sync_to_thread

from siyu.collect import Decoded, Definitions, Inbox, Reject, current_definitions
from siyu.connectors import code_queries, queries, settings
from siyu.connectors.contract import Call, Connector, Door, Item, Task, Told
from siyu.connectors.entering import decoded
from siyu.connectors.registry import connectors
from siyu.connectors.session import CodeFace, Session
from siyu.kit import NotFound, SiyuError, histogram, logger
from siyu.store import Store
from siyu.vendors import BadCallback, InDoubt, NotTaken, VendorRefused

FORMAT = "connector"
KEPT = 50
_FRESH = 2.0
_log = logger("connectors")
_answered = histogram("siyu_connector_answer_seconds", "From a callback's arrival to its answer")


class VendorFailed(SiyuError):
    """The vendor did not do this: {detail}"""

    code = "vendor_failed"
    status = 502


class Installed(msgspec.Struct, frozen=True):
    """A connector as its door knows it."""

    id: str
    connector: Connector
    config: Any
    source: str
    codes: Mapping[str, CodeFace]
    definitions: Definitions


class Seen(msgspec.Struct, frozen=True):
    """A callback that came. ``verdict``: taken, aside or refused."""

    at: int
    door: str
    verdict: str
    detail: str
    items: int
    ms: float


class _Aside(msgspec.Struct):
    """A callback as quarantine keeps it."""

    door: str
    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    at: int


class Reception:
    """Takes callbacks of every connector that is set up."""

    def __init__(self, store: Store, inbox: Inbox) -> None:
        self._store, self._inbox = store, inbox
        self._known: dict[str, Installed] = {}
        self._until = 0.0
        self._lock = threading.Lock()
        self._seen: dict[str, deque[Seen]] = {}

    async def take(self, connector: str, hook: str, door: str, call: Call) -> Told:
        """Raises NotFound, BadCallback, VendorFailed, Unavailable."""
        begun = time.monotonic()
        here = await self._installed(connector, hook)
        opening = here.connector.doors.get(door)
        if opening is None:
            raise NotFound(what="page")
        verdict, detail, told = "taken", "", Told(answer=opening.taken)
        try:
            told, learned = await self._read(here, opening, door, call)
            if learned.rejects and not learned.records:
                verdict, detail = "aside", learned.rejects[0].detail
            await self._keep(here, told.tasks, learned, call.now)
        except SiyuError as error:
            verdict, detail = "refused", error.message()
            raise
        finally:
            spent = time.monotonic() - begun
            _answered.observe(spent)
            self._note(here.id, Seen(call.now, door, verdict, detail[:300], len(told.items), round(spent * 1000, 1)))
        return told

    async def _read(self, here: Installed, opening: Door, door: str, call: Call) -> tuple[Told, Decoded]:
        try:
            if opening.slow:
                told = await sync_to_thread(read_call, self._store, here, opening, call)
            else:
                told = read_call(self._store, here, opening, call)
        except SiyuError:
            raise
        except (NotTaken, InDoubt, VendorRefused) as error:
            raise VendorFailed(detail=str(error)[:200]) from error
        except Exception as error:
            _log.warning("callback_put_aside", connector=here.connector.name, error=repr(error)[:300])
            said = f"the callback could not be handled: {error!r}"[:300]
            reject = Reject(0, "callback_failed", said, _aside(door, call))
            return Told(answer=opening.taken), Decoded([], [reject])
        return told, self._decode(here, told.items, call.now)

    def _decode(self, here: Installed, items: Sequence[Item], now: int) -> Decoded:
        if not items:
            return Decoded([], [])
        return decoded(items, now, here.source, here.definitions, self._store.settings.max_event_bytes)

    async def _keep(self, here: Installed, tasks: Sequence[Task], learned: Decoded, now: int) -> None:
        if learned.records or learned.rejects:
            failed = learned.rejects and learned.rejects[0].reason == "callback_failed"
            wire = FORMAT if failed else "segment"
            await asyncio.wrap_future(self._inbox.submit(here.source, now, learned.records, learned.rejects, wire))
        if tasks:
            await sync_to_thread(self._put_tasks, here.id, tasks, now)

    def _put_tasks(self, install: str, tasks: Sequence[Task], now: int) -> None:
        with self._store.state.write() as conn:
            queries.add_tasks(conn, task_rows(install, tasks, now))

    async def _installed(self, connector: str, hook: str) -> Installed:
        if hook not in self._known or time.monotonic() > self._until:
            self._known = await sync_to_thread(load, self._store)
            self._until = time.monotonic() + _FRESH
        here = self._known.get(hook)
        if here is None or here.connector.name != connector:
            raise NotFound(what="page")
        return here

    def forget(self) -> None:
        """Settings have changed: look them up anew."""
        self._until = 0.0

    def _note(self, install: str, seen: Seen) -> None:
        with self._lock:
            self._seen.setdefault(install, deque(maxlen=KEPT)).appendleft(seen)

    def seen(self, install: str) -> list[Seen]:
        """The newest callbacks of this process, the newest first."""
        with self._lock:
            return list(self._seen.get(install, ()))


def read_call(store: Store, here: Installed, opening: Door, call: Call) -> Told:
    with Session(store, here.id, here.config, here.codes, timeout=4.0) as session:
        return opening.read(session, call)


def load(store: Store) -> dict[str, Installed]:
    """Everything that is set up, by the secret part of its address."""
    found: dict[str, Installed] = {}
    with store.state.read() as conn:
        definitions = current_definitions(conn)
        faces = code_queries.faces(conn)
        for row in queries.all_installs(conn):
            connector = connectors().get(row.connector)
            if connector is not None:
                config = settings.opened(store, connector, row.config)
                found[row.hook] = Installed(
                    row.id, connector, config, row.source_id, faces.get(row.id, {}), definitions
                )
    return found


def task_rows(install: str, tasks: Sequence[Task], now: int) -> list[tuple[str, str, str, str, int, int]]:
    """A task is given up some time after it could first be done, however long it was to wait until then."""
    found = []
    for task in tasks:
        first = now + task.delay_ms
        found.append((install, task.name, task.key, msgspec.json.encode(task.payload).decode(), first, first))
    return found


def _aside(door: str, call: Call) -> str:
    kept = {name: value for name, value in call.headers.items() if name not in ("cookie", "authorization")}
    body = base64.b64encode(call.body).decode()
    return msgspec.json.encode(_Aside(door, call.method, dict(call.query), kept, body, call.now)).decode()


def read_again(store: Store, here: Installed, record: str) -> tuple[Told, Decoded] | None:
    """A callback that was put aside, read once more as of when it came; None when it still can't be."""
    aside = msgspec.json.decode(record, type=_Aside)
    call = Call(aside.method, aside.query, aside.headers, base64.b64decode(aside.body), aside.at)
    opening = here.connector.doors.get(aside.door)
    try:
        told = read_call(store, here, opening, call) if opening else None
    except BadCallback:
        return None
    except Exception as error:
        _log.warning("callback_still_fails", connector=here.connector.name, error=repr(error)[:300])
        return None
    if told is None:
        return None
    most = store.settings.max_event_bytes
    return told, decoded(told.items, aside.at, here.source, here.definitions, most)
