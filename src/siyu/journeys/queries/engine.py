"""What journeys ask the event engine."""

# ruff: noqa: S608 - what is put into the text are our own words; all values are bound

from __future__ import annotations

from collections.abc import Sequence

from siyu.store import EventEngine, Store


def trigger_events(store: Store, persons: Sequence[int], events: Sequence[str]) -> list[tuple[str, int, int, str]]:
    """(event, time, received, props as JSON text) of the newest 20 events that could have made somebody enter."""
    rows = store.events.query(
        "SELECT event, toUnixTimestamp64Milli(time), toUnixTimestamp64Milli(received), toJSONString(props) FROM events"
        " WHERE person IN {persons:Array(UInt64)} AND event IN {events:Array(String)} ORDER BY time DESC LIMIT 20",
        {"persons": list(persons), "events": list(events)},
        max_seconds=5,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


_OWN = "source != 'siyu'"
"""What people did, without what the product did to them."""


def busiest_hours(engine: EventEngine, persons: Sequence[int], since: int, zone: str, at_least: int) -> dict[int, int]:
    """Person → the hour of their day in which they did most since ``since``; those with fewer events are left out."""
    rows = engine.query(
        f"SELECT who, argMax(hour, (times, -hour)) FROM (SELECT {engine.canonical()} AS who,"
        " toHour(time, {zone:String}) AS hour, count() AS times FROM events"
        f" WHERE person IN {{people:Array(UInt64)}} AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND {_OWN}"
        " GROUP BY who, hour) GROUP BY who HAVING sum(times) >= {least:UInt32}",
        {"people": engine.numbers_of(persons), "since": since, "zone": zone, "least": at_least},
        max_seconds=10,
    )
    return {int(row[0]): int(row[1]) for row in rows}


def busiest_hour(engine: EventEngine, since: int, zone: str) -> int | None:
    """The hour of the day in which most happened in the shop."""
    rows = engine.query(
        "SELECT toHour(time, {zone:String}) AS hour, count() AS times FROM events"
        f" WHERE time >= fromUnixTimestamp64Milli({{since:Int64}}) AND {_OWN}"
        " GROUP BY hour ORDER BY times DESC, hour LIMIT 1",
        {"since": since, "zone": zone},
        max_seconds=10,
    )
    return next((int(row[0]) for row in rows), None)


def happened(
    engine: EventEngine, events: Sequence[str], since: int, until: int
) -> list[tuple[int, int, str, int, str]]:
    """(canonical person, time, event, key, props as JSON text) of events of these names, in order of time."""
    rows = engine.query(
        f"SELECT {engine.canonical()}, toUnixTimestamp64Milli(time), event, key, toJSONString(props) FROM events"
        " WHERE event IN {events:Array(String)} AND time >= fromUnixTimestamp64Milli({since:Int64})"
        " AND time < fromUnixTimestamp64Milli({until:Int64}) ORDER BY time, key",
        {"events": list(events), "since": since, "until": until},
        max_seconds=60,
    )
    return [(int(row[0]), int(row[1]), str(row[2]), int(row[3]), str(row[4])) for row in rows]
