"""/api/persons: lists, pages, timelines, orders, reveal. /api/trait-rules: which value of a trait holds. /api/staff,
/api/sensitive-traits, /api/portrait."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post, put
from litestar.params import Dependency, Parameter

from siyu.accounts import Operator, requires
from siyu.kit import Page, etag, language_of
from siyu.profiles import actions
from siyu.profiles.completeness import base_portrait
from siyu.profiles.rules import change_rules, rules_view
from siyu.profiles.sensitive import classify, sensitive_traits
from siyu.profiles.staff import change_staff, say_staff, staff_view
from siyu.profiles.types import (
    BasePortrait,
    Classified,
    OrderView,
    PersonItems,
    PersonPage,
    PersonParts,
    PersonStaff,
    Revealed,
    RevealRequest,
    SensitiveTrait,
    StaffAnswer,
    StaffDraft,
    StaffView,
    StageName,
    TimelineItem,
    TraitRules,
    TraitRulesView,
)
from siyu.store import Store

Caller = Request[Operator, str, Any]
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
        staff: Annotated[bool, Parameter(description="Only staff and test accounts")] = False,
        after: Cursor = None,
        limit: Limit = 50,
    ) -> PersonItems:
        """Persons that fit, the newest first, personal data masked."""
        return actions.list_persons(store, actions.PersonFilter(q, stage, channel, staff), after, limit, person_parts)

    @get("/{person_id:str}", sync_to_thread=True)
    def show_person(self, person_id: Ref, store: Store, person_parts: Parts) -> PersonPage:
        """Everything known of one person, personal data masked."""
        return actions.person_page(store, person_id, person_parts)

    @post("/{person_id:str}/reveal", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def reveal(
        self, person_id: Ref, data: RevealRequest, store: Store, operator: Operator, person_parts: Parts
    ) -> Revealed:
        """Personal data in clear; who looked is written into the audit."""
        with store.state.write() as conn:
            return actions.reveal(conn, operator, person_id, data.fields, person_parts)

    @put("/{person_id:str}/staff", guards=[requires("operator")], sync_to_thread=True)
    def say_staff(self, person_id: Ref, data: StaffAnswer, store: Store, operator: Operator) -> PersonStaff:
        """Say by hand that somebody is a staff or test account, or not; null leaves it to rule and list."""
        with store.state.write() as conn:
            return say_staff(conn, operator, actions.find(conn, person_id).person, data.staff)

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


class Staff(Controller):
    path = "/api/staff"
    tags = ("persons",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def show_staff(self, store: Store) -> Response[StaffView]:
        """What makes somebody a staff or test account, and how many there are."""
        with store.state.read() as conn:
            view = staff_view(conn)
        return Response(view, headers=etag(view.version))

    @put(guards=[requires("admin")], sync_to_thread=True)
    def change_staff(
        self,
        data: StaffDraft,
        store: Store,
        operator: Operator,
        person_parts: Parts,
        request: Caller,
        if_match: Annotated[str | None, Parameter(header="If-Match")] = None,
    ) -> Response[StaffView]:
        """Replace the rule; add to the list of identifiers and take off it."""
        if data.rule is not None:
            person_parts.check_rule(store, data.rule, language_of(request.headers.get("accept-language")))
        with store.state.write() as conn:
            view = change_staff(conn, operator, data, if_match)
        return Response(view, headers=etag(view.version))


class Sensitive(Controller):
    path = "/api/sensitive-traits"
    tags = ("persons",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_sensitive(self, store: Store) -> list[SensitiveTrait]:
        """Traits kept apart, with their class."""
        with store.state.read() as conn:
            return sensitive_traits(conn)

    @put(guards=[requires("admin")], sync_to_thread=True)
    def classify(self, data: Classified, store: Store, operator: Operator) -> list[SensitiveTrait]:
        """Put a trait into a sensitive class or take it out; its values move with it."""
        with store.state.write() as conn:
            return classify(conn, operator, data.name, data.kind)


class Base(Controller):
    path = "/api/portrait"
    tags = ("persons",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def show_base(self, store: Store) -> BasePortrait:
        """How many persons each field of the portrait is known of, from which sources, and since when."""
        return base_portrait(store)


ROUTES = [Persons, Rules, Staff, Sensitive, Base]
