"""Access tokens: fetched once by whoever comes first, renewed ahead of time, thrown away when the vendor says so.

Kept in memory. WeCom answers the same token as long as it lives and WeChat is asked for its *stable* token, so
several processes side by side don't invalidate each other's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec

from siyu.kit import MINUTE, SECOND, Clock, SystemClock
from siyu.vendors.calls import NotTaken, VendorRefused, Verdict

AHEAD = 300 * SECOND
"""A token is renewed this long before it ends; while one thread renews it, the others go on with it."""


STALE = Verdict("stale_token", "vendor_token")
"""What a code means that says the token is not valid (any more)."""


class Token(msgspec.Struct, frozen=True):
    """An access token and when it ends (epoch ms)."""

    value: str
    ends_at: int


Fetch = Callable[[], tuple[str, int]]
"""Asks the vendor. Answers the token and its life in seconds."""


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.token: Token | None = None


class Tokens:
    """The tokens of one process, by any name that is different for every account and secret."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._slots: dict[str, _Slot] = {}
        self._guard = threading.Lock()

    def get(self, name: str, fetch: Fetch) -> str:
        """A token that is valid as far as we know. Raises what ``fetch`` raises."""
        slot = self._slot(name)
        token, now = slot.token, self._clock.now_ms()
        if token and now < token.ends_at - AHEAD:
            return token.value
        alive = token is not None and now < token.ends_at
        if not slot.lock.acquire(blocking=not alive):
            assert token is not None
            return token.value
        try:
            return self._renew(slot, fetch)
        finally:
            slot.lock.release()

    def _renew(self, slot: _Slot, fetch: Fetch) -> str:
        now = self._clock.now_ms()
        if slot.token and now < slot.token.ends_at - AHEAD:
            return slot.token.value
        value, seconds = fetch()
        slot.token = Token(value, now + seconds * SECOND)
        return value

    def renewing(self, name: str, fetch: Fetch, call: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """``call`` with a token, once more with a new one when that is refused as stale; refused twice it is a fault of
        the settings, looked at later. Raises what ``call`` and ``fetch`` raise.
        """
        for last in (False, True):
            token = self.get(name, fetch)
            try:
                return call(token)
            except VendorRefused as error:
                if error.verdict.fate != "stale_token":
                    raise
                if last:
                    later = Verdict("retry", "vendor_token", 5 * MINUTE)
                    raise VendorRefused(error.code, str(error).removeprefix(error.code).strip(), later) from error
                self.invalidate(name, token)
        raise NotTaken("the token was refused twice")

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def invalidate(self, name: str, value: str) -> None:
        """Forget a token the vendor has refused; a newer one that came meanwhile stays."""
        slot = self._slot(name)
        with slot.lock:
            if slot.token and slot.token.value == value:
                slot.token = None

    def _slot(self, name: str) -> _Slot:
        with self._guard:
            return self._slots.setdefault(name, _Slot())


TOKENS = Tokens()
"""The tokens of this process."""
