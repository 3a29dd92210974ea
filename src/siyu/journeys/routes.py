"""/api/journeys, their runs, and why a person did or did not get a message."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.journeys import actions
from siyu.journeys.trace import trace
from siyu.journeys.types import (
    Checked,
    JourneyChange,
    JourneyView,
    KindView,
    NewJourney,
    RunDetail,
    RunState,
    RunView,
    Trace,
)
from siyu.kit import Page, etag
from siyu.store import Store

After = Annotated[str | None, Parameter(max_length=80)]
Limit = Annotated[int, Parameter(ge=1, le=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]


class Journeys(Controller):
    path = "/api/journeys"
    tags = ("journeys",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_journeys(self, store: Store, after: After = None, limit: Limit = 50) -> Page[JourneyView]:
        """Journeys, newest first."""
        with store.state.read() as conn:
            return actions.list_journeys(conn, after, limit)

    @post(guards=[requires("operator")], sync_to_thread=True)
    def create_journey(self, data: NewJourney, store: Store, operator: Operator) -> Response[JourneyView]:
        """Start a draft, empty or from a template."""
        with store.state.write() as conn:
            view = actions.create(conn, operator, data)
        return Response(view, headers=etag(view.version), status_code=201)

    @get("/kinds", guards=[requires("viewer")], sync_to_thread=False)
    def list_kinds(self) -> list[KindView]:
        """Every node kind with the form of its settings."""
        return actions.kinds()

    @get("/{journey_id:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_journey(self, journey_id: str, store: Store) -> Response[JourneyView]:
        with store.state.read() as conn:
            view = actions.journey_view(conn, journey_id)
        return Response(view, headers=etag(view.version))

    @put("/{journey_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_journey(
        self, journey_id: str, data: JourneyChange, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[JourneyView]:
        """Replace the draft; what is live stays as published."""
        with store.state.write() as conn:
            view = actions.change(conn, operator, journey_id, data, if_match)
        return Response(view, headers=etag(view.version))

    @post("/{journey_id:str}/check", status_code=200, guards=[requires("viewer")], sync_to_thread=True)
    def check_journey(self, journey_id: str, store: Store) -> Checked:
        """What keeps the draft from being published."""
        with store.state.read() as conn:
            return Checked(actions.problems(conn, journey_id))

    @post("/{journey_id:str}/publish", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def publish_journey(self, journey_id: str, store: Store, operator: Operator) -> JourneyView:
        """Make the draft the next version; people enter it from now on."""
        with store.state.write() as conn:
            return actions.publish(conn, operator, journey_id)

    @post("/{journey_id:str}/pause", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def pause_journey(self, journey_id: str, store: Store, operator: Operator) -> JourneyView:
        """Nobody enters and nobody moves on until it is resumed."""
        with store.state.write() as conn:
            return actions.pause(conn, operator, journey_id)

    @post("/{journey_id:str}/resume", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def resume_journey(self, journey_id: str, store: Store, operator: Operator) -> JourneyView:
        with store.state.write() as conn:
            return actions.resume(conn, operator, journey_id)

    @post("/{journey_id:str}/retire", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def retire_journey(self, journey_id: str, store: Store, operator: Operator) -> JourneyView:
        """End the journey and everybody's run in it."""
        with store.state.write() as conn:
            return actions.retire(conn, operator, journey_id)

    @get("/{journey_id:str}/runs", guards=[requires("viewer")], sync_to_thread=True)
    def list_runs(
        self,
        journey_id: str,
        store: Store,
        in_state: Annotated[RunState | None, Parameter(query="state")] = None,
        after: After = None,
        limit: Limit = 50,
    ) -> Page[RunView]:
        """People in the journey, newest first."""
        with store.state.read() as conn:
            return actions.list_runs(conn, journey_id, in_state, after, limit)

    @get("/{journey_id:str}/runs/{run_id:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_run(self, journey_id: str, run_id: str, store: Store) -> RunDetail:
        """One run with every decision about it."""
        with store.state.read() as conn:
            return actions.run_detail(conn, journey_id, run_id)

    @post(
        "/{journey_id:str}/runs/{run_id:str}/resume",
        status_code=200,
        guards=[requires("operator")],
        sync_to_thread=True,
    )
    def resume_run(self, journey_id: str, run_id: str, store: Store, operator: Operator) -> RunDetail:
        """Let a parked run try again."""
        with store.state.write() as conn:
            return actions.resume_run(conn, operator, journey_id, run_id)


class WhyOrWhyNot(Controller):
    path = "/api/persons"
    tags = ("journeys",)

    @get("/{person:str}/trace", guards=[requires("viewer")], sync_to_thread=True)
    def show_trace(
        self, person: str, store: Store, journey_id: Annotated[str, Parameter(min_length=1, max_length=60)]
    ) -> Trace:
        """Why this person did or did not get this journey's message."""
        return trace(store, person, journey_id)
