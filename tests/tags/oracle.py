"""Slow, obvious readings of the kinds of tags: one person at a time, from the config as it was written."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from tests.audiences.oracle import (
    DAY,
    SHOP,
    Happened,
    Human,
    counted_in,
    follows,
    inside,
    measure,
    number_of,
    text_of,
    value_of,
    wheres_fit,
)
from tests.audiences.oracle import distinct as kinds_of

UNIT = {"minutes": 60_000, "hours": 3_600_000, "days": DAY, "weeks": 7 * DAY}


def value(kind: str, config: dict[str, Any], human: Human, now: int, everybody: list[Human]) -> Any:
    """None, a text, or a list of texts."""
    if kind == "sequence":
        return sequence(config, human, now)
    event = {"event": config.get("event", "order_paid"), "where": config.get("where")}
    counted = [one for one in counted_in(event, config.get("window"), human, now) if one.time <= now]
    if kind == "rfm":
        return rfm(config, counted, now, [in_scope(event, config, other, now) for other in everybody])
    return {
        "number": number,
        "first_last": first_last,
        "preference": preference,
        "distribution": distribution,
        "interval": interval,
    }[kind](config, counted, now)


def in_scope(event: dict[str, Any], config: dict[str, Any], human: Human, now: int) -> list[Happened]:
    return [one for one in counted_in(event, config.get("window"), human, now) if one.time <= now]


def plain(number: float) -> str:
    rounded = round(number, 6)
    return str(int(rounded)) if float(rounded).is_integer() else repr(rounded)


def number(config: dict[str, Any], counted: list[Happened], now: int) -> str | None:
    if not counted:
        return None
    name = config.get("property", "")
    if config["measure"] == "count":
        return str(len(counted))
    if config["measure"] == "days_since":
        return str((now - max(one.time for one in counted)) // DAY)
    if config["measure"] == "distinct":
        return str(kinds_of(counted, name) or "") or None
    numbers = [found for one in counted if (found := number_of(value_of(one, name))) is not None]
    if not numbers:
        return None
    found = sum(numbers) if config["measure"] == "sum" else measure(config["measure"], name, counted)
    return None if found is None else plain(found)


def first_last(config: dict[str, Any], counted: list[Happened], _now: int) -> str | None:
    name = config.get("property", "")
    if name:
        texts = [text for one in counted if (text := text_of(value_of(one, name)))]
        return (texts[0] if config["which"] == "first" else texts[-1]) if texts else None
    if not counted:
        return None
    at = counted[0].time if config["which"] == "first" else counted[-1].time
    return datetime.fromtimestamp(at // 1000, SHOP.zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def preference(config: dict[str, Any], counted: list[Happened], _now: int) -> Any:
    weights: Counter[str] = Counter()
    for one in counted:
        found = value_of(one, config["property"])
        for text in [text for text in found if text] if isinstance(found, list) else [text_of(found)]:
            if text:
                weights[text] += one.amount if config.get("by") == "amount" else 1
    total = sum(weights.values())
    ranked = sorted(((-weight, text) for text, weight in weights.items() if weight > 0))
    kept = [text for weight, text in ranked if -weight * 100 >= config.get("share", 0) * total]
    top = config.get("top", 1)
    if not kept:
        return None
    return kept[0] if top == 1 else kept[:top]


def distribution(config: dict[str, Any], counted: list[Happened], _now: int) -> str | None:
    if len(counted) < config.get("least", 1):
        return None
    local = [datetime.fromtimestamp(one.time / 1000, SHOP.zone) for one in counted]
    parts = Counter(each.hour if config["of"] == "hour" else each.isoweekday() for each in local)
    return str(min(parts, key=lambda part: (-parts[part], part))) if parts else None


def interval(config: dict[str, Any], counted: list[Happened], _now: int) -> str | None:
    times = sorted({one.time for one in counted})
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if len(gaps) < config.get("least", 1):
        return None
    usual = median(gaps)
    if config["answer"] == "days":
        days = round(usual / DAY * 10) / 10
        return str(int(days)) if days.is_integer() else str(days)
    return datetime.fromtimestamp(int(times[-1] + usual) / 1000, SHOP.zone).date().isoformat()


def sequence(config: dict[str, Any], human: Human, now: int) -> str | None:
    within = config["within"]["n"] * UNIT[config["within"]["unit"]]
    first, *later = [
        [
            one.time
            for one in human.events
            if one.event == step["event"] and one.time <= now and wheres_fit(step, one, now)
        ]
        for step in config["sequence"]
    ]
    first = [time for time in first if inside(config.get("window"), time, now, human)]
    if any(follows(start, later, start + within) for start in first):
        return "yes"
    return "no" if first else None


def rfm(config: dict[str, Any], counted: list[Happened], now: int, everybody: list[list[Happened]]) -> str | None:
    if not counted:
        return None
    mine = numbers(counted, now)
    buyers = [numbers(one, now) for one in everybody if one]
    fixed = config.get("bands") == "fixed"
    scores = []
    for place, part in enumerate(("recency", "frequency", "money")):
        if fixed:
            edges = sorted(set(config[part]))
            above = [edge for edge in edges if (mine[place] <= edge if part == "recency" else mine[place] >= edge)]
        else:
            ranked = sorted(one[place] for one in buyers)
            parts = config.get("parts", 5)
            edges = sorted({ranked[level(each / parts, len(ranked))] for each in range(1, parts)})
            above = [edge for edge in edges if (mine[place] <= edge if part == "recency" else mine[place] > edge)]
        scores.append((1 + len(above), len(edges) + 1))
    if config.get("answer") == "code":
        return "".join(str(score) for score, _ in scores)
    return "".join("h" if score * 2 > most + 1 else "l" for score, most in scores)


def level(share: float, count: int) -> int:
    """Where the engine's exact quantile lies among so many."""
    return min(int(round(share, 6) * count), count - 1)


def numbers(counted: list[Happened], now: int) -> tuple[int, int, int]:
    return (now - max(one.time for one in counted)) // DAY, len(counted), sum(one.amount for one in counted)
