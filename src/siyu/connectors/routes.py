"""/api/connectors, and /connect: where vendors and Mini Programs call."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, HttpMethod, Request, Response, delete, get, patch, post, route
from litestar.params import Dependency, Parameter

from siyu.accounts import OPEN, Operator, requires
from siyu.collect import Inbox
from siyu.connectors import actions
from siyu.connectors.contract import Call
from siyu.connectors.door import Reception
from siyu.connectors.types import (
    ActAsked,
    ActDone,
    Activity,
    ConnectorView,
    InstallChange,
    InstallView,
    NewInstall,
    Replayed,
    StaffView,
    Tested,
)
from siyu.kit import Page, TooLarge, etag
from siyu.store import Store

IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
Receiving = Annotated[Reception, Dependency(default=None, skip_validation=True)]
TheInbox = Annotated[Inbox, Dependency(default=None, skip_validation=True)]
_MOST = 1_000_000
"""Bytes of a callback that are taken."""


def _shows(operator: Operator) -> bool:
    return operator.role == "admin"


class Connectors(Controller):
    path = "/api/connectors"
    tags = ("connectors",)

    @get("/available", guards=[requires("viewer")], sync_to_thread=False)
    def list_available_connectors(self) -> Page[ConnectorView]:
        """Every connector that can be set up."""
        return actions.available()

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_connectors(self, store: Store, operator: Operator) -> Page[InstallView]:
        """What is set up, and how it does."""
        return actions.list_installs(store, secret=_shows(operator))

    @post(guards=[requires("admin")], sync_to_thread=True)
    def install_connector(
        self, data: NewInstall, store: Store, operator: Operator, reception: Receiving
    ) -> InstallView:
        """Set a connector up. Its callback addresses are in the answer."""
        with store.state.write() as conn:
            made = actions.add_install(store, conn, operator, data)
        reception.forget()
        return actions.install_view(store, made, secret=True)

    @get("/{connector_id:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_connector(self, connector_id: str, store: Store, operator: Operator) -> Response[InstallView]:
        view = actions.install_view(store, connector_id, secret=_shows(operator))
        return Response(view, headers=etag(view.version))

    @patch("/{connector_id:str}", guards=[requires("admin")], sync_to_thread=True)
    def change_connector(
        self,
        connector_id: str,
        data: InstallChange,
        store: Store,
        operator: Operator,
        reception: Receiving,
        if_match: IfMatch = None,
    ) -> Response[InstallView]:
        """Change its name or settings, or pause it: then pulls and tasks wait, callbacks are still taken."""
        with store.state.write() as conn:
            actions.change_install(store, conn, operator, connector_id, data, if_match)
        reception.forget()
        view = actions.install_view(store, connector_id, secret=True)
        return Response(view, headers=etag(view.version))

    @delete("/{connector_id:str}", guards=[requires("admin")], sync_to_thread=True)
    def remove_connector(self, connector_id: str, store: Store, operator: Operator, reception: Receiving) -> None:
        """What it brought stays."""
        with store.state.write() as conn:
            actions.drop_install(conn, operator, connector_id)
        reception.forget()

    @post("/{connector_id:str}/address", status_code=200, guards=[requires("admin")], sync_to_thread=True)
    def renew_connector_address(
        self, connector_id: str, store: Store, operator: Operator, reception: Receiving
    ) -> InstallView:
        """Replace the secret part of its callback addresses."""
        with store.state.write() as conn:
            actions.new_hook(conn, operator, connector_id)
        reception.forget()
        return actions.install_view(store, connector_id, secret=True)

    @post("/{connector_id:str}/test", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def test_connector(self, connector_id: str, store: Store) -> Tested:
        """Ask the vendor who we are there."""
        return actions.test(store, connector_id)

    @post("/{connector_id:str}/pulls/{pull:str}", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def start_connector_pull(self, connector_id: str, pull: str, store: Store, operator: Operator) -> InstallView:
        """Read one of the vendor's lists from the beginning, or go on where it failed."""
        with store.state.write() as conn:
            actions.start_pull(store, conn, operator, connector_id, pull)
        return actions.install_view(store, connector_id, secret=_shows(operator))

    @post("/{connector_id:str}/acts/{act:str}", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def run_connector_act(
        self, connector_id: str, act: str, data: ActAsked, store: Store, operator: Operator
    ) -> ActDone:
        """Have something done at the vendor."""
        return actions.act(store, operator, connector_id, act, data.form)

    @get("/{connector_id:str}/activity", guards=[requires("operator")], sync_to_thread=True)
    def show_connector_activity(self, connector_id: str, store: Store, reception: Receiving) -> Activity:
        """The newest callbacks, and tasks that were given up."""
        return actions.activity(store, reception, connector_id)

    @get("/{connector_id:str}/staff", guards=[requires("viewer")], sync_to_thread=True)
    def list_connector_staff(self, connector_id: str, store: Store) -> Page[StaffView]:
        """The vendor's staff tree, as last read."""
        with store.state.read() as conn:
            return actions.staff(conn, connector_id)

    @post("/{connector_id:str}/replay", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def replay_connector(self, connector_id: str, store: Store, inbox: TheInbox, operator: Operator) -> Replayed:
        """Read callbacks again that were put aside, and try tasks again that were given up."""
        return actions.replay(store, inbox, operator, connector_id)


class Doors(Controller):
    path = "/connect"
    tags = ("connectors",)
    # Vendors' servers call here. Who may is decided by the secret in the address and the vendor's own signature.
    opt = OPEN
    include_in_schema = False

    @route(
        ["/{connector:str}/{hook:str}", "/{connector:str}/{hook:str}/{door:str}"],
        http_method=[HttpMethod.GET, HttpMethod.POST],
        status_code=200,
    )
    async def take_connector_callback(
        self, connector: str, hook: str, request: Request[Any, Any, Any], store: Store, reception: Receiving,
        door: str = "",
    ) -> Response[bytes]:  # fmt: skip
        """A callback: checked, on disk, answered."""
        body = await request.body()
        if len(body) > _MOST:
            raise TooLarge(limit_bytes=_MOST)
        query = {str(name): str(value) for name, value in request.query_params.multi_items()}
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(str(request.method), query, headers, body, store.clock.now_ms())
        told = await reception.take(connector, hook, door, call)
        return Response(told.answer, media_type=told.media_type, status_code=200)
