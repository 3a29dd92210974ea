"""Waits for the hour at which the person is usually active, told from what they did; else for the shop's busiest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.clockwork import next_at, shop_zone, zones_of
from siyu.journeys.nodes.contract import THEN, Kind, Moment
from siyu.journeys.queries.engine import busiest_hour, busiest_hours
from siyu.journeys.types import Move, Run
from siyu.kit import DAY

_USUAL = 10
"""Where nothing has happened yet."""


class BestConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    look_back_days: Annotated[int, field("参考最近几天的行为", "Look back (days)", ge=7, le=365)] = 90
    at_least: Annotated[
        int,
        field(
            "至少多少次行为",
            "At least so many events",
            "少于此数时用全店最活跃的时段",
            "With fewer the shop's busiest hour is used",
            ge=1,
            le=1000,
        ),
    ] = 3


def _act(moment: Moment, config: BestConfig, runs: Sequence[Run]) -> list[Move]:
    here = sorted({run.person for run in runs if not run.arrived_at})
    hours = _hours(moment, config, here) if here else {}
    zones = zones_of(moment.conn, here)
    moves = []
    for run in runs:
        if run.arrived_at:
            moves.append(Move(run, "waited", branch=THEN))
            continue
        hour, own = hours[run.person]
        until = next_at(moment.now, f"{hour:02d}:00", zones[run.person]) or moment.now
        params = {"until": until, "hour": hour, "own": own}
        moves.append(Move(run, "waits_for_best", params, wait_until=until, arrived_at=moment.now))
    return moves


def _hours(moment: Moment, config: BestConfig, persons: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """Person → (hour on their clock, whether it is their own)."""
    zones = zones_of(moment.conn, persons)
    since = moment.now - config.look_back_days * DAY
    own: dict[int, int] = {}
    for zone in {zone.key for zone in zones.values()}:
        there = [person for person in persons if zones[person].key == zone]
        own |= busiest_hours(moment.store.events, there, since, zone, config.at_least)
    if len(own) == len(persons):
        return {person: (hour, True) for person, hour in own.items()}
    shop = busiest_hour(moment.store.events, since, shop_zone(moment.conn).key)
    usual = _USUAL if shop is None else shop
    return {person: (own.get(person, usual), person in own) for person in persons}


KIND = Kind(
    name="wait_best",
    zh="等到最佳时段",
    en="Wait for the best hour",
    group="wait",
    config=BestConfig,
    branches={THEN: {"zh": "时间到", "en": "Time is up"}},
    act=_act,
)
