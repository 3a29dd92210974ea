"""/api/catalog."""

from __future__ import annotations

from litestar import Controller, get

from siyu.accounts import requires
from siyu.catalog import actions
from siyu.catalog.types import Catalog
from siyu.store import Store


class CatalogRoutes(Controller):
    path = "/api/catalog"
    tags = ("catalog",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def show_catalog(self, store: Store) -> Catalog:
        """Events with their properties, traits with their coverage, channels and stages; at most a minute old."""
        return actions.catalog(store)


ROUTES = [CatalogRoutes]
