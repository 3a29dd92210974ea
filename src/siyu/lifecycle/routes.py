"""/api/lifecycle."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, get
from litestar.params import Dependency, Parameter

from siyu.accounts import requires
from siyu.lifecycle import actions
from siyu.lifecycle.types import FlowPersons, Flows, History, Relations, StageChange, WindowsPreview
from siyu.profiles import PersonParts, StageName
from siyu.settings import PRESETS, Lifecycle, Preset
from siyu.store import Store

Day = Annotated[date | None, Parameter(description="A calendar day of the brand's zone")]
Days = Annotated[int, Parameter(ge=1, le=3650)]


class LifecycleRoutes(Controller):
    path = "/api/lifecycle"
    tags = ("lifecycle",)
    guards = [requires("viewer")]  # noqa: RUF012

    @get("/history", sync_to_thread=True)
    def show_stage_history(self, store: Store, start: Day = None, end: Day = None) -> History:
        """Persons in each stage as every day ended; the last 90 days unless told."""
        return actions.history(store, start, end)

    @get("/flows", sync_to_thread=True)
    def show_flows(self, store: Store, start: Day = None, end: Day = None) -> Flows:
        """From which stage to which between two dates; the last 30 days unless told."""
        return actions.flows(store, start, end)

    @get("/flows/persons", sync_to_thread=True)
    def list_flowed(
        self,
        store: Store,
        target: StageName,
        person_parts: Annotated[PersonParts, Dependency(default=PersonParts(), skip_validation=True)],
        source: Annotated[StageName | None, Parameter(description="Absent: not known on the first date")] = None,
        start: Day = None,
        end: Day = None,
        skip: Annotated[int, Parameter(ge=0, le=100_000)] = 0,
    ) -> FlowPersons:
        """The persons behind a flow, 50 at a time."""
        return actions.flowed(store, start, end, (source or "", target), skip, person_parts.withdrawn)

    @get("/persons/{person_id:str}", sync_to_thread=True)
    def show_stages(self, store: Store, person_id: Annotated[str, Parameter(max_length=40)]) -> list[StageChange]:
        """Every stage somebody has been in, the newest first."""
        return actions.stages_of(store, person_id)

    @get("/relations", sync_to_thread=True)
    def show_relations(self, store: Store) -> Relations:
        """The industry's head figure, the funnel of relations, and frequency by price with its playbook."""
        return actions.relations(store)

    @get("/presets", sync_to_thread=False)
    def list_presets(self) -> list[Preset]:
        """What is usual in each industry."""
        return list(PRESETS.values())

    @get("/preview", sync_to_thread=True)
    def preview_windows(self, store: Store, new_days: Days, silent_days: Days, churned_days: Days) -> WindowsPreview:
        """Who would be in another stage today with other windows."""
        return actions.preview(store, Lifecycle(new_days, silent_days, churned_days))


ROUTES = [LifecycleRoutes]
