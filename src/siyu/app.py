"""The house put together. Read this file to learn who is in it; nothing is wired anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.concurrency import sync_to_thread
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send
from sqlalchemy.engine import Connection

from siyu import (
    accounts,
    analytics,
    audiences,
    campaigns,
    catalog,
    collect,
    connectors,
    content,
    delivery,
    identity,
    journeys,
    lifecycle,
    packages,
    phone,
    privacy,
    profiles,
    settings,
    suggestions,
    tags,
    webhooks,
)
from siyu.collect import Door, Importer, Inbox
from siyu.console import Bundle
from siyu.front import EXCEPTION_HANDLERS, Hall, HealthDesk, description_route
from siyu.jobs import Loop, Loops
from siyu.pipeline import Pipeline, Reader, Subscriber, refresh
from siyu.store import Store, squash_when_due

ROUTES: list[Any] = [
    *accounts.ROUTES,
    *settings.ROUTES,
    *catalog.ROUTES,
    *collect.ROUTES,
    *identity.ROUTES,
    *profiles.ROUTES,
    *audiences.ROUTES,
    *packages.ROUTES,
    *tags.ROUTES,
    *analytics.ROUTES,
    *lifecycle.ROUTES,
    *delivery.ROUTES,
    *connectors.ROUTES,
    *content.ROUTES,
    *journeys.ROUTES,
    *campaigns.ROUTES,
    *suggestions.ROUTES,
    *phone.ROUTES,
    *webhooks.ROUTES,
]

audiences.USERS += [packages.users_of, connectors.uses, campaigns.uses, journeys.uses]
delivery.borrowing.LENDERS.append(connectors.LENDER)
tags.USERS += [content.uses, journeys.uses, packages.users_of_tag]

READERS: list[Reader] = [tags.look_ahead, audiences.look_ahead]
"""Called once a batch is written, before the transaction: what takes the engine longer than others should wait."""

ANNOUNCE: list[Subscriber] = [
    delivery.on_settled,
    connectors.on_settled,
    journeys.on_settled,
    campaigns.on_settled,
    webhooks.on_settled,
]
"""Told of who entered and left audiences, by the stream or beside it."""

SUBSCRIBERS: list[Subscriber] = [tags.on_settled, tags.on_gifts, audiences.on_settled, *ANNOUNCE]
"""Called once a batch is written, in this order, in the transaction that marks it settled. What one answers is called
after the commit."""


def _needs_me(store: Store, count: Callable[[Connection], int]) -> int:
    with store.state.read() as conn:
        return count(conn)


def _quarantined(store: Store) -> int:
    with store.inbox.read() as conn:
        return collect.count_waiting(conn)


OVERVIEW = analytics.OverviewParts(
    needs_me={
        "quarantine": _quarantined,
        "failed_messages": partial(_needs_me, count=delivery.count_failed),
        "journeys_parked": partial(_needs_me, count=journeys.parked),
        "sources_silent": partial(_needs_me, count=collect.count_silent),
        "suggestions": partial(_needs_me, count=suggestions.count_waiting),
        "identity_conflicts": partial(_needs_me, count=identity.count_open),
        "data_quality": catalog.count_flagged,
    },
    pipeline=collect.pipeline_view,
)
"""What the first page shows of the rooms it may not know."""


def _definitions(store: Store) -> list[catalog.Definition]:
    """Every rule and graph, for the catalog to find names in."""
    with store.state.read() as conn:
        texts = {"audience": audiences.texts(conn), "journey": journeys.texts(conn)}
    return [
        catalog.Definition(catalog.Usage(kind, *who), text) for kind, found in texts.items() for *who, text in found
    ]


def _source_names(store: Store) -> dict[str, str]:
    with store.state.read() as conn:
        return profiles.source_names(conn)


def _look_after_catalog(store: Store) -> float:
    return min(catalog.note_seen(store), catalog.rewrite_merged(store))


CATALOG = catalog.CatalogParts(definitions=_definitions, sources=_source_names)


class House:
    """The whole application for one store. An ASGI application; its lifespan starts and stops the loops."""

    def __init__(self, store: Store, *, with_loops: bool = True) -> None:
        self.store = store
        self.inbox = Inbox(store, on_append=lambda: self.loops["settle"].wake() if with_loops else None)
        told: list[Subscriber] = [lambda *_: self._wake] if with_loops else []
        self.pipeline = Pipeline(store, self.inbox, [*SUBSCRIBERS, *told], READERS)
        self.reception = connectors.Reception(store, self.inbox)
        self.suggester = suggestions.Suggester(store)
        self.loops = Loops(self._loops() if with_loops else [])
        self.api = _api(store.settings.max_body_bytes)
        self._given = _given(self)
        self.hall = Hall(
            collect=Door(store, self.inbox),
            health=HealthDesk(self.missing),
            api=self.api,
            served=[route.path for route in self.api.routes],
            console=Bundle(),
        )

    def _loops(self) -> list[Loop]:
        """The work that goes on in the background."""
        return [
            Loop("settle", self._settle),
            Loop("import", Importer(self.store, self.inbox).step),
            Loop("sweep", partial(audiences.sweep_step, self.store, ANNOUNCE)),
            Loop("due", partial(audiences.due_step, self.store, ANNOUNCE)),
            Loop("tags", partial(tags.step, self.store, ANNOUNCE)),
            Loop("enter", partial(journeys.let_in, self.store)),
            Loop("advance", partial(self._then_deliver, journeys.advance)),
            Loop("backtest", partial(journeys.try_out, self.store)),
            Loop("call", partial(journeys.call, self.store)),
            Loop("refresh", partial(refresh, self.store)),
            Loop("staff", partial(profiles.staff_step, self.store, audiences.matching)),
            Loop("campaigns", partial(self._then_deliver, campaigns.step)),
            Loop("deliver", partial(delivery.deliver, self.store)),
            Loop("annoyance", partial(delivery.annoyance.tell, self.store), idle_seconds=600.0),
            Loop("webhooks", webhooks.Courier(self.store).step),
            Loop("packages", partial(packages.step, self.store)),
            Loop("pull", partial(connectors.pull_step, self.store)),
            Loop("connect", partial(connectors.task_step, self.store)),
            Loop("squash", self._squash, idle_seconds=60.0),
            Loop("catalog", partial(_look_after_catalog, self.store)),
            Loop("suggest", self.suggester.step),
        ]

    def _settle(self) -> float | None:
        return 0.0 if self.pipeline.step() else None

    def _wake(self) -> None:
        """A batch has settled: whoever acts on it looks at once."""
        self.loops["advance"].wake()
        self.loops["connect"].wake()

    def _then_deliver(self, step: Callable[[Store], float]) -> float:
        """A step that may put messages into the outbox."""
        wait = step(self.store)
        if wait == 0:
            self.loops["deliver"].wake()
        return wait

    def _squash(self) -> float | None:
        """Rewrite one month of events when merged persons are worth it; then let others have their turn."""
        return 5.0 if squash_when_due(self.store) else None

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(cast(LifeSpanReceive, receive), cast(LifeSpanSend, send))
            return
        scope["state"] = {**scope.get("state", {}), **self._given}
        await self.hall(scope, receive, send)

    async def _live(self, receive: LifeSpanReceive, send: LifeSpanSend) -> None:
        await receive()
        try:
            await sync_to_thread(self.start)
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": repr(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await sync_to_thread(self.stop)
        await send({"type": "lifespan.shutdown.complete"})

    def start(self) -> None:
        self.loops.start()

    def stop(self) -> None:
        self.stopped_cleanly = self.loops.stop(seconds=1.5)
        self.suggester.close()
        self.inbox.close()

    stopped_cleanly = True
    """False when a loop was still in a step when time was up; then the store is left to its crash safety."""

    def missing(self) -> list[str]:
        """What is not there yet, before work can be taken."""
        missing = [f"loop {loop.name}" for loop in self.loops if not loop.alive]
        for name, probe in (("state", self._ask_state), ("events", self._ask_events)):
            try:
                probe()
            except Exception as error:
                missing.append(f"{name}: {type(error).__name__}")
        return missing

    def _ask_state(self) -> None:
        with self.store.state.read() as conn:
            conn.exec_driver_sql("SELECT 1")

    def _ask_events(self) -> None:
        self.store.events.query("SELECT 1", max_seconds=5)


CONTENT = content.Parts(delivery.text_faults, delivery.text_limit, delivery.send_text)
"""What templates are checked against, and how one is tried."""


def _journey_subject(conn: Connection, id: str) -> campaigns.Subject | None:
    found = journeys.assignments(conn, id)
    if found is None:
        return None
    planned = 1 - found.percent / 100 if found.held or found.treated else 0.0
    return campaigns.Subject(found.name, found.since, found.participants, found.treated, found.held, planned)


REVIEWS = campaigns.Parts(_journey_subject)
"""What the review of a journey needs of the journeys."""


def _find_persons(store: Store, keys: Sequence[str]) -> dict[str, int]:
    with store.state.read() as conn:
        found = {key: identity.find_person(conn, key) for key in set(keys)}
    return {key: person for key, person in found.items() if person is not None}


class _Given(msgspec.Struct, frozen=True):
    """What the routes of all rooms may ask for by name."""

    store: Store
    inbox: Inbox
    reception: connectors.Reception
    find_persons: Callable[[Sequence[str]], dict[str, int]]
    person_parts: profiles.PersonParts
    overview_parts: analytics.OverviewParts = OVERVIEW
    catalog_parts: catalog.CatalogParts = CATALOG
    content_parts: content.Parts = CONTENT
    review_parts: campaigns.Parts = REVIEWS


def _given(house: House) -> dict[str, Any]:
    store = house.store
    given = _Given(
        store,
        house.inbox,
        house.reception,
        partial(_find_persons, store),
        profiles.PersonParts(
            check_rule=audiences.check_rule,
            withdrawn=privacy.withdrawn,
            accounts=delivery.borrowing.own_accounts,
            consent=privacy.consents,
            audiences=partial(audiences.audiences_of, store),
        ),
    )
    return msgspec.structs.asdict(given)


def _giving(name: str) -> Provide:
    async def provide(scope: Scope) -> Any:
        return scope["state"][name]

    return Provide(provide)


@cache
def _api(max_body_bytes: int) -> Litestar:
    """The API of every house there is: each request brings what it is given by its own."""
    return Litestar(
        route_handlers=[*ROUTES, description_route(ROUTES)],
        dependencies={
            **{name: _giving(name) for name in _Given.__struct_fields__},
            "operator": Provide(accounts.provide_operator),
        },
        guards=[accounts.signed_in],
        middleware=[DefineMiddleware(accounts.Authenticate), DefineMiddleware(accounts.Idempotent)],
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=max_body_bytes,
        openapi_config=None,
        logging_config=None,
    )


def build_app(store: Store, *, with_loops: bool = True) -> House:
    """The application over ``store``; without loops nothing happens but what is asked for."""
    return House(store, with_loops=with_loops)
