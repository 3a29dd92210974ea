"""/api/webhooks."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.kit import Page, etag
from siyu.store import Store
from siyu.webhooks import actions
from siyu.webhooks.types import (
    DeliveryState,
    DeliveryView,
    EndpointChange,
    EndpointView,
    NewEndpoint,
    Replay,
    Replayed,
)

IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]


class Webhooks(Controller):
    path = "/api/webhooks"
    tags = ("webhooks",)
    guards = [requires("admin")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_webhooks(self, store: Store) -> Page[EndpointView]:
        """Who is told what."""
        with store.state.read() as conn:
            return actions.list_endpoints(conn)

    @post(sync_to_thread=True)
    def create_webhook(self, data: NewEndpoint, store: Store, operator: Operator) -> EndpointView:
        """Tell another system of what happens from now on. The signing secret is shown this once."""
        with store.state.write() as conn:
            return actions.add_endpoint(store, conn, operator, data)

    @get("/{webhook_id:str}", sync_to_thread=True)
    def show_webhook(self, webhook_id: str, store: Store) -> Response[EndpointView]:
        with store.state.read() as conn:
            view = actions.endpoint_view(conn, webhook_id)
        return Response(view, headers=etag(view.version))

    @patch("/{webhook_id:str}", sync_to_thread=True)
    def change_webhook(
        self, webhook_id: str, data: EndpointChange, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[EndpointView]:
        with store.state.write() as conn:
            view = actions.change_endpoint(conn, operator, webhook_id, data, if_match)
        return Response(view, headers=etag(view.version))

    @delete("/{webhook_id:str}", sync_to_thread=True)
    def delete_webhook(self, webhook_id: str, store: Store, operator: Operator) -> None:
        with store.state.write() as conn:
            actions.drop_endpoint(conn, operator, webhook_id)

    @post("/{webhook_id:str}/secret", status_code=200, sync_to_thread=True)
    def new_webhook_secret(self, webhook_id: str, store: Store, operator: Operator) -> EndpointView:
        """Replace the signing secret."""
        with store.state.write() as conn:
            return actions.new_secret(store, conn, operator, webhook_id)

    @get("/{webhook_id:str}/deliveries", sync_to_thread=True)
    def list_webhook_deliveries(
        self,
        webhook_id: str,
        store: Store,
        in_state: Annotated[DeliveryState | None, Parameter(query="state")] = None,
        after: Annotated[str | None, Parameter(max_length=40)] = None,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
    ) -> Page[DeliveryView]:
        """What was posted, and what the receiver said."""
        with store.state.read() as conn:
            return actions.list_deliveries(conn, webhook_id, in_state, after, limit)

    @post("/{webhook_id:str}/replay", status_code=200, sync_to_thread=True)
    def replay_webhook(self, webhook_id: str, data: Replay, store: Store, operator: Operator) -> Replayed:
        """Post deliveries again: those named, or all that failed."""
        with store.state.write() as conn:
            return actions.replay(conn, operator, webhook_id, data)


ROUTES = [Webhooks]
