"""What a connector's functions are given: settings, a way out, the clock, sealed tokens, its channel codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import msgspec

from siyu.collect import anchor_of
from siyu.identity import keys_of
from siyu.kit import Outbound
from siyu.profiles import payer_of
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

    def payer_of(self, shop: str, order: str) -> tuple[str, str] | None:
        """The identifier an order was paid under, for notices that name the order alone; None while none has come."""
        with self._store.state.read() as conn:
            payer = payer_of(conn, shop, order)
            keys = sorted(keys_of(conn, [payer[0]], veiled=True)[payer[0]]) if payer else []
        if payer is None or not keys:
            return None
        kind, _, value = next((key for key in keys if anchor_of(key) == payer[1]), keys[0]).partition(":")
        return kind, value

    def seal(self, text: str) -> str:
        return self._store.secrets.seal(text)

    def open(self, token: str) -> str:
        """Raises an error of any kind when this house did not seal it."""
        return self._store.secrets.open(token)
