"""/api/overview."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get
from litestar.params import Dependency, Parameter

from siyu.accounts import requires
from siyu.analytics import actions
from siyu.analytics.types import Overview, OverviewParts
from siyu.store import Store


class OverviewRoutes(Controller):
    path = "/api/overview"
    tags = ("analytics",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get(sync_to_thread=True)
    def show_overview(
        self,
        store: Store,
        overview_parts: Annotated[OverviewParts | None, Dependency(default=None, skip_validation=True)],
        days: Annotated[int, Parameter(ge=1, le=366)] = 30,
    ) -> Overview:
        """Known, reachable and active persons, revenue, stages and channels, against the period before."""
        return actions.overview(store, days, overview_parts or OverviewParts())


ROUTES = [OverviewRoutes]
