"""The doors for events: a bare ASGI handler, since this path carries almost all traffic.

A request is unpacked, decoded and on disk before it is answered with 200. Faults of a whole request are a 4xx that
names them; faults of single records go to quarantine and are named in the answer, their neighbours are kept.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec

from siyu.collect import queries
from siyu.collect.definitions import current_definitions
from siyu.collect.identifiers import DEFAULTS, Definitions, in_force
from siyu.collect.inbox import Inbox
from siyu.collect.sources import growingio, segment, sensors
from siyu.collect.sources.common import check_depth
from siyu.collect.types import Decoded
from siyu.kit import BadInput, NotFound, SiyuError, TooLarge, Unauthorized, error_text, language_of
from siyu.store import Store

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

SENSORS_PATHS = frozenset({"/sa", "/sa.gif", "/debug"})
PATHS = segment.PATHS | SENSORS_PATHS

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_KEY_SECONDS = 2.0
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-headers", b"content-type, authorization, content-encoding, dry-run"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-max-age", b"86400"),
]


class MethodNotAllowed(SiyuError):
    """This address takes {allowed}."""

    code = "method_not_allowed"
    status = 405


class NothingTaken(SiyuError):
    """None of the records could be taken: {detail}"""

    code = "nothing_taken"
    status = 400


class Door:
    """ASGI application for ``PATHS`` and the addresses of GrowingIO's projects."""

    def __init__(self, store: Store, inbox: Inbox) -> None:
        self._store = store
        self._inbox = inbox
        self._keys: dict[str, tuple[str, str]] = {}
        self._definitions = DEFAULTS
        self._keys_until = 0.0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await _answer(send, 204, b"", b"text/plain")
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await _read(receive, self._store.settings.max_body_bytes)
            answer = await self._take(scope["path"], scope["method"], scope["query_string"], headers, body)
        except SiyuError as error:
            await _problem(send, error, language_of(headers.get("accept-language", "en")))
            return
        if scope["path"] == "/sa.gif":
            await _answer(send, 200, PIXEL, b"image/gif")
        else:
            await _answer(send, 200, answer, b"application/json")

    async def _take(self, path: str, method: str, query: bytes, headers: dict[str, str], body: bytes) -> bytes:
        now = self._store.clock.now_ms()
        project = growingio.project_of(path)
        if path not in PATHS and project is None:
            raise NotFound(what=path[:80])
        if path in SENSORS_PATHS:
            source_id, decoded = await self._sensors(path, method, query, headers, body, now)
            dry = path == "/debug" and headers.get("dry-run", "").lower() == "true"
            wire = sensors.NAME
        elif project is not None:
            source_id, decoded = await self._growingio(project, method, query, body, now)
            wire, dry = growingio.NAME, False
        else:
            source_id, decoded = await self._segment(path, method, headers, body, now)
            wire, dry = segment.NAME, False
        about = [record for record in decoded.records if record.ids]
        if not dry and (about or decoded.rejects):  # items are about nobody: taken, so that clients go on, not kept
            done = self._inbox.submit(source_id, now, about, decoded.rejects, wire)
            await asyncio.wrap_future(done)
        if decoded.rejects and not decoded.records:
            raise NothingTaken(detail="; ".join(sorted({reject.detail for reject in decoded.rejects})[:5]))
        return _success(decoded, plain=wire == sensors.NAME)

    async def _segment(
        self, path: str, method: str, headers: dict[str, str], body: bytes, now: int
    ) -> tuple[str, Decoded]:
        if method != "POST":
            raise MethodNotAllowed(allowed="POST")
        settings = self._store.settings
        body = gunzip(body, settings.max_unpacked_bytes)
        _check_text(body)
        source_id = await self._source(_basic_user(headers) or segment.write_key_in(body))
        check_depth(body, settings.max_depth)
        with in_force(self._definitions):
            return source_id, segment.decode(segment.as_batch(path, body), now, source_id, settings.max_event_bytes)

    async def _sensors(
        self, path: str, method: str, query: bytes, headers: dict[str, str], body: bytes, now: int
    ) -> tuple[str, Decoded]:
        if method not in ("GET", "POST"):
            raise MethodNotAllowed(allowed="GET, POST")
        settings = self._store.settings
        asked = parse_qs(query.decode("latin-1"))
        source_id = await self._source(asked.get("token", [""])[0] or asked.get("project", [""])[0])
        text = sensors.unpack(method, query, headers, body, settings)
        _check_text(text)
        check_depth(text, settings.max_depth)
        with in_force(self._definitions):
            return source_id, sensors.decode(text, now, source_id, settings.max_event_bytes)

    async def _growingio(self, project: str, method: str, query: bytes, body: bytes, now: int) -> tuple[str, Decoded]:
        if method != "POST":
            raise MethodNotAllowed(allowed="POST")
        settings = self._store.settings
        source_id = await self._source(project)
        body = gunzip(body, settings.max_unpacked_bytes)
        _check_text(body)
        check_depth(body, settings.max_depth)
        with in_force(self._definitions):
            sent = growingio.sent_at(query)
            return source_id, growingio.decode(body, now, source_id, settings.max_event_bytes, sent)

    async def _source(self, key: str | None) -> str:
        if not key:
            raise Unauthorized
        loop = asyncio.get_running_loop()
        if key not in self._keys or loop.time() > self._keys_until:
            self._keys, self._definitions = await asyncio.to_thread(self._load)
            self._keys_until = loop.time() + _KEY_SECONDS
        found = self._keys.get(key)
        if found is None:
            raise Unauthorized
        return found[0]

    def _load(self) -> tuple[dict[str, tuple[str, str]], Definitions]:
        with self._store.state.read() as conn:
            return queries.sources_by_key(conn), current_definitions(conn)


def gunzip(body: bytes, limit: int) -> bytes:
    """The body, unpacked when its first bytes say gzip. Raises TooLarge past ``limit`` bytes, BadInput when broken."""
    if body[:2] != b"\x1f\x8b":
        if len(body) > limit:
            raise TooLarge(limit_bytes=limit)
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        out = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadInput(detail="the gzip body is broken.") from error
    if len(out) > limit:
        raise TooLarge(limit_bytes=limit)
    if not unpacker.eof:
        raise BadInput(detail="the gzip body is cut short.")
    return out


def _check_text(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadInput(detail=f"the body is not UTF-8 (byte {error.start}).") from error


def _basic_user(headers: dict[str, str]) -> str | None:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None


def _success(decoded: Decoded, *, plain: bool) -> bytes:
    if plain:
        return b"{}"
    if not decoded.rejects:
        return b'{"success":true}'
    rejected = [{"index": r.index, "reason": r.reason, "detail": r.detail} for r in decoded.rejects[:100]]
    return msgspec.json.encode({"success": True, "accepted": len(decoded.records), "rejected": rejected})


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadInput(detail="the connection closed before the body was complete.")
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        if not message.get("more_body"):
            break
    if size > limit:
        raise TooLarge(limit_bytes=limit)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _answer(
    send: Send, status: int, body: bytes, kind: bytes, extra: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *_CORS, *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _problem(send: Send, error: SiyuError, language: str) -> None:
    text = error_text(error, language)
    body = msgspec.json.encode(
        {
            "type": f"urn:siyu:{error.code}",
            "title": text,
            "status": error.status,
            "detail": text,
            "code": error.code,
            "params": {name: str(value) for name, value in error.params.items()},
        }
    )
    extra = ((b"retry-after", str(error.retry_after).encode()),) if error.retry_after else ()
    await _answer(send, error.status, body, b"application/problem+json", extra)
