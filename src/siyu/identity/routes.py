"""/api/identity: who is it, decisions, conflicts; a person's graph and history."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, Response, get, post, put
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.identity import decisions, editing, showing
from siyu.identity.views import (
    Answered,
    ConflictView,
    Decided,
    DefinitionsView,
    Graph,
    History,
    MergeRequest,
    Preview,
    SplitEffect,
    SplitRequest,
    Tie,
    Verdict,
    Who,
)
from siyu.kit import Page, etag
from siyu.store import Store

Ref = Annotated[str, Parameter(max_length=40)]
Number = Annotated[int, Parameter(ge=1, le=(1 << 63) - 1)]
State = Literal["open", "accepted", "dismissed", "closed"]


class Identity(Controller):
    path = "/api/identity"
    tags = ("identity",)
    guards = [requires("operator")]  # noqa: RUF012

    @post("/resolve", status_code=200, sync_to_thread=True)
    def resolve(self, data: Who, store: Store) -> Answered:
        """The person some identifiers name."""
        with store.state.read() as conn:
            return showing.answer(conn, data.identifiers)

    @post("/link", sync_to_thread=True)
    def link(self, data: Tie, store: Store, operator: Operator) -> Decided:
        """Two identifiers are one person."""
        with store.state.write() as conn:
            one, two = decisions.find(conn, [data.one, data.two])
            return decisions.link(conn, operator, one, two, data.reason)

    @post("/unlink", sync_to_thread=True)
    def unlink(self, data: Tie, store: Store, operator: Operator) -> Decided:
        """Remove the link between two identifiers for good."""
        with store.state.write() as conn:
            one, two = decisions.find(conn, [data.one, data.two])
            return decisions.unlink(conn, operator, one, two, data.reason)

    @post("/apart", sync_to_thread=True)
    def set_apart(self, data: Tie, store: Store, operator: Operator) -> Decided:
        """Two identifiers are different people."""
        with store.state.write() as conn:
            one, two = decisions.find(conn, [data.one, data.two])
            return decisions.apart(conn, operator, one, two, data.reason)

    @post("/merge", sync_to_thread=True)
    def merge(self, data: MergeRequest, store: Store, operator: Operator) -> Decided:
        """Two persons are one."""
        with store.state.write() as conn:
            return decisions.merge(conn, operator, data.person, data.other, data.reason)

    @post("/split", sync_to_thread=True)
    def split(self, data: SplitRequest, store: Store, operator: Operator) -> Decided:
        """Some identifiers of a person are somebody else."""
        with store.state.write() as conn:
            leaving = decisions.find(conn, data.identifiers)
            return decisions.split(conn, operator, data.person, leaving, data.reason)

    @post("/split/preview", status_code=200, sync_to_thread=True)
    def preview_split(self, data: SplitRequest, store: Store) -> SplitEffect:
        """How many events would go along, and how many links would be removed."""
        return showing.split_effect(store, data)

    @post("/decisions/{decision:int}/undo", status_code=200, sync_to_thread=True)
    def undo(self, decision: Number, store: Store, operator: Operator) -> Decided:
        """Take a decision back."""
        with store.state.write() as conn:
            return decisions.undo(conn, operator, decision)

    @get("/conflicts", sync_to_thread=True)
    def list_conflicts(
        self,
        store: Store,
        in_state: Annotated[State, Parameter(query="state")] = "open",
        after: Annotated[str | None, Parameter(max_length=40)] = None,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
    ) -> Page[ConflictView]:
        """Links that were not made because something stands against them; newest first."""
        with store.state.read() as conn:
            return showing.conflict_page(conn, in_state, after, limit)

    @post("/conflicts/{conflict:int}/resolve", status_code=200, sync_to_thread=True)
    def judge_conflict(self, conflict: Number, data: Verdict, store: Store, operator: Operator) -> Decided:
        """Accept the link, or say that its ends are different people."""
        with store.state.write() as conn:
            return decisions.judge_conflict(conn, operator, conflict, data)


class Definitions(Controller):
    path = "/api/identity/definitions"
    tags = ("identity",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def show_definitions(self, store: Store) -> Response[DefinitionsView]:
        """Kinds of identifiers, strongest first."""
        with store.state.read() as conn:
            view = editing.show(conn)
        return Response(view, headers=etag(view.version))

    @post("/preview", status_code=200, guards=[requires("admin")], sync_to_thread=True)
    def preview_definitions(self, data: DefinitionsView, store: Store) -> Preview:
        """How many persons would come together or fall apart."""
        with store.state.read() as conn:
            return editing.preview(conn, data.kinds)

    @put(guards=[requires("admin")], sync_to_thread=True)
    def change_definitions(
        self,
        data: DefinitionsView,
        store: Store,
        operator: Operator,
        if_match: Annotated[str | None, Parameter(header="If-Match")] = None,
    ) -> Response[DefinitionsView]:
        """Replace the definitions; persons follow at once."""
        with store.state.write() as conn:
            view = editing.change(conn, operator, data.kinds, if_match)
        return Response(view, headers=etag(view.version))


class PersonIdentity(Controller):
    path = "/api/persons"
    tags = ("identity",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get("/{person_id:str}/graph", sync_to_thread=True)
    def show_identity_graph(self, person_id: Ref, store: Store) -> Graph:
        """A person's identifiers and the links between them, values masked."""
        with store.state.read() as conn:
            return showing.graph(conn, person_id)

    @get("/{person_id:str}/identity-history", sync_to_thread=True)
    def show_history(self, person_id: Ref, store: Store) -> History:
        """Why these identifiers are one person."""
        with store.state.read() as conn:
            return showing.history(conn, person_id)


ROUTES = [Identity, Definitions, PersonIdentity]
