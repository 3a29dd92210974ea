"""The ground every room stands on: settings, clock and both stores of one data folder."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from siyu.kit import Clock, Settings, SiyuError, SystemClock
from siyu.store.engine import EventEngine
from siyu.store.journal import Journal
from siyu.store.migrate import migrate_inbox, migrate_state
from siyu.store.secrets import Secrets
from siyu.store.state import Database, sqlite_url


class FolderInUse(SiyuError):
    """Another Siyu already works in {folder}. Stop it, or use another data folder."""

    code = "folder_in_use"
    status = 409


class Store:
    """Settings, clock, ``state`` and ``inbox`` (SQL) and ``events`` (engine) of one data folder."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        settings.data.mkdir(parents=True, exist_ok=True)
        self._lock = _lock_folder(settings.data)
        self.state = Database(settings.state or sqlite_url(settings.data / "state.db"), self.clock)
        self.inbox = Database(settings.state or sqlite_url(settings.data / "inbox.db"), self.clock)
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

    def close(self) -> None:
        self.events.close()
        self.inbox.close()
        self.state.close()
        self._lock.close()


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
