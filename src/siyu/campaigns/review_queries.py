"""What came of a campaign or journey, asked of the event engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from siyu.campaigns.types import Figures
from siyu.catalog import STANDARD
from siyu.experiments import Sums
from siyu.kit import DAY
from siyu.settings import GlobalHoldout
from siyu.store import EventEngine

_NEGATIVE = [name for name, event in STANDARD.items() if event.negative]
_SOUR = 3 * DAY
"""A bad signal this soon after a message is laid at its door."""

HISTORY = 90 * DAY
"""So much of what a person spent before they were assigned tells what they spend after."""

_JOURNEY = "props.journey.:String"
_UNITS = """
    toInt64(greatest(0, multiIf(
        props.units.:Int64 IS NOT NULL, props.units.:Int64,
        props.quantity.:Int64 IS NOT NULL, props.quantity.:Int64,
        arraySum(line -> JSONExtractInt(line, 'quantity'), JSONExtractArrayRaw(toString(props), 'products')))))
"""


def figures(engine: EventEngine, journey: str, since: int, until: int, days: int, zone: str) -> Figures:
    """Orders by last click within ``days``, clicks by hour, and bad signals, of one campaign or journey."""
    params = {"journey": journey, "since": since, "until": until, "days": days * DAY, "zone": zone}
    orders, units, gmv = engine.query(_orders(engine), params).one()
    found = Figures(int(orders), int(units or 0), int(gmv or 0))
    for hour, clicks in engine.query(_hours(), params):
        found.hours[int(hour)] = int(clicks)
    bad = engine.query(_bad(engine), params | {"negative": _NEGATIVE, "sour": _SOUR})
    found.negative = {str(name): int(count) for name, count in bad}
    return found


def _ms(name: str) -> str:
    return f"fromUnixTimestamp64Milli({{{name}:Int64}})"


def _orders(engine: EventEngine) -> str:
    """Each order with the last click before it, of whatever campaign or journey: only that one gets it."""
    return f"""
        SELECT count(), sum(units), sum(amount)
        FROM (
            SELECT {engine.canonical()} AS who, time AS paid, amount, {_UNITS} AS units FROM events
            WHERE event = 'order_paid' AND time >= {_ms("since")} AND time < {_ms("until")}
        ) AS o
        ASOF INNER JOIN (
            SELECT {engine.canonical()} AS who, time AS clicked, {_JOURNEY} AS journey FROM events
            WHERE event = 'message_clicked' AND time >= {_ms("since")} AND time < {_ms("until")}
        ) AS c ON o.who = c.who AND o.paid >= c.clicked
        WHERE journey = {{journey:String}}
          AND toUnixTimestamp64Milli(paid) - toUnixTimestamp64Milli(clicked) <= {{days:Int64}}
    """  # noqa: S608


def _hours() -> str:
    return f"""
        SELECT toHour(time, {{zone:String}}), count() FROM events
        WHERE event = 'message_clicked' AND time >= {_ms("since")} AND time < {_ms("until")}
          AND {_JOURNEY} = {{journey:String}} GROUP BY 1
    """  # noqa: S608


def _bad(engine: EventEngine) -> str:
    """Each bad signal with the last message before it; persons by signal."""
    return f"""
        SELECT signal, uniqExact(who)
        FROM (
            SELECT {engine.canonical()} AS who, time AS at, event AS signal FROM events
            WHERE event IN {{negative:Array(String)}} AND time >= {_ms("since")} AND time < {_ms("until")}
        ) AS n
        ASOF INNER JOIN (
            SELECT {engine.canonical()} AS who, time AS sent, {_JOURNEY} AS journey FROM events
            WHERE event = 'message_sent' AND time >= {_ms("since")} AND time < {_ms("until")}
        ) AS m ON n.who = m.who AND n.at >= m.sent
        WHERE journey = {{journey:String}}
          AND toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(sent) <= {{sour:Int64}}
        GROUP BY signal
    """  # noqa: S608


def converters(engine: EventEngine, event: str, since: int, until: int) -> dict[int, list[int]]:
    """Canonical person → when they did the goal event in a span."""
    sql = f"""
        SELECT {engine.canonical()} AS who, groupArray(toUnixTimestamp64Milli(time)) FROM events
        WHERE event = {{event:String}} AND time >= {_ms("since")} AND time < {_ms("until")} GROUP BY who
    """  # noqa: S608
    rows: Any = engine.query(sql, {"event": event, "since": since, "until": until})
    return {int(who): list(times) for who, times in rows}


def spending(engine: EventEngine, arms: Sequence[Mapping[int, int]], window: int) -> list[Sums]:
    """What the persons of each arm (person → when assigned) paid in ``HISTORY`` before that and in ``window`` after."""
    times = [at for arm in arms for at in arm.values()]
    params = {"since": min(times) - HISTORY, "until": max(times) + window}
    sql = f"""
        SELECT {engine.canonical()} AS who, groupArray((toUnixTimestamp64Milli(time), amount)) FROM events
        WHERE event = 'order_paid' AND time >= {_ms("since")} AND time < {_ms("until")} GROUP BY who
    """  # noqa: S608
    rows: Any = engine.query(sql, params)
    paid = {int(who): orders for who, orders in rows}
    return [Sums.of(len(arm), _spent(paid, arm, window)) for arm in arms]


def _spent(
    paid: Mapping[int, Sequence[tuple[int, int]]], arm: Mapping[int, int], window: int
) -> Iterator[tuple[float, float]]:
    for person in paid.keys() & arm.keys():
        at = arm[person]
        before = sum(amount for when, amount in paid[person] if at - HISTORY <= when < at)
        after = sum(amount for when, amount in paid[person] if at <= when < at + window)
        yield before, after


def everyone(engine: EventEngine, setting: GlobalHoldout, now: int, window: int) -> list[list[Sums]]:
    """Fen, then orders, of everybody else and of the global holdout, of those whose ``window`` is over. Who falls
    where is ``experiments.arm_of``, said in SQL."""
    params = {"since": setting.since, "history": HISTORY, "window": window, "now": now,
              "salt": f"{setting.salt}\0", "upto": round(setting.percent * 100)}  # fmt: skip
    sums = ", ".join(f"sum({y}), sum({x}), sum({y} * {y}), sum({x} * {x}), sum({x} * {y})"
                     for x, y in (("spent_before", "spent"), ("bought_before", "bought")))  # fmt: skip
    sql = f"""
        SELECT held, count(), {sums}
        FROM (
            SELECT person, greatest(toUnixTimestamp64Milli(created), {{since:Int64}}) AS began,
                   reinterpretAsUInt64(reverse(substring(SHA256(concat({{salt:String}}, toString(person))), 1, 8)))
                       % 10000 < {{upto:UInt32}} AS held
            FROM persons FINAL WHERE deleted = 0 AND staff = 0 AND began + {{window:Int64}} <= {{now:Int64}}
        ) AS p
        LEFT JOIN (
            SELECT who, sumIf(amount, at >= began AND at < began + {{window:Int64}})::Float64 AS spent,
                   countIf(at >= began AND at < began + {{window:Int64}})::Float64 AS bought,
                   sumIf(amount, at < began AND at >= began - {{history:Int64}})::Float64 AS spent_before,
                   countIf(at < began AND at >= began - {{history:Int64}})::Float64 AS bought_before
            FROM (
                SELECT {engine.canonical()} AS who, toUnixTimestamp64Milli(time) AS at, amount FROM events
                WHERE event = 'order_paid' AND time >= fromUnixTimestamp64Milli({{since:Int64}} - {{history:Int64}})
                  AND time < {_ms("now")}
            ) AS o
            INNER JOIN (
                SELECT person, greatest(toUnixTimestamp64Milli(created), {{since:Int64}}) AS began
                FROM persons FINAL WHERE deleted = 0
            ) AS b ON o.who = b.person
            GROUP BY who
        ) AS s ON p.person = s.who
        GROUP BY held
    """  # noqa: S608
    found = {bool(held): row for held, *row in engine.query(sql, params)}
    arms = [found.get(held, [0] * 11) for held in (False, True)]
    return [[Sums(int(row[0]), *map(float, row[part : part + 5])) for row in arms] for part in (1, 6)]
