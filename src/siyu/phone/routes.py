"""/u/{token}: the page behind the unsubscribe link of every message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Controller, HttpMethod, MediaType, Request, Response, get, post, route
from litestar.params import Parameter

from siyu.accounts import PUBLIC
from siyu.delivery import Click, InboxView, follow, mark_read, read_inbox
from siyu.kit import NotFound, language_of
from siyu.phone import actions, inbox_page, pages
from siyu.store import Store

Token = Annotated[str, Parameter(max_length=1000)]
Code = Annotated[str, Parameter(max_length=40)]
Language = Annotated[str | None, Parameter(header="Accept-Language")]

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def _answer(language: str, page: Callable[[], str]) -> Response[str]:
    try:
        return Response(page(), media_type=MediaType.HTML, headers=_HEADERS)
    except NotFound:
        return Response(pages.lost_page(language), status_code=404, media_type=MediaType.HTML, headers=_HEADERS)


class Unsubscribe(Controller):
    path = "/u"
    tags = ("phone",)
    # Whoever holds the link may use it: mail programs post here for their user, from no page of ours.
    opt = PUBLIC | {"no_csrf": True}
    include_in_schema = False

    @get("/{token:str}", sync_to_thread=True)
    def show(self, token: Token, store: Store, accept: Language = None) -> Response[str]:
        """Ask before anything happens; say so when they have left already."""
        language = language_of(accept)

        def page() -> str:
            with store.state.read() as conn:
                here = actions.visit(store, conn, token)
            out = here.standing == "out"
            return pages.out_page(here, language, token) if out else pages.ask_page(here, language)

        return _answer(language, page)

    @post("/{token:str}", status_code=200, sync_to_thread=True)
    def leave(self, token: Token, store: Store, accept: Language = None) -> Response[str]:
        """Leave: from the page, or by one click in the mail program (RFC 8058)."""
        language = language_of(accept)

        def page() -> str:
            with store.state.write() as conn:
                return pages.out_page(actions.leave(store, conn, token), language, token)

        return _answer(language, page)

    @post("/{token:str}/undo", status_code=200, sync_to_thread=True)
    def come_back(self, token: Token, store: Store, accept: Language = None) -> Response[str]:
        """Stay after all."""
        language = language_of(accept)

        def page() -> str:
            with store.state.write() as conn:
                return pages.back_page(actions.come_back(store, conn, token), language)

        return _answer(language, page)


_KEPT = ":/?#[]@!$&'()*+,;=%~"
"""What stands in an address as it is; all else is quoted for the header."""


class Follow(Controller):
    path = "/l"
    tags = ("phone",)
    # Whoever got the message may follow its link. Where it leads stands in the database, never in the address.
    opt = PUBLIC | {"no_csrf": True}
    include_in_schema = False

    @route("/{code:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=302, sync_to_thread=True)
    def follow(
        self, code: Code, request: Request[Any, Any, Any], store: Store, accept: Language = None
    ) -> Response[str]:
        """Note the click, and go on to where the link in the message led."""
        network = request.client.host if request.client else ""
        agent = request.headers.get("user-agent", "")
        click = Click(request.method, agent, network, dict(request.headers.items()))
        try:
            with store.state.write() as conn:
                address = follow(store, conn, code, click)
        except NotFound:
            page = pages.lost_page(language_of(accept))
            return Response(page, status_code=404, media_type=MediaType.HTML, headers=_HEADERS)
        return Response(
            "", status_code=302, media_type=MediaType.TEXT, headers=_HEADERS | {"Location": quote(address, _KEPT)}
        )


class ReadItems(msgspec.Struct, frozen=True):
    """Messages that have been read."""

    read: Annotated[list[str], msgspec.Meta(max_length=50)]


class Inbox(Controller):
    path = "/inbox"
    tags = ("phone",)
    # Whoever holds the signed address reads the inbox: the shop's app or site opens it for its own user.
    opt = PUBLIC | {"no_csrf": True}
    include_in_schema = False

    @get("/{token:str}", sync_to_thread=True)
    def show(self, token: Token, store: Store, accept: Language = None) -> Response[str]:
        """The messages as a page."""
        language = language_of(accept)

        def page() -> str:
            with store.state.read() as conn:
                return inbox_page.inbox_page(read_inbox(store, conn, token), language)

        return _answer(language, page)

    @post("/{token:str}", status_code=200, sync_to_thread=True)
    def read_all(self, token: Token, store: Store, accept: Language = None) -> Response[str]:
        """Mark what the page shows as read, and show it again."""
        language = language_of(accept)

        def page() -> str:
            with store.state.write() as conn:
                shown = read_inbox(store, conn, token)
                unread = [item.id for item in shown.items if not item.read]
                return inbox_page.inbox_page(mark_read(store, conn, token, unread), language)

        return _answer(language, page)

    @get("/{token:str}/messages", sync_to_thread=True)
    def list_items(self, token: Token, store: Store) -> Response[InboxView]:
        """The messages as JSON, for an app to draw."""
        with store.state.read() as conn:
            return Response(read_inbox(store, conn, token), headers={"Cache-Control": "no-store"})

    @post("/{token:str}/messages", status_code=200, sync_to_thread=True)
    def mark_items(self, token: Token, data: ReadItems, store: Store) -> Response[InboxView]:
        """Mark messages as read."""
        with store.state.write() as conn:
            return Response(mark_read(store, conn, token, data.read), headers={"Cache-Control": "no-store"})
