"""Idempotency-Key: the same creation sent twice is done once and answered the same for a day."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.exc import IntegrityError

from siyu.accounts import queries
from siyu.accounts.access import store_of
from siyu.kit import DAY, MINUTE, SiyuError
from siyu.store import Store

_KEPT_HEADERS = (b"content-type", b"etag", b"location")


class SameKeyOtherRequest(SiyuError):
    """This Idempotency-Key was used for another request. Use a new one."""

    code = "same_key_other_request"
    status = 409


class StillWorking(SiyuError):
    """The same request is still being worked on. Try again in {retry_after} seconds."""

    code = "still_working"
    status = 409


class _Stored(msgspec.Struct, frozen=True):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Idempotent:
    """Middleware for POST requests with an Idempotency-Key on routes that create (their status is 201).

    Bodies that are no JSON (uploads) are told apart by path and length only.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        key = request.headers.get("idempotency-key") if _creates(scope) else None
        if not key:
            await self.app(scope, receive, send)
            return
        key_hash = hashlib.sha256(f"{scope['user'].id} {key}".encode()).hexdigest()
        request_hash = await _fingerprint(request, key)
        stored = await sync_to_thread(_claim, store_of(scope), key_hash, request_hash)
        if stored is not None:
            await _replay(stored, send)
            return
        await self._run(key_hash, scope, receive, send)

    async def _run(self, key_hash: str, scope: Scope, receive: Receive, send: Send) -> None:
        store, status, headers, body = store_of(scope), 0, [], bytearray()

        async def keep(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [(k.decode(), v.decode()) for k, v in message["headers"] if k.lower() in _KEPT_HEADERS]
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body") and 200 <= status < 300:
                    await sync_to_thread(_keep, store, key_hash, _Stored(status, headers, bytes(body)))
            await send(message)

        try:
            await self.app(scope, receive, keep)
        finally:
            if not 200 <= status < 300:
                await sync_to_thread(_drop, store, key_hash)


def _claim(store: Store, key_hash: str, request_hash: str) -> _Stored | None:
    """The answer given before, or None when this caller is to do the work."""
    now = store.clock.now_ms()
    try:
        with store.state.write() as conn:
            queries.drop_answers_before(conn, now - DAY)
            row = queries.answer_of(conn, key_hash)
            if row is not None and row.status == 0 and row.at <= now - MINUTE:
                queries.drop_answer(conn, key_hash)
                row = None
            if row is None:
                queries.claim_answer(conn, key_hash, request_hash, now)
                return None
    except IntegrityError as error:
        raise StillWorking(retry_after=1) from error
    if row.request_hash != request_hash:
        raise SameKeyOtherRequest
    if row.status == 0:
        raise StillWorking(retry_after=1)
    return msgspec.json.decode(store.secrets.open(row.body), type=_Stored)


def _keep(store: Store, key_hash: str, answer: _Stored) -> None:
    sealed = store.secrets.seal(msgspec.json.encode(answer).decode())
    with store.state.write() as conn:
        queries.store_answer(conn, key_hash, answer.status, sealed)


def _drop(store: Store, key_hash: str) -> None:
    with store.state.write() as conn:
        queries.drop_answer(conn, key_hash)


def _creates(scope: Scope) -> bool:
    return (
        scope["type"] == ScopeType.HTTP
        and scope["method"] == "POST"
        and scope.get("user") is not None
        and getattr(scope["route_handler"], "status_code", 0) == 201
    )


async def _fingerprint(request: Request[Any, Any, Any], key: str) -> str:
    """A hash of the request. The key is part of it, so that a short body can't be guessed from its hash."""
    scope = request.scope
    digest = hashlib.sha256(f"{key} {scope['path']}?".encode() + scope["query_string"] + b" ")
    if request.headers.get("content-type", "").startswith("application/json"):
        digest.update(await request.body())
    else:
        digest.update(request.headers.get("content-length", "").encode())
    return digest.hexdigest()


async def _replay(stored: _Stored, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in stored.headers]
    headers += [(b"content-length", str(len(stored.body)).encode()), (b"idempotent-replayed", b"true")]
    await send({"type": "http.response.start", "status": stored.status, "headers": headers})
    await send({"type": "http.response.body", "body": stored.body, "more_body": False})
