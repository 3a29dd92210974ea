"""What a connector's functions are given: settings, a way out, the clock, sealed tokens, its channel codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import msgspec

from siyu.kit import Outbound
from siyu.store import Store


class CodeFace(msgspec.Struct, frozen=True):
    """What a door has to know of a channel code."""

    id: str
    name: str
    text: str
    link: str
    tags: tuple[str, ...] = ()


class Session:
    """One installed connector at work. Use it as a context manager where it may call out."""

    def __init__(
        self, store: Store, install: str, config: Any, codes: Mapping[str, CodeFace], timeout: float = 10.0
    ) -> None:
        self._store = store
        self._timeout = timeout
        self._outbound: Outbound | None = None
        self.install, self.config, self.codes = install, config, codes

    def __enter__(self) -> Session:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        if self._outbound is not None:
            self._outbound.close()

    @property
    def outbound(self) -> Outbound:
        if self._outbound is None:
            self._outbound = Outbound(self._store.settings.allow_private_outbound, timeout=self._timeout)
        return self._outbound

    def now_ms(self) -> int:
        return self._store.clock.now_ms()

    def seal(self, text: str) -> str:
        return self._store.secrets.seal(text)

    def open(self, token: str) -> str:
        """Raises an error of any kind when this house did not seal it."""
        return self._store.secrets.open(token)
