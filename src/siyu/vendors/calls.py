"""A call to a vendor, and the three ways it can go wrong: refused, surely not taken, or nobody knows.

A code that a vendor answers is turned into a ``Verdict`` by that vendor's table: data, so that a new code is a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import httpx
import msgspec

from siyu.kit import Outbound

Fate = Literal["failed", "retry", "in_doubt", "bad_address", "stale_token"]
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Nothing of the request reached the peer."""
_MOST = 1_000_000
"""Bytes of an answer that are read."""


class Verdict(msgspec.Struct, frozen=True):
    """What a code means for a message: its fate, the stored reason, how long to wait before another try (ms)."""

    fate: Fate
    reason: str
    wait_ms: int = 0


class VendorRefused(Exception):
    """The vendor answered with a code of its own: it did not take the message."""

    def __init__(self, code: str, text: str, verdict: Verdict) -> None:
        super().__init__(f"{code} {text}"[:300])
        self.code = code
        self.verdict = verdict


class NotTaken(Exception):
    """The vendor could not be reached: nothing was handed over."""


class InDoubt(Exception):
    """The request went out and no usable answer came back."""


def post_json(outbound: Outbound, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """POST and read a JSON object. Raises NotTaken, InDoubt, or OutboundRefused for an internal address."""
    try:
        answer = outbound.post(url, body, {"Content-Type": "application/json; charset=utf-8"} | dict(headers or {}))
    except _NEVER_LEFT as error:
        raise NotTaken(said(error)) from error
    except httpx.HTTPError as error:
        raise InDoubt(said(error)) from error
    return _read(answer)


def get_json(outbound: Outbound, url: str) -> dict[str, Any]:
    """GET what can be asked again without harm. Raises NotTaken, or OutboundRefused."""
    try:
        return _read(outbound.get(url, {}))
    except (httpx.HTTPError, InDoubt) as error:
        raise NotTaken(said(error)) from error


def _read(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code in (429, 503):
        raise NotTaken(f"{answer.status_code} {answer.text[:200]}")
    try:
        if len(answer.content) > _MOST:
            raise InDoubt(f"an answer of {len(answer.content)} bytes")
        decoded = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InDoubt(f"{answer.status_code} {answer.text[:200]}") from error
    if not isinstance(decoded, dict):
        raise InDoubt(f"{answer.status_code} {answer.text[:200]}")
    return decoded


def said(error: Exception) -> str:
    """What an error says, never empty and never a token in an address."""
    text = str(error) or type(error).__name__
    return text.partition("access_token=")[0][:300]
