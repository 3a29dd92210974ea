"""Answers that are dear in a large shop and cheap in a small one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from siyu.kit import MINUTE
from siyu.store import Store

Answer = TypeVar("Answer")
_TIMES = 20


class Keeping(Generic[Answer]):
    """One answer a store, made by one caller at a time and kept twenty times as long as making it took, at most a
    minute: what is new shows at once in a small shop, and a large one spends a twentieth of its time on it at most.

    ``make`` is given the store and what its clock says (epoch ms).
    """

    def __init__(self, make: Callable[[Store, int], Answer]) -> None:
        self._make = make
        self._kept: WeakKeyDictionary[Store, tuple[int, int, Answer]] = WeakKeyDictionary()
        self._making = threading.Lock()

    def of(self, store: Store) -> Answer:
        with self._making:
            now = store.clock.now_ms()
            since, until, answer = self._kept.get(store) or (0, 0, None)
            if answer is None or not since <= now < until:
                answer = self._make(store, now)
                until = now + min(MINUTE, (store.clock.now_ms() - now) * _TIMES)
                self._kept[store] = (now, until, answer)
            return answer

    def forget(self, store: Store) -> None:
        with self._making:
            self._kept.pop(store, None)
