"""The newest records of each source, as they came in, for the live debugger."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from itertools import count

import msgspec

from siyu.collect.types import Record
from siyu.collect.views import DebuggerEvent

KEPT = 200


class Seen(msgspec.Struct, frozen=True):
    """A record and when it came; ``number`` grows."""

    number: int
    source_id: str
    received_at: int
    record: Record


class Recent:
    """Keeps ``KEPT`` records of each source in memory. Safe from any thread.

    ``since`` is when this process began to keep (epoch ms); ``past`` holds what came before, by source (None: of any),
    once somebody has looked it up.
    """

    def __init__(self, since: int) -> None:
        self.since = since
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._kept: dict[str, deque[Seen]] = {}
        self.past: dict[str | None, list[DebuggerEvent]] = {}

    def add(self, source_id: str, received_at: int, records: Sequence[Record]) -> None:
        newest = records[-KEPT:]
        with self._lock:
            kept = self._kept.setdefault(source_id, deque(maxlen=KEPT))
            kept.extend(Seen(next(self._numbers), source_id, received_at, record) for record in newest)

    def newest(self, source_id: str | None, before: int | None, limit: int) -> list[Seen]:
        """Newest first; ``before`` is a number."""
        with self._lock:
            queues = [self._kept.get(source_id, deque())] if source_id else list(self._kept.values())
            found = [seen for kept in queues for seen in kept if before is None or seen.number < before]
        found.sort(key=lambda seen: seen.number, reverse=True)
        return found[:limit]
