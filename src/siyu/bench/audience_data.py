"""A shop's history made inside the engine: persons with traits, and events with few names that are common."""

from __future__ import annotations

import random
from typing import Any

from siyu import identity
from siyu.kit import DAY
from siyu.store import Store, bulk

_STEP, _AT_ONCE = 2_000_000, 50_000
_DAYS = 180
NAMES = (
    *("page_viewed",) * 14,
    *("product_viewed",) * 10,
    *("Page Scrolled",) * 6,
    *("searched", "Banner Clicked", "Video Played") * 3,
    *("mp_visited",) * 4,
    *("cart_added",) * 4,
    *("order_paid",) * 3,
    *("app_opened",) * 3,
    *("coupon_received", "coupon_used", "message_opened", "message_clicked", "message_sent", "message_sent"),
    *("oa_followed", "wecom_friend_added", "group_joined", "cart_removed", "checkout_started", "order_refunded"),
)
"""Event names as often as they happen: 20 different ones, two thirds of all events are of three."""

CITIES = ("上海", "北京", "广州", "深圳", "杭州", "成都", "武汉", "西安", "南京", "重庆")
_EVENTS = """
INSERT INTO events (person, time, event, key, source, received, amount, props, context)
SELECT 1 + toUInt64({persons} * pow((cityHash64(number, 9) % 1000003) / 1000003, 1.5)) AS person,
    fromUnixTimestamp64Milli(toInt64({now} - {span} * pow((cityHash64(number, 1) % 1000003) / 1000003, 1.3)), 'UTC'),
    [{names}][1 + cityHash64(number, 2) % {kinds}] AS name, cityHash64(number, 7), 'bench',
    fromUnixTimestamp64Milli(toInt64({now}), 'UTC'),
    if(name = 'order_paid', 2900 + cityHash64(number, 3) % 60000, 0),
    concat('{{"sku":"SK-', toString(cityHash64(number, 4) % 600), '","category":"',
        ['serum', 'mask', 'cream', 'sunscreen', 'cleanser'][1 + cityHash64(number, 4) % 5],
        '","price":', toString(20 + cityHash64(number, 5) % 900), '}}'),
    '{{"library":{{"name":"bench"}}}}'
FROM numbers({first}, {count})
"""
_PERSONS = """
INSERT INTO persons (person, version, created, entered, entered_via, orders, revenue, first_order, last_order,
    channels, traits, deleted)
SELECT number + 1, 1, fromUnixTimestamp64Milli(toInt64({now} - cityHash64(number, 1) % {span}), 'UTC'),
    if(number % 3 = 0, fromUnixTimestamp64Milli(toInt64({now} - cityHash64(number, 2) % {span}), 'UTC'),
        toDateTime64(0, 3, 'UTC')),
    'oa_followed', number % 5, 9900 * (number % 5), toDateTime64(0, 3, 'UTC'),
    if(number % 5 > 0, fromUnixTimestamp64Milli(toInt64({now} - cityHash64(number, 3) % {span}), 'UTC'),
        toDateTime64(0, 3, 'UTC')),
    arrayFilter(one -> cityHash64(number, one) % 3 = 0, ['email', 'sms', 'official_account', 'wecom_friend']),
    concat('{{"city":"', [{cities}][1 + number % 10], '","age":', toString(18 + number % 50),
        ',"gender":"', ['f', 'm'][1 + number % 2], '","skin":"', ['dry', 'oily', 'mixed'][1 + number % 3], '"}}'), 0
FROM numbers({persons})
"""


def build(store: Store, events: int, persons: int) -> None:
    """Fill an empty store: ``events`` over the last 180 days of ``persons`` the pipeline will know again."""
    now = store.clock.now_ms()
    build_events(store, events, persons)
    merge_months(store)
    common: dict[str, Any] = {"persons": persons, "now": now, "span": _DAYS * DAY}
    store.events.command(_PERSONS.format(cities=", ".join(f"'{city}'" for city in CITIES), **common))
    _known_persons(store, persons, now)


def build_events(store: Store, events: int, persons: int) -> None:
    """The events alone."""
    common: dict[str, Any] = {"persons": persons, "now": store.clock.now_ms(), "span": _DAYS * DAY}
    names = ", ".join(f"'{name}'" for name in NAMES)
    for first in range(0, events, _STEP):
        count = min(_STEP, events - first)
        store.events.command(_EVENTS.format(names=names, kinds=len(NAMES), first=first, count=count, **common))


def merge_months(store: Store) -> None:
    """Each month into one part, as the engine does by itself once a month has been quiet for a day."""
    parts = store.events.query("SELECT DISTINCT partition FROM system.parts WHERE active AND table = 'events'")
    for (month,) in parts:
        store.events.command_aside(f"OPTIMIZE TABLE events PARTITION {int(month)} FINAL")


def member(person: int) -> tuple[str, str]:
    """The identifiers ``siyu.bench.load`` sends for a person number."""
    return f"member-{person - 1:07d}", f"3f6f2c1e-7b1d-4c55-9d0e-{person - 1:012d}"


def _known_persons(store: Store, persons: int, now: int) -> None:
    """The state's side of the same persons, so that their events find them: resolved as the pipeline would."""
    for first in range(1, persons + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, persons + 1))
        ids = [(f"user_id:{user}", f"device:{device}") for user, device in map(member, numbers)]
        none = [0] * len(ids)
        with store.state.write() as conn:
            found = identity.resolve(conn, ids, [now] * len(ids), ["bench"] * len(ids), -first, none)
            if found.person != list(numbers):
                raise ValueError(found.person[:3])
            bulk(
                conn,
                "INSERT INTO profiles_persons (person_id, created_at, version) VALUES (?, ?, ?)",
                [(number, now, 1) for number in numbers],
            )


def audience_rules(count: int) -> list[dict[str, Any]]:
    """Rules as operators make them: two or three conditions on events, one or two on the person."""
    draw = random.Random(7)  # noqa: S311
    names = sorted(set(NAMES))
    rules = []
    for number in range(count):
        clauses: list[dict[str, Any]] = [_event_clause(draw, names) for _ in range(draw.choice([1, 2, 2, 3]))]
        clauses.append({"trait": "city", "op": "in", "value": list(draw.sample(CITIES, 2))})
        if number % 3 == 0:
            clauses.append({"trait": "age", "op": "gte", "value": draw.choice([25, 30, 35])})
        if number % 4 == 0:
            clauses.append({"reachable": draw.choice(["email", "official_account"])})
        if number % 5 == 0:
            clauses.append({"lifecycle": ["silent", "churned"]})
        rules.append({"all": clauses})
    return rules


def _event_clause(draw: random.Random, names: list[str]) -> dict[str, Any]:
    window = {"last_days": draw.choice([1, 3, 7, 14, 30, 60, 90, 180])}
    clause: dict[str, Any] = {"event": draw.choice(names), "aggregate": "count", "window": window}
    kind = draw.random()
    if kind < 0.2:
        return clause | {"op": "eq", "value": 0}
    if kind < 0.35:
        paid = {"event": "order_paid", "aggregate": "sum", "property": "amount", "window": window}
        return paid | {"op": "gte", "value": draw.choice([10_000, 50_000, 100_000])}
    if kind < 0.5:
        where = [{"property": "category", "op": "eq", "value": draw.choice(["serum", "mask"])}]
        return clause | {
            "event": draw.choice(["product_viewed", "cart_added"]),
            "where": where,
            "op": "gte",
            "value": 1,
        }
    if kind < 0.6:
        last = {"event": draw.choice(names), "aggregate": "last", "op": "in_last_days", "value": window["last_days"]}
        return last
    return clause | {"op": "gte", "value": draw.choice([1, 1, 2, 3, 5])}
