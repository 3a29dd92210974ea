"""/api/tags: definitions, previews, values, evidence, values given by hand or file."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import Parameter

from siyu.accounts import Operator, requires
from siyu.audiences import MAX_BYTES
from siyu.kit import BadInput, Page, etag, language_of
from siyu.store import Store
from siyu.tags import actions, giving, showing
from siyu.tags.types import (
    BatchDraft,
    DayCount,
    Evidence,
    GiveDraft,
    Given,
    ImportReport,
    KindView,
    PersonTag,
    PreviewDraft,
    PreviewView,
    RunView,
    TagDraft,
    TagView,
    Valued,
    ValuesView,
)

Ref = Annotated[str, Parameter(max_length=40)]
Cursor = Annotated[str | None, Parameter(max_length=40, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
Chosen = Annotated[str | None, Parameter(max_length=500, description="Only persons with this value")]
Day = Annotated[str, Parameter(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_UPLOAD = MAX_BYTES + (1 << 16)
Caller = Request[Operator, str, Any]


def _language(request: Caller) -> str:
    return language_of(request.headers.get("accept-language"))


def _versioned(view: TagView, status: int = 200) -> Response[TagView]:
    return Response(view, status_code=status, headers=etag(view.version))


class Tags(Controller):
    path = "/api/tags"
    tags = ("tags",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_tags(self, store: Store) -> Page[TagView]:
        """Every tag, the newest first."""
        return Page(actions.every(store))

    @get("/kinds", sync_to_thread=False)
    def list_tag_kinds(self) -> list[KindView]:
        """The kinds of tags, each with the JSON Schema of its form."""
        return actions.kinds()

    @post(status_code=201, guards=[requires("operator")], sync_to_thread=True)
    def create_tag(self, data: TagDraft, request: Caller, store: Store, operator: Operator) -> Response[TagView]:
        """Make a tag and compute it. 422 names each place that is wrong; SQL needs an administrator."""
        return _versioned(actions.create(store, operator, data, _language(request)), 201)

    @post("/preview", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def preview_tag(self, data: PreviewDraft, request: Caller, store: Store, operator: Operator) -> PreviewView:
        """How many persons would have which value, and some of them. Nothing is saved."""
        return actions.preview(store, operator, data, _language(request))

    @get("/persons/{person:str}", sync_to_thread=True)
    def list_tags_of_person(self, person: Ref, store: Store) -> list[PersonTag]:
        """The values a person has."""
        return showing.tags_of(store, person)

    @get("/{tag_id:str}", sync_to_thread=True)
    def show_tag(self, tag_id: Ref, store: Store) -> Response[TagView]:
        return _versioned(actions.show(store, tag_id))

    @put("/{tag_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_tag(
        self, tag_id: Ref, data: TagDraft, request: Caller, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[TagView]:
        """Replace the definition; the tag is computed anew at once."""
        return _versioned(actions.change(store, operator, tag_id, data, if_match, _language(request)))

    @delete("/{tag_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def delete_tag(self, tag_id: Ref, store: Store, operator: Operator) -> None:
        """409 while an audience, a journey or another tag uses it."""
        actions.delete(store, operator, tag_id)

    @post("/{tag_id:str}/refresh", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def refresh_tag(self, tag_id: Ref, store: Store, operator: Operator) -> Response[TagView]:
        """Have it computed for everybody now, in the background."""
        return _versioned(actions.refresh(store, operator, tag_id))

    @get("/{tag_id:str}/values", sync_to_thread=True)
    def list_values(self, tag_id: Ref, store: Store) -> ValuesView:
        """How many persons have which value."""
        return actions.values_of(store, tag_id)

    @get("/{tag_id:str}/days", sync_to_thread=True)
    def list_value_days(self, tag_id: Ref, store: Store, since: Day = "0000-00-00") -> list[DayCount]:
        """How many persons had which value, day by day."""
        return actions.days_of(store, tag_id, since)

    @get("/{tag_id:str}/runs", sync_to_thread=True)
    def list_tag_runs(self, tag_id: Ref, store: Store) -> list[RunView]:
        """The last runs, the latest first."""
        return actions.runs_of(store, tag_id)

    @get("/{tag_id:str}/persons", sync_to_thread=True)
    def list_persons_with_value(
        self, tag_id: Ref, store: Store, value: Chosen = None, after: Cursor = None, limit: Limit = 50
    ) -> Page[Valued]:
        """Persons with a value, personal data masked."""
        return actions.persons_of(store, tag_id, value, after, limit)

    @get("/{tag_id:str}/persons/{person:str}", sync_to_thread=True)
    def show_evidence(self, tag_id: Ref, person: Ref, store: Store) -> Evidence:
        """Why a person has the value they have, and which they had before."""
        return showing.evidence(store, tag_id, person)

    @put("/{tag_id:str}/persons/{person:str}", guards=[requires("operator")], sync_to_thread=True)
    def give_value(
        self, tag_id: Ref, person: Ref, data: GiveDraft, request: Caller, store: Store, operator: Operator
    ) -> Evidence:
        """Give one person a value by hand; an empty one takes it away."""
        giving.give(store, operator, tag_id, person, data.value, _language(request))
        return showing.evidence(store, tag_id, person)

    @post("/{tag_id:str}/persons", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def give_values(self, tag_id: Ref, data: BatchDraft, request: Caller, store: Store, operator: Operator) -> Given:
        """Give everybody in an audience a value; an empty one takes it away."""
        return Given(giving.give_many(store, operator, tag_id, data.audience, data.value, _language(request)))

    @post("/{tag_id:str}/file", status_code=200, guards=[requires("operator")], request_max_body_size=_UPLOAD)
    async def import_values(
        self, tag_id: Ref, request: Caller, store: Store, operator: Operator, dry_run: bool = False
    ) -> ImportReport:
        """Give values from a CSV or xlsx file (multipart, part ``file``): identifiers, and a column ``tag``."""
        found = (await request.form()).get("file")
        if not isinstance(found, UploadFile):
            raise BadInput(detail="send the file as multipart/form-data, in a part named `file`.")
        raw = await found.read()
        return await sync_to_thread(giving.take_file, store, operator, tag_id, raw, dry_run)


ROUTES = [Tags]
