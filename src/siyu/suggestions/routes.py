"""/api/suggestions: the queue of persons that are probably one."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.store import Store
from siyu.suggestions import actions
from siyu.suggestions.types import (
    BulkAccept,
    BulkAccepted,
    Desk,
    Revealed,
    RunRequest,
    RunView,
    SuggestionPage,
)

Id = Annotated[str, Parameter(max_length=40)]


class Suggestions(Controller):
    path = "/api/suggestions"
    tags = ("suggestions",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_suggestions(
        self,
        store: Store,
        min_score: Annotated[float, Parameter(ge=0, le=1)] = 0.0,
        after: Annotated[str | None, Parameter(max_length=100)] = None,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
    ) -> SuggestionPage:
        """Persons that are probably one, the surest first, personal data masked."""
        with store.state.read() as conn:
            return actions.queue(conn, min_score, after, limit)

    @get("/desk", guards=[requires("viewer")], sync_to_thread=True)
    def show_suggestions_desk(self, store: Store) -> Desk:
        """The latest run, and how many wait at which score."""
        with store.state.read() as conn:
            return actions.desk(conn)

    @post("/runs", guards=[requires("operator")], sync_to_thread=True)
    def start_suggestions_run(self, data: RunRequest, store: Store, operator: Operator) -> RunView:
        """Look through all persons for those that are probably one; goes on in the background."""
        with store.state.write() as conn:
            return actions.start_run(conn, operator, data)

    @get("/runs/{run_id:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_suggestions_run(self, run_id: Id, store: Store) -> RunView:
        """How far a run is."""
        with store.state.read() as conn:
            return actions.show_run(conn, run_id)

    @post("/runs/{run_id:str}/cancel", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def cancel_suggestions_run(self, run_id: Id, store: Store, operator: Operator) -> RunView:
        """Stop a run; what was suggested before stays."""
        with store.state.write() as conn:
            return actions.cancel_run(conn, operator, run_id)

    @post("/accept", status_code=202, guards=[requires("admin")], sync_to_thread=True)
    def accept_suggestions(self, data: BulkAccept, store: Store, operator: Operator) -> BulkAccepted:
        """Accept everything at or above a score, if it is as many as confirmed; carried out in the background."""
        with store.state.write() as conn:
            return actions.accept_all(conn, operator, data)

    @post("/{suggestion_id:str}/accept", status_code=204, guards=[requires("operator")], sync_to_thread=True)
    def accept_suggestion(self, suggestion_id: Id, store: Store, operator: Operator) -> None:
        """Make the two one person; identity's history keeps it and can undo it."""
        with store.state.write() as conn:
            actions.accept(conn, operator, suggestion_id)

    @post("/{suggestion_id:str}/reject", status_code=204, guards=[requires("operator")], sync_to_thread=True)
    def reject_suggestion(self, suggestion_id: Id, store: Store, operator: Operator) -> None:
        """They are two persons, and it is never suggested again."""
        with store.state.write() as conn:
            actions.reject(conn, operator, suggestion_id)

    @post("/{suggestion_id:str}/reveal", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def reveal_suggestion(self, suggestion_id: Id, store: Store, operator: Operator) -> Revealed:
        """The compared values in clear; who looked is written into the audit."""
        with store.state.write() as conn:
            return actions.reveal(conn, operator, suggestion_id)


ROUTES = [Suggestions]
