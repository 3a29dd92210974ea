"""/api/codes, and /c/{slug}: the address on printed codes."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from litestar import Controller, MediaType, Response, get, post, put
from litestar.params import Parameter

from siyu.accounts import PUBLIC, Operator, requires
from siyu.connectors import codes, landing
from siyu.connectors.code_types import (
    CodeChange,
    CodeKind,
    CodeStats,
    CodeView,
    NewCode,
    Orders,
    OrdersAdded,
    Remake,
)
from siyu.connectors.door import VendorFailed
from siyu.connectors.routes import Receiving
from siyu.kit import NotFound, Page, etag, language_of
from siyu.store import Store

IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
Slug = Annotated[str, Parameter(max_length=60)]
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class Codes(Controller):
    path = "/api/codes"
    tags = ("codes",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_codes(
        self,
        store: Store,
        kind: CodeKind | None = None,
        after: Annotated[str | None, Parameter(max_length=60)] = None,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
    ) -> Page[CodeView]:
        """Channel codes, newest first."""
        return codes.list_codes(store, kind, after, limit)

    @post(guards=[requires("operator")], sync_to_thread=True)
    def create_code(self, data: NewCode, store: Store, operator: Operator, reception: Receiving) -> CodeView:
        """A new channel code, made at the vendor; what could not be made there is named in ``missing``."""
        with store.state.write() as conn:
            made = codes.add_code(store, conn, operator, data)
        return self._made(store, made, reception)

    @get("/{code_id:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_code(self, code_id: str, store: Store) -> Response[CodeView]:
        with store.state.read() as conn:
            view = codes.code_view(store, conn, code_id)
        return Response(view, headers=etag(view.version))

    @put("/{code_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_code(
        self,
        code_id: str,
        data: CodeChange,
        store: Store,
        operator: Operator,
        reception: Receiving,
        if_match: IfMatch = None,
    ) -> Response[CodeView]:
        """Change it; what is printed stays."""
        with store.state.write() as conn:
            codes.change_code(store, conn, operator, code_id, data, if_match)
        view = self._made(store, code_id, reception)
        return Response(view, headers=etag(view.version))

    @staticmethod
    def _made(store: Store, code_id: str, reception: Receiving) -> CodeView:
        reception.forget()
        with suppress(VendorFailed):  # the view names what is missing; "make anew" tries again and says why
            codes.make_targets(store, code_id)
        with store.state.read() as conn:
            return codes.code_view(store, conn, code_id)

    @post("/{code_id:str}/remake", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def remake_code(self, code_id: str, data: Remake, store: Store, operator: Operator) -> CodeView:
        """Replace a lost or blocked vendor code. The printed address leads to the new one."""
        codes.make_targets(store, code_id, data.staff, every=data.staff is None)
        with store.state.write() as conn:
            codes.note_remade(conn, operator, code_id, data.staff)
            return codes.code_view(store, conn, code_id)

    @get("/{code_id:str}/stats", guards=[requires("viewer")], sync_to_thread=True)
    def show_code_stats(self, code_id: str, store: Store) -> CodeStats:
        """The last 30 days by day and by member."""
        with store.state.read() as conn:
            return codes.code_stats(store, conn, code_id)

    @post("/{code_id:str}/orders", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def add_code_orders(self, code_id: str, data: Orders, store: Store, operator: Operator) -> OrdersAdded:
        """Orders that go out with this batch of parcel cards."""
        with store.state.write() as conn:
            return codes.add_orders(store, conn, operator, code_id, data)


class Landings(Controller):
    path = "/c"
    tags = ("codes",)
    opt = PUBLIC
    include_in_schema = False

    @get("/{slug:str}", sync_to_thread=True)
    def open_code(
        self, slug: Slug, store: Store, accept: Annotated[str | None, Parameter(header="Accept-Language")] = None
    ) -> Response[str]:
        """What a customer sees who has scanned."""
        language = language_of(accept)
        try:
            with store.state.write() as conn:
                here = codes.land(store, conn, slug)
        except NotFound:
            text = landing.lost(language)
            return Response(text, status_code=404, media_type=MediaType.HTML, headers=_HEADERS)
        return Response(landing.page(here, language), media_type=MediaType.HTML, headers=_HEADERS)
