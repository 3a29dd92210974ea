"""The stream goes first.

Whoever else looks at persons (the sweep, the clock) leaves out those the stream has taken up since, because what it
found about them may be older than what the stream is about to write.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pyroaring import BitMap64


class Precedence:
    """Who is being looked at. One thread follows the stream; beside it one at a time may look ``aside``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._stream = BitMap64()
        self._since: BitMap64 | None = None

    def begin(self, people: BitMap64) -> None:
        """The stream takes these up; until ``end`` what it finds about them is not written yet."""
        with self._lock:
            self._stream = people
            if self._since is not None:
                self._since |= people

    def end(self) -> None:
        with self._lock:
            self._stream = BitMap64()

    def is_busy(self) -> bool:
        """Whether the stream has persons in hand."""
        with self._lock:
            return bool(self._stream)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Look at persons beside the stream; ``overtaken`` then says whom it has taken up meanwhile."""
        with self._turn:
            with self._lock:
                self._since = self._stream.copy()
            try:
                yield
            finally:
                with self._lock:
                    self._since = None

    def overtaken(self, people: BitMap64) -> BitMap64:
        with self._lock:
            return people & (self._since or BitMap64())
