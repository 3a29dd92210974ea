"""/api/audiences: definitions, previews, members, changes."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.audiences import actions
from siyu.audiences.types import AudienceDraft, AudienceView, ChangeView, PreviewView, RuleDraft
from siyu.kit import Page, etag, language_of
from siyu.profiles import PersonItem
from siyu.store import Store

Ref = Annotated[str, Parameter(max_length=40)]
Cursor = Annotated[str | None, Parameter(max_length=600, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
Caller = Request[Operator, str, Any]


def _language(request: Caller) -> str:
    return language_of(request.headers.get("accept-language"))


def _versioned(view: AudienceView, status: int = 200) -> Response[AudienceView]:
    return Response(view, status_code=status, headers=etag(view.version))


class Audiences(Controller):
    path = "/api/audiences"
    tags = ("audiences",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_audiences(self, store: Store, after: Cursor = None, limit: Limit = 50) -> Page[AudienceView]:
        """Audiences, the newest first."""
        return actions.page(store, after, limit)

    @post(status_code=201, guards=[requires("operator")], sync_to_thread=True)
    def create_audience(
        self, data: AudienceDraft, request: Caller, store: Store, operator: Operator
    ) -> Response[AudienceView]:
        """Make an audience. Who fits now is in it without news; from then on members enter and leave."""
        return _versioned(actions.create(store, operator, data, _language(request)), 201)

    @post("/preview", status_code=200, sync_to_thread=True)
    def preview(self, data: RuleDraft, request: Caller, store: Store) -> PreviewView:
        """How many fit a rule now. 422 names each wrong clause by a JSON pointer into the rule."""
        return actions.preview(store, data.rule, _language(request))

    @get("/{audience_id:str}", sync_to_thread=True)
    def show_audience(self, audience_id: Ref, store: Store) -> Response[AudienceView]:
        return _versioned(actions.show(store, audience_id))

    @put("/{audience_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_audience(
        self,
        audience_id: Ref,
        data: AudienceDraft,
        request: Caller,
        store: Store,
        operator: Operator,
        if_match: IfMatch = None,
    ) -> Response[AudienceView]:
        """Replace the definition. A new rule fills the audience anew, without news."""
        return _versioned(actions.change(store, operator, audience_id, data, if_match, _language(request)))

    @delete("/{audience_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def delete_audience(self, audience_id: Ref, store: Store, operator: Operator) -> None:
        """409 while a journey or another audience uses it."""
        actions.delete(store, operator, audience_id)

    @post("/{audience_id:str}/refresh", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def refresh_audience(self, audience_id: Ref, store: Store, operator: Operator) -> Response[AudienceView]:
        """Compute an audience that isn't live again; a live one is fresh already."""
        return _versioned(actions.refresh(store, operator, audience_id))

    @get("/{audience_id:str}/persons", sync_to_thread=True)
    def list_members(self, audience_id: Ref, store: Store, after: Cursor = None, limit: Limit = 50) -> Page[PersonItem]:
        """Members, personal data masked."""
        return actions.members_page(store, audience_id, after, limit)

    @get("/{audience_id:str}/changes", sync_to_thread=True)
    def list_changes(self, audience_id: Ref, store: Store, after: Cursor = None, limit: Limit = 50) -> Page[ChangeView]:
        """Who entered and left in the last 30 days, the latest first."""
        return actions.changes_page(store, audience_id, after, limit)


ROUTES = [Audiences]
