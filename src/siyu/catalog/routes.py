"""/api/catalog."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.params import Dependency, Parameter

from siyu.accounts import Operator, requires
from siyu.catalog import actions, entries, notes
from siyu.catalog.types import Catalog, CatalogParts, EntryRow, EntryView, Kind, Merge, Note
from siyu.kit import etag
from siyu.store import Store

Name = Annotated[str, Parameter(min_length=1, max_length=255)]
Parts = Annotated[CatalogParts, Dependency(default=CatalogParts(), skip_validation=True)]


class CatalogRoutes(Controller):
    path = "/api/catalog"
    tags = ("catalog",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def show_catalog(self, store: Store) -> Catalog:
        """Events with their properties, traits with their coverage, channels and stages; at most a minute old.

        What operators have hidden or merged into something else is left out.
        """
        return actions.catalog(store)

    @get("/entries", sync_to_thread=True)
    def list_entries(self, store: Store, kind: Kind) -> list[EntryRow]:
        """Every event or trait with its volume and what looks wrong with it, hidden and merged ones too."""
        return entries.entries(store, kind)

    @get("/entry", sync_to_thread=True)
    def show_entry(self, store: Store, kind: Kind, name: Name, catalog_parts: Parts) -> Response[EntryView]:
        """One event or trait in full."""
        return _versioned(entries.entry(store, kind, name, catalog_parts))

    @put("/entry", guards=[requires("operator")], sync_to_thread=True)
    def change_entry(
        self,
        data: Note,
        store: Store,
        operator: Operator,
        kind: Kind,
        name: Name,
        catalog_parts: Parts,
        if_match: Annotated[str | None, Parameter(header="If-Match")] = None,
    ) -> Response[EntryView]:
        """Replace what is said of it: names on screen, meaning, type, examples, owner, whether it is hidden."""
        with store.state.write() as conn:
            notes.change_note(conn, operator, kind, name, data, if_match)
        actions.forget(store)
        return _versioned(entries.entry(store, kind, name, catalog_parts))

    @post("/merges", status_code=200, guards=[requires("admin")], sync_to_thread=True)
    def merge_events(self, data: Merge, store: Store, operator: Operator, catalog_parts: Parts) -> Response[EntryView]:
        """Let another event take over a name, for what comes and what has come; ``into`` null gives it back."""
        users = entries.users_of("event", data.name, catalog_parts.definitions(store))
        with store.state.write() as conn:
            notes.merge_event(conn, operator, data.name, data.into, users)
        actions.forget(store)
        return _versioned(entries.entry(store, "event", data.name, catalog_parts))


def _versioned(view: EntryView) -> Response[EntryView]:
    return Response(view, headers=etag(view.version))


ROUTES = [CatalogRoutes]
