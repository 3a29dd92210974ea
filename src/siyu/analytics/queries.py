"""All SQL of analytics. Every question is bounded in time and memory."""

from __future__ import annotations

from typing import Any

import msgspec

from siyu.analytics.windows import Window
from siyu.catalog import OWNED_CHANNELS, STANDARD
from siyu.store import EventEngine

_SECONDS = 15.0
_MEMORY = 2 << 30

NOT_OWN: tuple[str, ...] = tuple(
    name
    for name, event in STANDARD.items()
    if event.negative or event.group in ("message", "audience", "journey", "consent")
)
"""Events that don't show a person being active: what we did, and what says goodbye."""


STAFF = "SELECT person FROM persons FINAL WHERE staff = 1 AND deleted = 0"
"""Staff and test accounts, who count in no figure."""


class Activity(msgspec.Struct, frozen=True):
    """Distinct canonical persons who did something. ``daily`` by date."""

    now: int
    previous: int
    daily: dict[str, int]


class Sales(msgspec.Struct, frozen=True):
    """Fen, refunds taken off. ``daily``: date → (orders, fen)."""

    new: int
    existing: int
    previous: int
    daily: dict[str, tuple[int, int]]


class People(msgspec.Struct, frozen=True):
    """Counts over canonical persons; those of ``before`` belong to the previous window."""

    known: int
    reachable: int
    new: int
    entered: int
    known_before: int
    new_before: int
    entered_before: int


def activity(engine: EventEngine, span: Window) -> Activity:
    """Who was active. One pass: a bitmap of persons a day, then their unions."""
    sql = f"""
        SELECT groupArray((day, bitmapCardinality(who))),
               groupBitmapMergeIf(who, running), groupBitmapMergeIf(who, NOT running)
        FROM (
            SELECT toString(toDate(time, {{zone:String}})) AS day, time >= {_ms("start")} AS running,
                   groupBitmapState({engine.canonical()}) AS who
            FROM events
            WHERE {_in_either_window()} AND source != 'siyu' AND event NOT IN {{not_own:Array(String)}}
                AND {engine.canonical()} NOT IN ({STAFF})
            GROUP BY day, running
        )
    """  # noqa: S608
    daily, now, previous = _ask(engine, sql, span, {"not_own": list(NOT_OWN)})[0]
    return Activity(int(now), int(previous), {day: int(count) for day, count in daily})


def sales(engine: EventEngine, span: Window) -> Sales:
    """What was paid and refunded. New persons are those whose first order lies in the window."""
    sql = f"""
        SELECT toString(toDate(time, {{zone:String}})) AS day, time >= {_ms("start")} AS running,
               {engine.canonical()} IN (
                   SELECT person FROM persons FINAL WHERE deleted = 0 AND staff = 0 AND first_order >= {_ms("start")}
               ) AS fresh,
               countIf(event = 'order_paid'), sum(if(event = 'order_paid', amount, -amount))
        FROM events
        WHERE {_in_either_window()} AND event IN ('order_paid', 'order_refunded')
            AND {engine.canonical()} NOT IN ({STAFF})
        GROUP BY day, running, fresh
    """  # noqa: S608
    new = existing = previous = 0
    daily: dict[str, tuple[int, int]] = {}
    for day, running, fresh, orders, fen in _ask(engine, sql, span):
        if not running:
            previous += int(fen)
            continue
        new, existing = (new + int(fen), existing) if fresh else (new, existing + int(fen))
        held = daily.get(day, (0, 0))
        daily[day] = (held[0] + int(orders), held[1] + int(fen))
    return Sales(new, existing, previous, daily)


REACHING = [name for name, ours in OWNED_CHANNELS.items() if ours]


def people(engine: EventEngine, span: Window) -> People:
    sql = f"""
        SELECT count(), countIf(hasAny(channels, {{reaching:Array(String)}})),
               countIf({_within("created", "start", "end")}), countIf({_within("entered", "start", "end")}),
               countIf(created < {_ms("previous_end")}),
               countIf({_within("created", "previous_start", "previous_end")}),
               countIf({_within("entered", "previous_start", "previous_end")})
        FROM persons FINAL WHERE deleted = 0 AND staff = 0
    """  # noqa: S608
    return People(*(int(count) for count in _ask(engine, sql, span, {"reaching": REACHING})[0]))


def arrivals(engine: EventEngine, span: Window) -> tuple[dict[str, int], dict[str, int]]:
    """Persons first seen, and persons who entered the private domain, by date."""
    found: list[dict[str, int]] = []
    for column in ("created", "entered"):
        sql = f"""
            SELECT toString(toDate({column}, {{zone:String}})) AS day, count() FROM persons FINAL
            WHERE deleted = 0 AND {_within(column, "start", "end")} GROUP BY day
        """  # noqa: S608
        found.append({day: int(count) for day, count in _ask(engine, sql, span)})
    return found[0], found[1]


def reachable_by_channel(engine: EventEngine, span: Window) -> dict[str, int]:
    sql = """
        SELECT arrayJoin(channels) AS channel, count() FROM persons FINAL
        WHERE deleted = 0 AND staff = 0 GROUP BY channel
    """
    return {channel: int(count) for channel, count in _ask(engine, sql, span)}


def persons_by_stage(engine: EventEngine, stage: str, params: dict[str, int]) -> dict[str, int]:
    """``stage`` is the expression of ``profiles.stage_sql``."""
    sql = f"SELECT {stage} AS stage, count() FROM persons FINAL WHERE deleted = 0 AND staff = 0 GROUP BY stage"  # noqa: S608
    rows = engine.query(sql, params, max_seconds=_SECONDS, max_memory=_MEMORY)
    return {row[0]: int(row[1]) for row in rows}


def _ask(engine: EventEngine, sql: str, span: Window, more: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    params = {
        "zone": span.zone,
        "start": span.start,
        "end": span.end,
        "previous_start": span.previous_start,
        "previous_end": span.previous_end,
    } | (more or {})
    return list(engine.query(sql, params, max_seconds=_SECONDS, max_memory=_MEMORY))


def _ms(name: str) -> str:
    return f"fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC')"


def _within(column: str, start: str, end: str) -> str:
    return f"({column} >= {_ms(start)} AND {column} < {_ms(end)})"


def _in_either_window() -> str:
    """Bounds that keep only the months needed, then leave out what lies between the windows."""
    spans = f"{_within('time', 'previous_start', 'previous_end')} OR {_within('time', 'start', 'end')}"
    return f"{_within('time', 'previous_start', 'end')} AND ({spans})"
