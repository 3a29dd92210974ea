"""/api/journeys, their runs, and why a person did or did not get a message."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Response, get, post, put
from litestar.params import Parameter

from siyu.accounts import Operator, audit, requires
from siyu.delivery import schema_of
from siyu.journeys import actions, tasks
from siyu.journeys.calling import signing_key
from siyu.journeys.settings import JourneySettings
from siyu.journeys.trace import trace
from siyu.journeys.types import (
    BacktestView,
    Checked,
    JourneyChange,
    JourneyView,
    KindView,
    NewJourney,
    People,
    Publishing,
    RunDetail,
    RunState,
    RunView,
    StartView,
    TaskResult,
    TaskState,
    TaskView,
    TemplateView,
    Trace,
    VersionView,
    WebhookSecret,
    Window,
)
from siyu.kit import Page, etag, standard_secret
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

    @get("/templates", guards=[requires("viewer")], sync_to_thread=False)
    def list_journey_templates(self, operator: Operator) -> list[TemplateView]:
        """Journeys to start from, in the language of whoever asks."""
        return actions.templates(operator.language)

    @get("/webhook-secret", guards=[requires("admin")], sync_to_thread=True)
    def show_webhook_secret(self, store: Store, operator: Operator) -> WebhookSecret:
        """What the calls of webhook nodes are signed with (Standard Webhooks). That it was shown is written down."""
        with store.state.write() as conn:
            audit(conn, operator, "journey.webhook_secret", "", {})
        return WebhookSecret(standard_secret(signing_key(store)))

    @get("/settings-schema", guards=[requires("viewer")], sync_to_thread=False)
    def show_settings_schema(self) -> dict[str, Any]:
        """The form of what holds for a journey as a whole (``graph.settings``), as JSON Schema."""
        return schema_of(JourneySettings)

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
            return Checked(actions.problems(store, conn, journey_id))

    @post("/{journey_id:str}/publish", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def publish_journey(
        self, journey_id: str, store: Store, operator: Operator, data: Publishing | None = None
    ) -> JourneyView:
        """Make the draft the next version; people enter it from now on."""
        with store.state.write() as conn:
            return actions.publish(store, conn, operator, journey_id, data or Publishing())

    @post("/{journey_id:str}/enter", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def enter_journey(self, journey_id: str, data: People, store: Store, operator: Operator) -> StartView:
        """Let people in: of a journey whose trigger is a program or a list. The rules of entry hold."""
        with store.state.write() as conn:
            return actions.enter(store, conn, operator, journey_id, data)

    @post("/{journey_id:str}/backtest", status_code=202, guards=[requires("operator")], sync_to_thread=True)
    def backtest_journey(self, journey_id: str, data: Window, store: Store, operator: Operator) -> BacktestView:
        """Try the draft out over past days, as a job: ask for it again until it is done. Nothing is sent."""
        with store.state.write() as conn:
            return actions.begin_backtest(store, conn, operator, journey_id, data)

    @get("/{journey_id:str}/backtests", guards=[requires("viewer")], sync_to_thread=True)
    def list_backtests(self, journey_id: str, store: Store, limit: Limit = 50) -> list[BacktestView]:
        """Back-tests of this journey's drafts, newest first."""
        with store.state.read() as conn:
            return actions.list_backtests(conn, journey_id, limit)

    @get("/{journey_id:str}/backtests/{backtest_id:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_backtest(self, journey_id: str, backtest_id: str, store: Store) -> BacktestView:
        """How far a back-test is, and what came of it."""
        with store.state.read() as conn:
            return actions.backtest_view(conn, journey_id, backtest_id)

    @get("/{journey_id:str}/starts", guards=[requires("viewer")], sync_to_thread=True)
    def list_starts(self, journey_id: str, store: Store, limit: Limit = 50) -> list[StartView]:
        """People who were let in together, newest first."""
        with store.state.read() as conn:
            return actions.list_starts(conn, journey_id, limit)

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

    @get("/{journey_id:str}/versions", guards=[requires("viewer")], sync_to_thread=True)
    def list_journey_versions(self, journey_id: str, store: Store) -> list[VersionView]:
        """What was published, newest first, and how many are still inside each."""
        with store.state.read() as conn:
            return actions.versions(conn, journey_id)

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


class Tasks(Controller):
    path = "/api/tasks"
    tags = ("journeys",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_tasks(
        self,
        store: Store,
        in_state: Annotated[TaskState | None, Parameter(query="state")] = None,
        owner: Annotated[str | None, Parameter(max_length=120)] = None,
        after: After = None,
        limit: Limit = 50,
    ) -> Page[TaskView]:
        """What staff is to do, the one due first comes first."""
        with store.state.read() as conn:
            return tasks.list_tasks(conn, in_state, owner, after, limit)

    @post("/{task_id:str}/complete", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def complete_task(self, task_id: str, data: TaskResult, store: Store, operator: Operator) -> TaskView:
        """It is done; the person goes on by the branch of the result."""
        with store.state.write() as conn:
            return tasks.complete(conn, operator, task_id, data)

    @post("/{task_id:str}/refuse", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def refuse_task(self, task_id: str, data: TaskResult, store: Store, operator: Operator) -> TaskView:
        """It won't be done."""
        with store.state.write() as conn:
            return tasks.refuse(conn, operator, task_id, data)


class WhyOrWhyNot(Controller):
    path = "/api/persons"
    tags = ("journeys",)

    @get("/{person:str}/trace", guards=[requires("viewer")], sync_to_thread=True)
    def show_trace(
        self, person: str, store: Store, journey_id: Annotated[str, Parameter(min_length=1, max_length=60)]
    ) -> Trace:
        """Why this person did or did not get this journey's message."""
        return trace(store, person, journey_id)
