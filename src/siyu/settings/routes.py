"""/api/settings."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.kit import etag
from siyu.settings import actions
from siyu.settings.types import ProductSettings, SettingsView
from siyu.store import Store


class SettingsRoutes(Controller):
    path = "/api/settings"
    tags = ("settings",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def show_settings(self, store: Store) -> Response[SettingsView]:
        with store.state.read() as conn:
            view = actions.settings_view(conn)
        return Response(view, headers=etag(view.version))

    @put(guards=[requires("admin")], sync_to_thread=True)
    def change_settings(
        self,
        data: ProductSettings,
        store: Store,
        operator: Operator,
        if_match: Annotated[str | None, Parameter(header="If-Match")] = None,
    ) -> Response[SettingsView]:
        """Replace the settings; what is left out goes back to what Siyu comes with."""
        with store.state.write() as conn:
            view = actions.change_settings(conn, operator, data, if_match)
        return Response(view, headers=etag(view.version))
