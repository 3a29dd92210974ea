"""The ground every room stands on: settings, clock and both stores of one data folder."""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path
from typing import IO

from siyu.kit import Clock, Settings, SiyuError, SystemClock, work_out_shapes
from siyu.store import postgres, sqlite
from siyu.store.engine import EventEngine
from siyu.store.journal import Journal
from siyu.store.migrate import migrate_inbox, migrate_state
from siyu.store.secrets import Secrets
from siyu.store.state import Database


class FolderInUse(SiyuError):
    """Another Siyu already works in {folder}. Stop it, or use another data folder."""

    code = "folder_in_use"
    status = 409


class Store:
    """Settings, clock, ``state`` and ``inbox`` (SQL) and ``events`` (engine) of one data folder."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        work_out_shapes()
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.worker = secrets.token_hex(8)
        settings.data.mkdir(parents=True, exist_ok=True)
        self._lock = _lock_folder(settings.data)
        self._claim: postgres.Claim | None = None
        try:
            self._open(settings)
        except BaseException:
            self._lock.close()
            raise

    def _open(self, settings: Settings) -> None:
        self.state = open_state(settings, self.clock)
        if settings.state:
            self.inbox = Database(postgres.url_of(settings.state), self.clock, postgres.INBOX)
            self._claim = self._claimed()
        else:
            self.inbox = Database(sqlite.url_of(settings.data / "inbox.db"), self.clock)
        self.secrets = Secrets(settings.data / "secret.key")
        migrate_state(self.state)
        migrate_inbox(self.inbox)
        self.events = EventEngine(
            settings.events or f"chdb:///{(settings.data / 'events').resolve()}",
            Journal(self.inbox),
            self.clock,
            seconds=settings.query_seconds,
            memory_bytes=settings.query_memory_bytes,
            database=settings.events_database,
        )

    worker: str
    """Names this store's process in leases; whoever opens the same data later has another name."""

    @property
    def lone(self) -> bool:
        """Nobody else works on this state, so a lease under another name is that of a process that is gone."""
        return self.state.sqlite or self._claim is not None

    def hold(self) -> None:
        """Make sure that nobody else works on this state. Raises DatabaseInUse, or Unavailable when it is away."""
        if self._claim is not None:
            self._claim.hold()

    def _claimed(self) -> postgres.Claim:
        """The database for this process alone; what a killed one had still under way is over when this returns."""
        postgres.check(self.state.engine)
        claim = postgres.Claim(self.state.engine)
        with self.state.write() as conn:
            postgres.make_inbox(conn)
        with self.inbox.write():
            return claim

    def close(self) -> None:
        if self._claim is not None:
            self._claim.close()
        self.events.close()
        self.inbox.close()
        self.state.close()
        self._lock.close()


def open_state(settings: Settings, clock: Clock | None = None) -> Database:
    """The state alone, as it is found: to look at it beside the process that works on it."""
    url = postgres.url_of(settings.state) if settings.state else sqlite.url_of(settings.data / "state.db")
    return Database(url, clock or SystemClock())


def _lock_folder(folder: Path) -> IO[str]:
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise FolderInUse(folder=str(folder)) from error
    return lock


def squash_when_due(store: Store) -> bool:
    """One step of squashing when aliases are many or old; answers whether there is more to do."""
    now = store.clock.now_ms()
    if not store.events.squash.due(now):
        return False
    store.events.squash.step(now)
    return store.events.squash.due(now)
