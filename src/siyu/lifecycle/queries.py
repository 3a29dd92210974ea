"""All SQL of lifecycle, over the engine's ``persons``. Staff and test accounts count nowhere."""

# ruff: noqa: S608 - what is put into the text are our own words and expressions; all values are bound

from __future__ import annotations

from typing import Any

import msgspec

from siyu.catalog import OWNED_CHANNELS
from siyu.profiles import Windows, spans_sql, stage_sql
from siyu.settings import Preset
from siyu.store import EventEngine

_SECONDS = 20.0
_MEMORY = 2 << 30
_AT = "arrayFirst(span -> span.2 <= {{{0}:Int64}} AND {{{0}:Int64}} < span.3, spans).1"


def daily(
    engine: EventEngine, windows: Windows, first: str, days: int, zone: str, now: int
) -> list[tuple[str, int, int]]:
    """(stage, place of the day from 0, how many more are in it than the day before); place 0 counts all before too.

    A stage counts on a day it holds at the end of; the last day ends ``now`` if it is today.
    """
    spans, params = spans_sql(windows)
    place = """if(at > {now:Int64}, {days:Int32}, greatest(0, least({days:Int32},
        toInt32(toDate(fromUnixTimestamp64Milli(at, 'UTC'), {zone:String}) - toDate({first:String})))))"""
    sql = f"""
        SELECT stage, {place} AS day, sum(step) FROM (
            SELECT edge.1 AS stage, edge.2 AS at, edge.3 AS step FROM (
                SELECT arrayJoin(arrayFlatten(arrayMap(
                    span -> [(span.1, span.2, 1), (span.1, span.3, -1)], spans))) AS edge
                FROM ({spans} AND staff = 0)))
        GROUP BY stage, day HAVING day < {{days:Int32}} ORDER BY stage, day
    """
    more = {"first": first, "days": days, "zone": zone, "now": now}
    return [(str(row[0]), int(row[1]), int(row[2])) for row in _ask(engine, sql, params | more)]


def flows(engine: EventEngine, windows: Windows, start: int, end: int) -> list[tuple[str, str, int]]:
    """(stage at ``start``, stage at ``end``, persons); the first is empty for those not known then."""
    spans, params = spans_sql(windows)
    sql = f"""
        SELECT {_AT.format("start")} AS source, {_AT.format("end")} AS target, count() FROM ({spans} AND staff = 0)
        GROUP BY source, target HAVING target != '' ORDER BY source, target
    """
    rows = _ask(engine, sql, params | {"start": start, "end": end})
    return [(str(row[0]), str(row[1]), int(row[2])) for row in rows]


def flowed(
    engine: EventEngine, windows: Windows, start: int, end: int, way: tuple[str, str], before: int, limit: int
) -> tuple[list[int], int]:
    """Persons who went that way, the newest first from below ``before``; and how many there are in all."""
    spans, params = spans_sql(windows)
    sql = f"""
        SELECT person, count() OVER () FROM ({spans} AND staff = 0)
        WHERE {_AT.format("start")} = {{source:String}} AND {_AT.format("end")} = {{target:String}}
        ORDER BY person DESC LIMIT {{limit:UInt32}} OFFSET {{before:UInt32}}
    """
    more = {"start": start, "end": end, "source": way[0], "target": way[1], "before": before, "limit": limit}
    rows = _ask(engine, sql, params | more)
    return [int(row[0]) for row in rows], int(rows[0][1]) if rows else 0


def spans_of(engine: EventEngine, windows: Windows, person: int) -> list[tuple[str, int, int]]:
    """(stage, from, until) of one canonical person, in order of time."""
    spans, params = spans_sql(windows)
    rows = _ask(engine, f"{spans} AND person = {{person:UInt64}}", params | {"person": person})
    return [(str(stage), int(start), int(until)) for row in rows for stage, start, until in row[1]]


def first_day(engine: EventEngine, zone: str) -> str | None:
    """The day the first person was met or bought."""
    sql = """
        SELECT count(), toString(toDate(min(least(created,
            if(toUnixTimestamp64Milli(entered) = 0, created, entered), if(orders = 0, created, first_order))),
            {zone:String}))
        FROM persons FINAL WHERE deleted = 0 AND staff = 0
    """
    count, day = _ask(engine, sql, {"zone": zone})[0]
    return str(day) if count else None


def moves(engine: EventEngine, windows: Windows, others: Windows, now: int) -> list[tuple[str, str, int]]:
    """(stage with these windows, stage with the others, persons), now."""
    stage, params = stage_sql(windows, now)
    other, more = stage_sql(others, now, "other")
    sql = f"""
        SELECT {stage} AS stage, {other} AS other, count() FROM persons FINAL WHERE deleted = 0 AND staff = 0
        GROUP BY stage, other ORDER BY stage, other
    """
    return [(str(row[0]), str(row[1]), int(row[2])) for row in _ask(engine, sql, params | more)]


class Counted(msgspec.Struct, frozen=True):
    """Sums over persons; money is fen. ``levels``: how many came as far as each step of the funnel and no further."""

    known: int
    entered: int
    entered_buyers: int
    buyers: int
    repeaters: int
    orders: int
    revenue: int
    recent: int
    levels: dict[int, int]
    quarters: dict[tuple[bool, bool], tuple[int, int]]


TRUSTING = ("member_registered", "phone_bound", "oa_message_received", "coupon_received")
REFERRING = ("friend_invited",)
_REACHING = [name for name, ours in OWNED_CHANNELS.items() if ours]
_YEAR = 365 * 86_400_000


def relations(engine: EventEngine, preset: Preset, now: int) -> Counted:
    """Everything the relations page counts. One pass over persons, with who trusts and who refers beside it."""
    params: dict[str, Any] = {
        "trusting": list(TRUSTING), "referring": list(REFERRING), "reaching": _REACHING, "often": preset.often,
        "frequent": preset.frequent, "dear": preset.dear_fen, "since": now - _YEAR,
    }  # fmt: skip
    did = f"SELECT {engine.canonical()} FROM events WHERE event IN"
    bought = "if(empty(paid), if(orders = 0, [], [last_order]), paid)"
    known = f"""
        SELECT orders, revenue, toUnixTimestamp64Milli(entered) != 0 AS inside, orders > 0 AS buys,
            arrayCount(at -> at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC'), {bought}) AS recent,
            multiIf(person IN ({did} {{referring:Array(String)}}), 6, orders >= {{often:UInt32}}, 5, buys, 4,
                arrayExists(said -> endsWith(said, '=granted'), consents)
                    OR person IN ({did} {{trusting:Array(String)}}), 3,
                inside OR hasAny(channels, {{reaching:Array(String)}}), 2, 1) AS level
        FROM persons FINAL WHERE deleted = 0 AND staff = 0
    """
    sql = f"""
        SELECT level, buys AND recent >= {{frequent:UInt32}} AS often,
            buys AND revenue >= orders * {{dear:Int64}} AS dear,
            buys, count(), countIf(inside), countIf(orders > 1), sum(orders), sum(revenue), sum(recent)
        FROM ({known}) GROUP BY level, often, dear, buys
    """
    rows = _ask(engine, sql, params)
    buying = [row for row in rows if row[3]]
    levels: dict[int, int] = {}
    quarters: dict[tuple[bool, bool], tuple[int, int]] = {}
    for row in rows:
        levels[int(row[0])] = levels.get(int(row[0]), 0) + int(row[4])
    for row in buying:
        place = (bool(row[1]), bool(row[2]))
        held = quarters.get(place, (0, 0))
        quarters[place] = (held[0] + int(row[4]), held[1] + int(row[8]))
    return Counted(
        known=_sum(rows, 4), entered=_sum(rows, 5), entered_buyers=_sum(buying, 5), buyers=_sum(buying, 4),
        repeaters=_sum(rows, 6), orders=_sum(rows, 7), revenue=_sum(rows, 8), recent=_sum(rows, 9),
        levels=levels, quarters=quarters,
    )  # fmt: skip


def _sum(rows: list[tuple[Any, ...]], place: int) -> int:
    return sum(int(row[place]) for row in rows)


def _ask(engine: EventEngine, sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    return list(engine.query(sql, params, max_seconds=_SECONDS, max_memory=_MEMORY))
