"""Who is calling, and may they? A middleware finds out, guards decide; nothing is open unless it says so."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import cast

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from siyu.accounts import actions
from siyu.accounts.types import Operator, Role
from siyu.kit import Forbidden, SiyuError, Unauthorized
from siyu.store import Store

SESSION_COOKIE = "siyu_session"
VISIT_COOKIE = "siyu_visit"
PUBLIC = {"public": True}
"""``opt`` of the few routes that need no operator."""
OPEN = {"public": True, "no_csrf": True}
"""``opt`` of routes that other servers or mail readers call, such as one-click opt-out."""

Connection = ASGIConnection[BaseRouteHandler, Operator | None, str, State]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


class CsrfFailed(SiyuError):
    """This page is out of date. Reload it and try again."""

    code = "csrf_failed"
    status = 403


def store_of(scope: Scope) -> Store:
    """The store of the house a request came to."""
    return cast(Store, scope["state"]["store"])


class Authenticate:
    """Middleware: puts the operator (or None) into ``scope["user"]`` and how they proved it into ``scope["auth"]``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            connection: Connection = ASGIConnection(scope)
            scope["user"], scope["auth"] = await self._who(connection)
        await self.app(scope, receive, send)

    async def _who(self, connection: Connection) -> tuple[Operator | None, str]:
        store = store_of(connection.scope)
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await sync_to_thread(actions.by_key, store, secret.strip()), "key"
        token = connection.cookies.get(SESSION_COOKIE)
        if token:
            return await sync_to_thread(actions.by_session, store, token), "session"
        return None, ""


async def signed_in(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard of the whole API: an operator is known unless the route is public, and the browser's page is ours."""
    if connection.user is None and not handler.opt.get("public"):
        raise Unauthorized
    by_key = connection.auth == "key" and connection.user is not None
    changes = cast(HTTPScope, connection.scope)["method"] not in ("GET", "HEAD", "OPTIONS")
    if changes and not by_key and not handler.opt.get("no_csrf"):
        _check_csrf(connection)


def _check_csrf(connection: Connection) -> None:
    kind = SESSION_COOKIE if connection.user is not None else VISIT_COOKIE
    token = connection.cookies.get(kind, "")
    sent = connection.headers.get("x-csrf-token", "")
    if not token or not hmac.compare_digest(actions.csrf_of(token).encode(), sent.encode()):
        raise CsrfFailed


def requires(role: Role) -> Guard:
    """Guard: the caller has this role or a higher one; an API key needs the scope of that role."""

    async def guard(connection: Connection, _handler: BaseRouteHandler) -> None:
        if connection.user is None:
            raise Unauthorized
        if actions.RANK[connection.user.role] < actions.RANK[role]:
            raise Forbidden(role=role)

    guard.__dict__["role"] = role
    return guard


async def provide_operator(request: Request[Operator | None, str, State]) -> Operator:
    """Dependency ``operator``: who calls."""
    if request.user is None:
        raise Unauthorized
    return request.user
