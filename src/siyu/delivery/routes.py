"""/api/messages, /api/channels, /api/policies, /api/suppressions and a person's messages."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, HttpMethod, Request, Response, delete, get, post, put, route
from litestar.concurrency import sync_to_thread
from litestar.params import Parameter

from siyu.accounts import OPEN, Operator, requires
from siyu.content import TryResult
from siyu.delivery import actions, annoyance, inbox
from siyu.delivery.channels import channel_named
from siyu.delivery.channels.contract import Inbound
from siyu.delivery.defaults import Policy
from siyu.delivery.types import (
    CallbackChange,
    CallbackView,
    ChannelChange,
    ChannelView,
    InboxLink,
    MessageView,
    Resolution,
    State,
    Suppression,
    TestSend,
)
from siyu.kit import Page, TooLarge, etag, language_of
from siyu.store import Store

After = Annotated[str | None, Parameter(max_length=400)]
Limit = Annotated[int, Parameter(ge=1, le=200)]
Word = Annotated[str | None, Parameter(max_length=60)]
AcceptLanguage = Annotated[str | None, Parameter(header="Accept-Language", max_length=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]


class Messages(Controller):
    path = "/api"
    tags = ("delivery",)

    @get("/messages", guards=[requires("viewer")], sync_to_thread=True)
    def list_messages(
        self,
        store: Store,
        in_state: Annotated[State | None, Parameter(query="state")] = None,
        channel: Word = None,
        reason: Word = None,
        journey_id: Word = None,
        after: After = None,
        limit: Limit = 50,
    ) -> Page[MessageView]:
        """What went out, what was held back and why; newest first."""
        asked = {"state": in_state, "channel": channel, "reason": reason, "journey_id": journey_id}
        with store.state.read() as conn:
            return actions.list_messages(conn, {k: v for k, v in asked.items() if v}, after, limit)

    @get("/persons/{person:str}/messages", guards=[requires("viewer")], sync_to_thread=True)
    def list_person_messages(
        self, person: str, store: Store, after: After = None, limit: Limit = 50
    ) -> Page[MessageView]:
        """Messages of one person, newest first."""
        with store.state.read() as conn:
            return actions.person_messages(conn, person, after, limit)

    @post("/messages/{message_id:str}/resolve", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def resolve_message(self, message_id: str, data: Resolution, store: Store, operator: Operator) -> MessageView:
        """Decide about a message in doubt: send it again, or drop it."""
        with store.state.write() as conn:
            return actions.resolve_doubt(store, conn, operator, message_id, data)


class Channels(Controller):
    path = "/api/channels"
    tags = ("delivery",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_channels(self, store: Store) -> Page[ChannelView]:
        """Every channel messages can go out on."""
        with store.state.read() as conn:
            return actions.channel_list(store, conn)

    @get("/{channel:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_channel(self, channel: str, store: Store) -> Response[ChannelView]:
        with store.state.read() as conn:
            view = actions.channel_view(store, conn, channel)
        return Response(view, headers=etag(view.version))

    @put("/{channel:str}", guards=[requires("admin")], sync_to_thread=True)
    def change_channel(
        self, channel: str, data: ChannelChange, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[ChannelView]:
        """Replace the settings of a channel. Secrets left out stay as they are."""
        with store.state.write() as conn:
            view = actions.change_channel(store, conn, operator, channel, data, if_match)
        return Response(view, headers=etag(view.version))

    @post("/{channel:str}/test", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def test_channel(self, channel: str, data: TestSend, store: Store) -> TryResult:
        """Send a test message to an address now."""
        with store.state.read() as conn:
            config = actions.open_config(store, conn, channel_named(channel))
            sandbox = actions.channel_view(store, conn, channel).sandbox
        return actions.test_send(store, channel, config, data.address, sandbox)

    @post("/{channel:str}/callback", status_code=200, guards=[requires("admin")], sync_to_thread=True)
    def show_callback(self, channel: str, data: CallbackChange, store: Store, operator: Operator) -> CallbackView:
        """Where the vendor sends receipts and replies; made when first asked for, or anew."""
        with store.state.write() as conn:
            return actions.callback_address(store, conn, operator, channel, data)


class Guards(Controller):
    path = "/api"
    tags = ("delivery",)

    @get("/policies", guards=[requires("viewer")], sync_to_thread=True)
    def list_policies(self, store: Store, language: AcceptLanguage = None) -> Response[Page[Policy]]:
        """The guard table: what may be sent when and how often, with its evidence and date."""
        with store.state.read() as conn:
            page, version = actions.policies_view(conn, language_of(language))
        return Response(page, headers=etag(version))

    @put("/policies", guards=[requires("admin")], sync_to_thread=True)
    def change_policies(
        self,
        data: Page[Policy],
        store: Store,
        operator: Operator,
        if_match: IfMatch = None,
        language: AcceptLanguage = None,
    ) -> Response[Page[Policy]]:
        """Change the rows given; the others stay."""
        with store.state.write() as conn:
            page, version = actions.change_policies(store, conn, operator, data.items, if_match, language_of(language))
        return Response(page, headers=etag(version))

    @get("/suppressions", guards=[requires("operator")], sync_to_thread=True)
    def list_suppressions(self, store: Store, after: After = None, limit: Limit = 50) -> Page[Suppression]:
        """Addresses that are never used again."""
        with store.state.read() as conn:
            return actions.list_suppressions(conn, after, limit)

    @post("/suppressions", guards=[requires("operator")], sync_to_thread=True)
    def add_suppression(self, data: Suppression, store: Store, operator: Operator) -> Suppression:
        """Never use this address again."""
        with store.state.write() as conn:
            return actions.suppress(store, conn, operator, data)

    @delete("/suppressions", guards=[requires("operator")], sync_to_thread=True)
    def lift_suppression(
        self,
        store: Store,
        operator: Operator,
        channel: Annotated[str, Parameter(max_length=40)],
        address: Annotated[str, Parameter(max_length=320)],
    ) -> None:
        """Allow this address again."""
        with store.state.write() as conn:
            actions.unsuppress(conn, operator, Suppression(channel, address))


_MOST = 1_000_000
"""Bytes of a callback that are taken."""


class Callbacks(Controller):
    path = "/hook"
    tags = ("delivery",)
    # Vendors' servers call here. Who may is decided by the secret in the address and the vendor's own signature.
    opt = OPEN
    include_in_schema = False

    @route("/{channel:str}/{hook:str}", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200)
    async def take_callback(
        self, channel: str, hook: str, request: Request[Any, Any, Any], store: Store
    ) -> Response[bytes]:
        """Receipts, replies and acts, as the vendor pushes them."""
        body = await request.body()
        if len(body) > _MOST:
            raise TooLarge(limit_bytes=_MOST)
        query = [(str(name), str(value)) for name, value in request.query_params.multi_items()]
        return await sync_to_thread(_take, store, channel, hook, request.method, query, body)


def _take(
    store: Store, channel: str, hook: str, method: str, query: list[tuple[str, str]], body: bytes
) -> Response[bytes]:
    inbound = Inbound(method, query, body, store.clock.now_ms())
    with store.state.read() as conn:
        news = actions.read_callback(store, conn, channel, hook, inbound)
    with store.state.write() as conn:
        actions.take_news(conn, channel, news, inbound.now)
    return Response(news.answer, media_type=news.media_type, status_code=200)


class Annoyances(Controller):
    path = "/api/persons"
    tags = ("delivery",)

    @get("/{person:str}/annoyance", guards=[requires("viewer")], sync_to_thread=True)
    def show_annoyance(self, person: str, store: Store) -> annoyance.AnnoyanceView:
        """How annoyed a person is with us, why, and how often they may still be written to."""
        with store.state.read() as conn:
            return annoyance.explain(conn, person)


class Inboxes(Controller):
    path = "/api/persons"
    tags = ("delivery",)

    @get("/{person:str}/inbox", guards=[requires("operator")], sync_to_thread=True)
    def inbox_address(self, person: str, store: Store) -> InboxLink:
        """The signed address of a person's inbox, for the shop's app or site to open."""
        with store.state.read() as conn:
            return inbox.inbox_link(store, conn, person)
