"""/api/templates: what messages say, per channel and language, in versions that never change."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.params import Dependency, Parameter

from siyu.accounts import Operator, requires
from siyu.content import actions
from siyu.content.actions import Parts
from siyu.content.types import Draft, Preview, PreviewRequest, TemplateView, TryRequest, TryResult, VersionView
from siyu.kit import Page, etag
from siyu.store import Store

After = Annotated[str | None, Parameter(max_length=400)]
Limit = Annotated[int, Parameter(ge=1, le=200)]
Needs = Annotated[Parts, Dependency(default=None, skip_validation=True)]
Word = Annotated[str | None, Parameter(max_length=60)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]


def _with_version(view: TemplateView) -> Response[TemplateView]:
    return Response(view, headers=etag(view.version))


class Templates(Controller):
    path = "/api/templates"
    tags = ("content",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_templates(
        self, store: Store, channel: Word = None, archived: bool = False, after: After = None, limit: Limit = 50
    ) -> Page[TemplateView]:
        """Templates with their newest version, newest first."""
        with store.state.read() as conn:
            return actions.list_templates(conn, channel, archived, after, limit)

    @post(guards=[requires("operator")], sync_to_thread=True)
    def create_template(
        self, data: Draft, store: Store, operator: Operator, content_parts: Needs
    ) -> Response[TemplateView]:
        """Save a template. Whatever is wrong with its texts is named field by field."""
        with store.state.write() as conn:
            view = actions.create(conn, operator, data, content_parts)
        return Response(view, status_code=201, headers=etag(view.version))

    @post("/preview", status_code=200, guards=[requires("viewer")], sync_to_thread=True)
    def preview_template(self, data: PreviewRequest, store: Store, content_parts: Needs) -> Preview:
        """A draft as a person would get it, with what is wrong with it. Nothing is saved."""
        with store.state.read() as conn:
            return actions.preview(store, conn, data, content_parts)

    @get("/{template:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_template(self, template: str, store: Store) -> Response[TemplateView]:
        with store.state.read() as conn:
            return _with_version(actions.view(conn, template))

    @put("/{template:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_template(
        self,
        template: str,
        data: Draft,
        store: Store,
        operator: Operator,
        content_parts: Needs,
        if_match: IfMatch = None,
    ) -> Response[TemplateView]:
        """Write the next version."""
        with store.state.write() as conn:
            return _with_version(actions.change(conn, operator, template, data, if_match, content_parts))

    @get("/{template:str}/versions", guards=[requires("viewer")], sync_to_thread=True)
    def list_versions(self, template: str, store: Store) -> Page[VersionView]:
        with store.state.read() as conn:
            return actions.versions(conn, template)

    @post("/{template:str}/archive", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def archive_template(self, template: str, store: Store, operator: Operator) -> TemplateView:
        """Put it away; what is under way goes on. Changing it brings it back."""
        with store.state.write() as conn:
            return actions.archive(conn, operator, template)

    @post("/{template:str}/test", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def try_template(
        self, template: str, data: TryRequest, store: Store, operator: Operator, content_parts: Needs
    ) -> TryResult:
        """Send it to an address now, outside the gate and the outbox."""
        with store.state.write() as conn:
            channel, content = actions.prepare_try(store, conn, operator, template, data)
        return content_parts.send(store, channel, content, data.address)
