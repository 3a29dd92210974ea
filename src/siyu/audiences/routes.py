"""/api/audiences: definitions, previews, members, changes."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.audiences import actions, lists
from siyu.audiences import insight as insights
from siyu.audiences.dependencies import dependencies
from siyu.audiences.types import (
    AudienceDraft,
    AudienceView,
    ChangeView,
    CheckView,
    Contrast,
    GraphView,
    Insight,
    ListView,
    Overlap,
    OverlapDraft,
    PreviewView,
    RuleDraft,
    SizePoint,
)
from siyu.kit import BadInput, Page, etag, language_of
from siyu.profiles import PersonItem
from siyu.store import Store

Ref = Annotated[str, Parameter(max_length=40)]
Cursor = Annotated[str | None, Parameter(max_length=600, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
Against = Annotated[str | None, Parameter(max_length=40, description="Another audience; everybody if absent")]
Days = Annotated[int, Parameter(ge=1, le=29)]
_UPLOAD = lists.MAX_BYTES + (1 << 16)
Caller = Request[Operator, str, Any]


def _language(request: Caller) -> str:
    return language_of(request.headers.get("accept-language"))


def _field(form: FormMultiDict, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


async def _file(form: FormMultiDict) -> bytes:
    found = form.get("file")
    if not isinstance(found, UploadFile):
        raise BadInput(detail="send the file as multipart/form-data, in a part named `file`.")
    return await found.read()


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

    @post("/check", status_code=200, sync_to_thread=True)
    def check(self, data: RuleDraft, request: Caller, store: Store) -> CheckView:
        """What is wrong with a rule, and what looks odd about it: contradictions, names never seen, other types."""
        return actions.check(store, data.rule, _language(request))

    @get("/graph", sync_to_thread=True)
    def show_audience_graph(self, store: Store) -> GraphView:
        """Which audiences and journeys use which audiences."""
        return actions.graph(store)

    @post("/overlap/preview", status_code=200, sync_to_thread=True)
    def overlap(self, data: OverlapDraft, store: Store) -> Overlap:
        """How many are in each combination of two to five audiences."""
        return insights.overlap(store, data.audiences)

    @post("/lists", status_code=201, guards=[requires("operator")], request_max_body_size=_UPLOAD)
    async def upload_list(
        self, request: Caller, store: Store, operator: Operator, dry_run: bool = False
    ) -> Response[ListView]:
        """Make an audience of the persons a CSV file lists (multipart: ``file``, ``name``, ``description``).

        Identifiers may be of mixed kinds: one a line, columns named by kind, or ``type`` and ``value``. At most 10 MB.
        """
        form = await request.form()
        draft = AudienceDraft(_field(form, "name"), {}, _field(form, "description"), "list")
        raw = await _file(form)
        language = _language(request)
        view = await sync_to_thread(actions.upload, store, operator, draft, raw, dry_run, language)
        return Response(view, status_code=200 if dry_run else 201)

    @put("/{audience_id:str}/list", guards=[requires("operator")], request_max_body_size=_UPLOAD)
    async def replace_list(
        self, audience_id: Ref, request: Caller, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> ListView:
        """Let a list hold those whom another file lists."""
        raw = await _file(await request.form())
        return await sync_to_thread(actions.replace_list, store, operator, audience_id, raw, if_match)

    @get("/{audience_id:str}/sizes", sync_to_thread=True)
    def list_sizes(self, audience_id: Ref, store: Store) -> list[SizePoint]:
        """How large it was: at each refresh and every day; the last is now."""
        return actions.sizes(store, audience_id)

    @get("/{audience_id:str}/dependencies", sync_to_thread=True)
    def show_dependencies(self, audience_id: Ref, store: Store) -> GraphView:
        """What it stands on (audiences, traits, events, channels), and what uses it (journeys, packages, audiences)."""
        return dependencies(store, audience_id)

    @get("/{audience_id:str}/insight", sync_to_thread=True)
    def show_insight(self, audience_id: Ref, store: Store, against: Against = None) -> Insight:
        """Stages, channels, traits and behaviour against everybody, or against another audience."""
        return insights.insight(store, audience_id, against)

    @get("/{audience_id:str}/contrast", sync_to_thread=True)
    def show_contrast(self, audience_id: Ref, store: Store, days: Days = 7) -> Contrast:
        """Members so many days ago: how those who stayed differ from those who were lost."""
        return insights.contrast(store, audience_id, days)

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
        """Compute a scheduled audience now; a live one is fresh already, a snapshot or a list stays (409)."""
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
