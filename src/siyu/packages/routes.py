"""/api/packages: audiences as files, and their delivery."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, delete, get, post, put
from litestar.params import Parameter
from litestar.response import File as FileResponse

from siyu.accounts import Operator, requires
from siyu.kit import Page, etag
from siyu.packages import actions
from siyu.packages.types import Choices, PackageDraft, PackageView, RunView
from siyu.store import Store

Ref = Annotated[str, Parameter(max_length=40)]
Cursor = Annotated[str | None, Parameter(max_length=80, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]


def _versioned(view: PackageView, status: int = 200) -> Response[PackageView]:
    return Response(view, status_code=status, headers=etag(view.version))


class Packages(Controller):
    path = "/api/packages"
    tags = ("packages",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def list_packages(
        self,
        store: Store,
        audience: Annotated[str | None, Parameter(max_length=40, description="Of this audience only")] = None,
        after: Cursor = None,
        limit: Limit = 50,
    ) -> Page[PackageView]:
        """Packages, the newest first."""
        return actions.page(store, audience, after, limit)

    @post(status_code=201, guards=[requires("operator")], sync_to_thread=True)
    def create_package(self, data: PackageDraft, store: Store, operator: Operator) -> Response[PackageView]:
        """Make a package of an audience. Personal data in clear needs an administrator. A secret made for a webhook is
        shown this once."""
        return _versioned(actions.create(store, operator, data), 201)

    @get("/choices", sync_to_thread=True)
    def list_package_choices(self, store: Store) -> Choices:
        """The columns a package may have, and which hashed identifiers ad platforms take."""
        return actions.choices(store)

    @get("/{package_id:str}", sync_to_thread=True)
    def show_package(self, package_id: Ref, store: Store) -> Response[PackageView]:
        return _versioned(actions.show(store, package_id))

    @put("/{package_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_package(
        self, package_id: Ref, data: PackageDraft, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[PackageView]:
        """Replace the definition. A secret left out stays, unless the destination is another."""
        return _versioned(actions.change(store, operator, package_id, data, if_match))

    @delete("/{package_id:str}", guards=[requires("operator")], sync_to_thread=True)
    def delete_package(self, package_id: Ref, store: Store, operator: Operator) -> None:
        """Remove a package, its runs and their files."""
        actions.delete(store, operator, package_id)

    @get("/{package_id:str}/runs", sync_to_thread=True)
    def list_package_runs(
        self, package_id: Ref, store: Store, after: Cursor = None, limit: Limit = 50
    ) -> Page[RunView]:
        """Every time it was made: who was in it, its files with their hashes, and what the destination answered."""
        return actions.runs_page(store, package_id, after, limit)

    @post("/{package_id:str}/runs", status_code=202, guards=[requires("operator")], sync_to_thread=True)
    def run_package(self, package_id: Ref, store: Store, operator: Operator) -> RunView:
        """Make and deliver it now, in the background. 409 while that is going on."""
        return actions.ask(store, operator, package_id)

    @get(
        "/{package_id:str}/runs/{run_id:str}/files/{number:int}",
        guards=[requires("operator")],
        sync_to_thread=True,
        media_type="application/octet-stream",
    )
    def download_package_file(
        self, package_id: Ref, run_id: Ref, number: int, store: Store, operator: Operator
    ) -> FileResponse:
        """A file of a run, as long as it is kept; who took it is written into the audit."""
        path, name = actions.file(store, operator, package_id, run_id, number)
        return FileResponse(path, filename=name, media_type="application/octet-stream")


ROUTES = [Packages]
