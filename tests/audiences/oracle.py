"""A slow, obvious reading of the rule language: one person at a time, from the rule's JSON, with nothing of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400_000
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Happened:
    time: int
    event: str
    key: int
    amount: int
    props: dict[str, Any]


@dataclass
class Human:
    traits: dict[str, Any] = field(default_factory=dict)
    created: int = 0
    entered: int = 0
    orders: int = 0
    last_order: int = 0
    channels: list[str] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)


def fits(rule: dict[str, Any], human: Human, now: int, audiences: dict[str, Any] | None = None) -> bool:
    if "all" in rule:
        return all(fits(one, human, now, audiences) for one in rule["all"])
    if "any" in rule:
        return any(fits(one, human, now, audiences) for one in rule["any"])
    if "not" in rule:
        return not fits(rule["not"], human, now, audiences)
    if "audience" in rule:
        return fits((audiences or {})[rule["audience"]], human, now, audiences)
    if "trait" in rule:
        return passes(rule, human.traits.get(rule["trait"]), now, past_only=True)
    if "reachable" in rule:
        return rule["reachable"] in human.channels
    if "entered" in rule:
        return passes_time(rule["entered"], human.entered or None, now, past_only=False)
    if "lifecycle" in rule:
        return stage(human, now) in rule["lifecycle"]
    return event_fits(rule, human, now)


def stage(human: Human, now: int) -> str:
    since = human.last_order if human.orders else (human.entered or human.created)
    age = (now - since) / DAY
    if age >= 180:
        return "churned"
    if age >= (90 if human.orders else 30):
        return "silent"
    if not human.orders:
        return "new"
    return "first_order" if human.orders == 1 else "repeat"


def event_fits(rule: dict[str, Any], human: Human, now: int) -> bool:
    counted = [
        one
        for one in human.events
        if one.event == rule["event"]
        and inside(rule.get("window"), one.time, now)
        and all(where_fits(where, one, now) for where in rule.get("where") or [])
    ]
    counted.sort(key=lambda one: (one.time, one.key))
    aggregate, name = rule.get("aggregate", "count"), rule.get("property")
    if aggregate == "count":
        return passes_number(rule, len(counted))
    if aggregate in ("first", "last"):
        if not name:
            times = [one.time for one in counted]
            return passes_time(rule, pick(aggregate, times), now, past_only=False)
        return first_or_last(rule, aggregate, [value_of(one, name) for one in counted], now)
    numbers = [number for one in counted if (number := number_of(value_of(one, name))) is not None]
    if aggregate == "sum":
        return passes_number(rule, sum(numbers))
    if not numbers:
        return passes_number(rule, None)
    answer = {"min": min(numbers), "max": max(numbers), "avg": sum(numbers) / len(numbers)}
    return passes_number(rule, answer[aggregate])


def first_or_last(rule: dict[str, Any], aggregate: str, values: list[Any], now: int) -> bool:
    """Values that can't be read the way the test compares them are passed over."""
    if rule["property"] == "amount":
        return passes_number(rule, pick(aggregate, values))
    op, value = rule["op"], rule.get("value")
    edge = value[0] if op == "between" else value
    if op in ("before", "after", "in_last_days") or (op in SIZES and isinstance(edge, str)):
        return passes_time(rule, pick(aggregate, readable(moment_of(one) for one in values)), now, past_only=False)
    if op in SIZES:
        return passes_number(rule, pick(aggregate, readable(number_of(one) for one in values)))
    return passes(rule, pick(aggregate, readable(text_of(one) for one in values)), now, past_only=True)


def readable(values: Any) -> list[Any]:
    return [one for one in values if one is not None]


def pick(aggregate: str, values: list[Any]) -> Any:
    if not values:
        return None
    return values[0] if aggregate == "first" else values[-1]


def value_of(one: Happened, name: str) -> Any:
    return one.amount if name == "amount" else one.props.get(name.removeprefix("props."))


def where_fits(where: dict[str, Any], one: Happened, now: int) -> bool:
    if where["property"] == "amount":
        return passes_number(where, one.amount)
    return passes(where, value_of(one, where["property"]), now, past_only=True)


def inside(window: dict[str, Any] | None, time: int, now: int) -> bool:
    if not window:
        return True
    if "last_days" in window:
        return time >= now - window["last_days"] * DAY
    if window.get("from") and time < span(window["from"])[0]:
        return False
    if window.get("to"):
        start, end = span(window["to"])
        return time < (end if len(window["to"]) == 10 else start)
    return True


SIZES = ("gt", "gte", "lt", "lte", "between")
OPPOSITE = {"ne": "eq", "not_in": "in", "not_contains": "contains", "not_exists": "exists"}


def passes(test: dict[str, Any], value: Any, now: int, past_only: bool) -> bool:
    op, wanted = test["op"], test.get("value")
    if op in OPPOSITE:
        return not passes({"op": OPPOSITE[op], "value": wanted}, value, now, past_only)
    if op == "exists":
        return value is not None
    edge = wanted[0] if op == "between" else wanted
    if op in ("before", "after", "in_last_days") or (op in SIZES and isinstance(edge, str)):
        return passes_time(test, moment_of(value), now, past_only)
    if op in SIZES:
        return passes_number(test, number_of(value))
    if value is None:
        return False
    if op == "eq":
        return equal(value, wanted)
    if op == "in":
        return any(equal(value, one) for one in wanted)
    if op == "contains":
        return wanted in value if isinstance(value, list) else wanted in (text_of(value) or "")
    assert op == "starts_with"
    return not isinstance(value, list) and (text_of(value) or "").startswith(wanted)


def equal(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        wanted = "true" if wanted else "false"
    if isinstance(wanted, int | float):
        return number_of(value) == wanted
    if isinstance(value, list):
        return wanted in value
    return text_of(value) == wanted


def passes_number(test: dict[str, Any], value: float | None) -> bool:
    op, wanted = test["op"], test.get("value")
    if op in OPPOSITE:
        return not passes_number({"op": OPPOSITE[op], "value": wanted}, value)
    if value is None:
        return False
    if op == "exists":
        return True
    if op == "between":
        return bool(wanted[0] <= value <= wanted[1])
    if op == "in":
        return value in wanted
    answers = {
        "eq": value == wanted,
        "gt": value > wanted,
        "gte": value >= wanted,
        "lt": value < wanted,
        "lte": value <= wanted,
    }
    return bool(answers[op])


def passes_time(test: dict[str, Any], value: int | None, now: int, past_only: bool) -> bool:
    op, wanted = test["op"], test.get("value")
    if op == "not_exists":
        return value is None
    if value is None:
        return False
    if op == "exists":
        return True
    if op == "in_last_days":
        return value >= now - wanted * DAY and (value <= now or not past_only)
    if op == "between":
        return span(wanted[0])[0] <= value < span(wanted[1])[1]
    start, end = span(wanted)
    if op in ("before", "lt"):
        return value < start
    if op in ("after", "gt"):
        return value >= end
    return value >= start if op == "gte" else value < end


def span(text: str) -> tuple[int, int]:
    """A date is its whole day in Shanghai, a time one millisecond."""
    if len(text) == 10:
        day = datetime.fromisoformat(text)
        return ms(day.replace(tzinfo=ZONE)), ms((day + timedelta(days=1)).replace(tzinfo=ZONE))
    moment = datetime.fromisoformat(text)
    start = ms(moment if moment.tzinfo else moment.replace(tzinfo=ZONE))
    return start, start + 1


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def text_of(value: Any) -> str | None:
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number_of(value: Any) -> float | None:
    if isinstance(value, bool | list):
        return None
    text = text_of(value)
    return float(text) if text is not None and re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else None


def moment_of(value: Any) -> int | None:
    text = text_of(value)
    if text is None:
        return None
    if re.fullmatch(r"\d{12,14}", text):
        return int(text)
    return span(text)[0] if re.match(r"\d{4}-\d{2}-\d{2}", text) else None
