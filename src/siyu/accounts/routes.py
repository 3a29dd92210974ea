"""/api/session, /api/setup, /api/operators, /api/keys, /api/audit."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.params import Parameter

from siyu import __version__
from siyu.accounts import actions
from siyu.accounts.access import PUBLIC, SESSION_COOKIE, VISIT_COOKIE, requires
from siyu.accounts.passwords import hash_password
from siyu.accounts.types import (
    AuditEntry,
    KeyView,
    MadeKey,
    NewKey,
    NewOperator,
    Operator,
    OperatorChange,
    OperatorView,
    SessionView,
    SetUp,
    SignIn,
)
from siyu.kit import Page, etag, new_token
from siyu.store import Store

Caller = Request[Operator | None, str, Any]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]


def _cookie(store: Store, name: str, value: str) -> Cookie:
    secure = store.settings.public_url.startswith("https")
    return Cookie(key=name, value=value, httponly=True, samesite="lax", secure=secure, path="/")


def _signed_in(store: Store, operator: Operator, token: str, status: int) -> Response[SessionView]:
    view = SessionView(False, operator, actions.csrf_of(token), __version__)
    return Response(view, status_code=status, cookies=[_cookie(store, SESSION_COOKIE, token)])


class Sessions(Controller):
    path = "/api"
    tags = ("accounts",)
    opt = PUBLIC

    @get("/session", sync_to_thread=True)
    def show_session(self, request: Caller, store: Store) -> Response[SessionView]:
        """Who is signed in, whether Siyu waits to be set up, and the CSRF token."""
        with store.state.read() as conn:
            needs_setup = actions.needs_setup(conn)
        if request.auth == "session" and request.user is not None:
            token = request.cookies[SESSION_COOKIE]
            return Response(SessionView(needs_setup, request.user, actions.csrf_of(token), __version__))
        token = request.cookies.get(VISIT_COOKIE) or new_token()
        view = SessionView(needs_setup, request.user, actions.csrf_of(token), __version__)
        return Response(view, cookies=[_cookie(store, VISIT_COOKIE, token)])

    @post("/setup", sync_to_thread=True)
    def set_up(self, data: SetUp, store: Store) -> Response[SessionView]:
        """Make the first administrator; possible once."""
        with store.state.read() as conn:
            actions.check_setup(conn)
        hashed = hash_password(data.password)
        with store.state.write() as conn:
            operator, token = actions.set_up(conn, data, hashed)
        return _signed_in(store, operator, token, 201)

    @post("/session", status_code=200, sync_to_thread=True)
    def sign_in(self, data: SignIn, request: Caller, store: Store) -> Response[SessionView]:
        """Sign in with email and password."""
        address = request.client.host if request.client else ""
        operator, token = actions.sign_in(store, data, address)
        return _signed_in(store, operator, token, 200)

    @delete("/session", sync_to_thread=True)
    def sign_out(self, request: Caller, store: Store) -> Response[None]:
        """End this session."""
        if token := request.cookies.get(SESSION_COOKIE):
            with store.state.write() as conn:
                actions.sign_out(conn, token)
        gone: Response[None] = Response(None, status_code=204)
        gone.delete_cookie(SESSION_COOKIE)
        return gone


class Operators(Controller):
    path = "/api/operators"
    tags = ("accounts",)
    guards = [requires("admin")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_operators(self, store: Store) -> Page[OperatorView]:
        with store.state.read() as conn:
            return actions.operators_page(conn)

    @post(sync_to_thread=True)
    def create_operator(self, data: NewOperator, store: Store, operator: Operator) -> OperatorView:
        hashed = hash_password(data.password)
        with store.state.write() as conn:
            return actions.add_operator(conn, operator, data, hashed)

    @get("/{operator_id:str}", sync_to_thread=True)
    def show_operator(self, operator_id: str, store: Store) -> Response[OperatorView]:
        with store.state.read() as conn:
            view = actions.operator_view(conn, operator_id)
        return Response(view, headers=etag(view.version))

    @patch("/{operator_id:str}", sync_to_thread=True)
    def change_operator(
        self, operator_id: str, data: OperatorChange, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[OperatorView]:
        hashed = actions.password_hash_for(data)
        with store.state.write() as conn:
            view = actions.change_operator(conn, operator, operator_id, data, if_match, hashed)
        return Response(view, headers=etag(view.version))


class Keys(Controller):
    path = "/api/keys"
    tags = ("accounts",)
    guards = [requires("admin")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_keys(self, store: Store) -> Page[KeyView]:
        with store.state.read() as conn:
            return actions.keys_page(conn)

    @post(sync_to_thread=True)
    def create_key(self, data: NewKey, store: Store, operator: Operator) -> MadeKey:
        """Make a key for a program; its secret is shown this once."""
        with store.state.write() as conn:
            return actions.add_key(conn, operator, data)

    @delete("/{key_id:str}", sync_to_thread=True)
    def delete_key(self, key_id: str, store: Store, operator: Operator) -> None:
        """The key stops working at once."""
        with store.state.write() as conn:
            actions.delete_key(conn, operator, key_id)


class Audit(Controller):
    path = "/api/audit"
    tags = ("accounts",)
    guards = [requires("admin")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_audit(
        self,
        store: Store,
        after: Annotated[str | None, Parameter(max_length=20)] = None,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
    ) -> Page[AuditEntry]:
        """Who did what, newest first."""
        with store.state.read() as conn:
            return actions.audit_page(conn, after, limit)
