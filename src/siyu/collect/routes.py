"""/api/sources, /api/pipeline, /api/debugger, /api/quarantine, /api/imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, patch, post, put
from litestar.concurrency import sync_to_thread
from litestar.params import Dependency, Parameter
from litestar.response import Stream

from siyu.accounts import Operator, audit, requires
from siyu.collect import management, replay
from siyu.collect.importers import actions as imports
from siyu.collect.inbox import Inbox
from siyu.collect.snippets import snippets_for
from siyu.collect.uploads import UploadOperation, save_file
from siyu.collect.views import (
    DebuggerEvent,
    Dropped,
    DropRequest,
    ImportPlan,
    ImportUpload,
    ImportView,
    NewSource,
    PipelineView,
    Place,
    QuarantineItem,
    QuarantineState,
    RecordEdit,
    Replayed,
    ReplayRequest,
    Snippet,
    SourceChange,
    SourceView,
    Unjoined,
)
from siyu.kit import Page, etag, language_of
from siyu.store import Store

Id = Annotated[str, Parameter(max_length=60)]
After = Annotated[str | None, Parameter(max_length=60, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]
Word = Annotated[str | None, Parameter(max_length=60)]
AcceptLanguage = Annotated[str | None, Parameter(header="Accept-Language", max_length=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
TheInbox = Annotated[Inbox, Dependency(default=None, skip_validation=True)]


def nobody(_keys: Sequence[str]) -> dict[str, int]:
    return {}


Finder = Annotated[management.FindPersons, Dependency(default=nobody, skip_validation=True)]
"""Persons live on a floor above; the house hands in who looks them up."""


class Sources(Controller):
    path = "/api/sources"
    tags = ("collect",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_sources(self, store: Store, after: After = None, limit: Limit = 50) -> Page[SourceView]:
        """Sources and how they do, the newest first."""
        return management.list_sources(store, after, limit)

    @post(guards=[requires("operator")], sync_to_thread=True)
    def create_source(self, data: NewSource, store: Store, operator: Operator) -> SourceView:
        """Make a source; its write key lets events in and nothing out."""
        with store.state.write() as conn:
            return management.add_source(conn, operator, data, store.clock.now_ms())

    @get("/coverage", sync_to_thread=True)
    def list_places(self, store: Store) -> list[Place]:
        """The source tree, and its places where people buy but nobody comes into the private domain from."""
        return management.coverage(store)

    @get("/unjoined", sync_to_thread=True)
    def list_unjoined(self, store: Store) -> list[Unjoined]:
        """Of each source's events of the last 30 days, those whose person no other source knows."""
        return management.unjoined(store)

    @get("/{source_id:str}", sync_to_thread=True)
    def show_source(self, source_id: Id, store: Store) -> Response[SourceView]:
        view = management.show_source(store, source_id)
        return Response(view, headers=etag(view.version))

    @patch("/{source_id:str}", guards=[requires("admin")], sync_to_thread=True)
    def change_source(
        self, source_id: Id, data: SourceChange, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[SourceView]:
        with store.state.write() as conn:
            management.change_source(conn, operator, source_id, data, if_match)
        view = management.show_source(store, source_id)
        return Response(view, headers=etag(view.version))

    @delete("/{source_id:str}", guards=[requires("admin")], sync_to_thread=True)
    def disable_source(self, source_id: Id, store: Store, operator: Operator) -> None:
        """Refuse what this source sends from now on; what it has sent stays."""
        with store.state.write() as conn:
            management.disable_source(conn, operator, source_id)

    @post("/{source_id:str}/rotate-key", status_code=200, guards=[requires("admin")], sync_to_thread=True)
    def rotate_key(self, source_id: Id, store: Store, operator: Operator) -> SourceView:
        """Give the source a new write key; the old one stops working."""
        with store.state.write() as conn:
            management.rotate_key(conn, operator, source_id)
        return management.show_source(store, source_id)

    @get("/{source_id:str}/snippets", sync_to_thread=True)
    def list_snippets(self, source_id: Id, store: Store) -> list[Snippet]:
        """Code to copy for each SDK."""
        view = management.show_source(store, source_id)
        return snippets_for(view.kind, view.write_key, store.settings.public_url)


class Flow(Controller):
    path = "/api"
    tags = ("collect",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get("/pipeline", sync_to_thread=True)
    def show_pipeline(self, store: Store) -> PipelineView:
        """How the pipeline does: counts of a day, lag and errors by stage and source, and what waits."""
        return management.pipeline_view(store)

    @get("/debugger", sync_to_thread=True)
    def list_newest(
        self,
        store: Store,
        inbox: TheInbox,
        find_persons: Finder,
        source_id: Word = None,
        after: After = None,
        limit: Limit = 50,
    ) -> Page[DebuggerEvent]:
        """What came in last, the newest first."""
        return management.newest_records(store, inbox.recent, find_persons, source_id, after, limit)


class Quarantine(Controller):
    path = "/api/quarantine"
    tags = ("collect",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_quarantine(
        self,
        store: Store,
        source_id: Word = None,
        reason: Word = None,
        wanted: Annotated[QuarantineState | None, Parameter(query="state")] = None,
        after: After = None,
        limit: Limit = 50,
        language: AcceptLanguage = None,
    ) -> Page[QuarantineItem]:
        """Records that could not be taken, and why, the newest first."""
        return replay.listed(store, wanted, source_id, reason, after, limit, language_of(language))

    @put("/{item_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def mend_record(
        self, item_id: Id, data: RecordEdit, store: Store, operator: Operator, language: AcceptLanguage = None
    ) -> QuarantineItem:
        """Mend a record; replay it then."""
        item = replay.edit(store, item_id, data.record, language_of(language))
        with store.state.write() as conn:
            audit(conn, operator, "collect.record_mended", item_id, {})
        return item

    @post("/replay", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def replay_records(self, data: ReplayRequest, store: Store, inbox: TheInbox, operator: Operator) -> Replayed:
        """Send records in again."""
        done = replay.replay(store, inbox, data)
        with store.state.write() as conn:
            audit(conn, operator, "collect.replayed", "quarantine", {"settled": done.settled, "failed": done.failed})
        return done

    @post("/drop", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def drop_records(self, data: DropRequest, store: Store, operator: Operator) -> Dropped:
        """Take records off the list for good."""
        dropped = replay.drop(store, data.ids)
        with store.state.write() as conn:
            audit(conn, operator, "collect.dropped", "quarantine", {"records": dropped})
        return Dropped(dropped)


class Imports(Controller):
    path = "/api/imports"
    tags = ("collect",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_imports(self, store: Store, after: After = None, limit: Limit = 50) -> Page[ImportView]:
        """Imports, the newest first."""
        with store.state.read() as conn:
            return imports.listed(conn, after, limit)

    @post(guards=[requires("operator")], operation_class=UploadOperation, request_max_body_size=None)
    async def upload_file(self, request: Request[Any, Any, Any], store: Store) -> ImportUpload:
        """Upload a file; nothing is imported yet. The answer tells what it seems to hold."""
        import_id, path = await sync_to_thread(imports.new_file, store)
        kind = request.headers.get("content-type", "")
        name = await save_file(kind, request.stream(), path, store.settings.max_import_bytes)
        return await sync_to_thread(imports.register, store, import_id, name)

    @get("/{import_id:str}", sync_to_thread=True)
    def show_import(self, import_id: Id, store: Store) -> ImportView:
        """How an import does."""
        with store.state.read() as conn:
            return imports.view(imports.find(conn, import_id))

    @put("/{import_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def start_import(self, import_id: Id, data: ImportPlan, store: Store, operator: Operator) -> ImportView:
        """Say what the file holds, and start: a dry run only checks."""
        with store.state.write() as conn:
            source_id = management.import_source(conn, data.source_id, store.clock.now_ms())
            view = imports.start(store, conn, import_id, data, source_id)
            detail = {"entity": data.entity, "dry_run": data.dry_run, "file": view.file_name}
            audit(conn, operator, "collect.import_started", import_id, detail)
            return view

    @get("/{import_id:str}/errors.csv", media_type="text/csv", sync_to_thread=True)
    def download_errors(self, import_id: Id, store: Store) -> Stream:
        """The rows that could not be taken, as a CSV with a UTF-8 mark."""
        with store.state.read() as conn:
            row = imports.find(conn, import_id)
        headers = {"content-disposition": f'attachment; filename="{import_id}-errors.csv"'}
        return Stream(imports.errors_csv(store, row), headers=headers, media_type="text/csv; charset=utf-8")


ROUTES = [Sources, Flow, Quarantine, Imports]
