"""/api/persons: lists, pages, timelines, orders, reveal. /api/trait-rules: which value of a trait holds."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.params import Dependency, Parameter

from siyu.accounts import Operator, requires
from siyu.kit import Page, etag
from siyu.profiles import actions
from siyu.profiles.rules import change_rules, rules_view
from siyu.profiles.types import (
    OrderView,
    PersonItems,
    PersonPage,
    PersonParts,
    Revealed,
    RevealRequest,
    StageName,
    TimelineItem,
    TraitRules,
    TraitRulesView,
)
from siyu.store import Store

Ref = Annotated[str, Parameter(max_length=40)]
Cursor = Annotated[str | None, Parameter(max_length=600, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]
Parts = Annotated[PersonParts, Dependency(default=PersonParts(), skip_validation=True)]


class Persons(Controller):
    path = "/api/persons"
    tags = ("persons",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_persons(
        self,
        store: Store,
        person_parts: Parts,
        q: Annotated[str, Parameter(max_length=255, description="Any identifier, or part of a name")] = "",
        stage: StageName | None = None,
        channel: Annotated[str | None, Parameter(max_length=40)] = None,
        after: Cursor = None,
        limit: Limit = 50,
    ) -> PersonItems:
        """Persons that fit, the newest first, personal data masked."""
        return actions.list_persons(store, actions.PersonFilter(q, stage, channel), after, limit, person_parts)

    @get("/{person_id:str}", sync_to_thread=True)
    def show_person(self, person_id: Ref, store: Store, person_parts: Parts) -> PersonPage:
        """Everything known of one person, personal data masked."""
        return actions.person_page(store, person_id, person_parts)

    @post("/{person_id:str}/reveal", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def reveal(self, person_id: Ref, data: RevealRequest, store: Store, operator: Operator) -> Revealed:
        """Personal data in clear; who looked is written into the audit."""
        with store.state.write() as conn:
            return actions.reveal(conn, operator, person_id, data.fields)

    @get("/{person_id:str}/timeline", sync_to_thread=True)
    def show_timeline(
        self,
        person_id: Ref,
        store: Store,
        after: Cursor = None,
        limit: Limit = 100,
        kind: Annotated[str | None, Parameter(max_length=200, description="Catalog group, `custom` or event")] = None,
    ) -> Page[TimelineItem]:
        """What happened with a person, the newest first."""
        return actions.timeline(store, person_id, after, limit, kind)

    @get("/{person_id:str}/orders", sync_to_thread=True)
    def show_orders(self, person_id: Ref, store: Store, after: Cursor = None, limit: Limit = 50) -> Page[OrderView]:
        """Orders with the payload they came as, the newest first."""
        return actions.orders(store, person_id, after, limit)


class Rules(Controller):
    path = "/api/trait-rules"
    tags = ("persons",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def show_trait_rules(self, store: Store) -> Response[TraitRulesView]:
        """Which of several values of a trait holds, and which sources are trusted most."""
        with store.state.read() as conn:
            view = rules_view(conn)
        return Response(view, headers=etag(view.version))

    @put(guards=[requires("admin")], sync_to_thread=True)
    def change_trait_rules(
        self,
        data: TraitRules,
        store: Store,
        operator: Operator,
        if_match: Annotated[str | None, Parameter(header="If-Match")] = None,
    ) -> Response[TraitRulesView]:
        """Replace the rules; traits left out take the latest value."""
        with store.state.write() as conn:
            view = change_rules(conn, operator, data, if_match)
        return Response(view, headers=etag(view.version))


ROUTES = [Persons, Rules]
