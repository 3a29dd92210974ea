"""The hall every request comes through: to the collect doors, the health desk, the API, or the console."""

from __future__ import annotations

from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from siyu.front.health import HealthDesk
from siyu.front.problems import internal, problem_parts
from siyu.front.reply import reply
from siyu.kit import language_of

_COLLECT = frozenset({"/sa", "/sa.gif", "/debug"})
_COLLECT_UNDER = ("/v1/", "/v3/projects/", "//v3/projects/", "/projects/", "//projects/")
_CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Ant Design writes its styles into the page
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_SECURITY = (
    (b"content-security-policy", _CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Hall:
    """Outermost ASGI application. ``served`` are the paths the API's framework knows; its first parts are its rooms."""

    def __init__(
        self, *, collect: ASGIApp | None, health: HealthDesk, api: ASGIApp, served: Iterable[str], console: ASGIApp
    ) -> None:
        self._collect = collect
        self._health = health
        self._api = api
        self._rooms = {path.lstrip("/").partition("/")[0] for path in served} | {"api"}
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._api(scope, receive, send)
            return
        path = scope["path"]
        if self._collect is not None and (path.startswith(_COLLECT_UNDER) or path in _COLLECT):
            await self._collect(scope, receive, send)
            return
        await _guarded(self._pick(path), scope, receive, _with_security_headers(send))

    def _pick(self, path: str) -> ASGIApp:
        if path in HealthDesk.PATHS:
            return self._health
        return self._api if path.lstrip("/").partition("/")[0] in self._rooms else self._console


async def _guarded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Whatever fails outside the API's own error mapping still ends as a problem."""
    started = False

    async def watched(message: Message) -> None:
        nonlocal started
        started = True
        await send(message)

    try:
        await app(scope, receive, watched)
    except Exception as error:
        failure = internal(error)
        if started:
            return
        accept = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        status, headers, body = problem_parts(failure, language_of(accept or None))
        await reply(send, status, body, headers.pop("content-type"), headers)


def _with_security_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            present = {name.lower() for name, _ in headers}
            message["headers"] = headers + [pair for pair in _SECURITY if pair[0] not in present]
        await send(message)

    return add
