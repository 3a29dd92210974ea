"""The overview: how is my private domain today?"""

from __future__ import annotations

from collections import Counter

from sqlalchemy.engine import Connection

from siyu import privacy, profiles
from siyu.analytics import queries
from siyu.analytics.formulas import FORMULAS
from siyu.analytics.types import (
    ChannelCount,
    Day,
    NeedsMe,
    Overview,
    OverviewParts,
    PersonCounts,
    Revenue,
    StageCount,
)
from siyu.analytics.windows import Window, window
from siyu.catalog import OWNED_CHANNELS, STAGE_LABELS
from siyu.settings import current_settings
from siyu.store import Store

_SAMPLE = 20_000
"""Persons without consent that are looked at one by one; past that they stand for the others."""


def overview(store: Store, days: int, parts: OverviewParts) -> Overview:
    """The first page, for the last ``days`` calendar days of the brand's zone."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        span = window(now, days, current_settings(conn).timezone)
        stage, params = profiles.stage_sql(profiles.windows_of(conn), now)
        held_back = _held_back(conn)
    active = queries.activity(store.events, span)
    sold = queries.sales(store.events, span)
    people = queries.people(store.events, span)
    return Overview(
        persons=PersonCounts(people.known, people.reachable, active.now, people.new, people.entered),
        previous=PersonCounts(people.known_before, None, active.previous, people.new_before, people.entered_before),
        revenue=Revenue(sold.new + sold.existing, sold.new, sold.existing, sold.previous, "CNY"),
        daily=_daily(store, span, active, sold),
        channels=_channels(queries.reachable_by_channel(store.events, span), held_back),
        lifecycle=_stages(queries.persons_by_stage(store.events, stage, params)),
        needs_me=NeedsMe(**{field: count(store) for field, count in parts.needs_me.items()}),
        pipeline=parts.pipeline(store),
        formulas=FORMULAS,
    )


def _daily(store: Store, span: Window, active: queries.Activity, sold: queries.Sales) -> list[Day]:
    new, entered = queries.arrivals(store.events, span)
    return [
        Day(date, active.daily.get(date, 0), new.get(date, 0), entered.get(date, 0), *sold.daily.get(date, (0, 0)))
        for date in span.dates
    ]


def _held_back(conn: Connection) -> dict[str, int]:
    """Persons whom only a withdrawn consent keeps from being reachable, by channel."""
    sample, weight = privacy.withdrawn_sample(conn, _SAMPLE)
    lost = privacy.withdrawn(conn, sample)
    held: Counter[str] = Counter()
    for person, channels in profiles.reachable_channels(conn, sample).items():
        held.update(channel for channel in channels if channel in lost.get(person, ()))
    return {channel: round(count * weight) for channel, count in held.items()}


def _channels(reachable: dict[str, int], held_back: dict[str, int]) -> list[ChannelCount]:
    return [
        ChannelCount(name, reachable.get(name, 0) + held_back.get(name, 0), reachable.get(name, 0))
        for name in OWNED_CHANNELS
    ]


def _stages(counted: dict[str, int]) -> list[StageCount]:
    return [StageCount(stage, counted.get(stage, 0)) for stage in STAGE_LABELS]
