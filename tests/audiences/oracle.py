"""A slow, obvious reading of the rule language: one person at a time, from the rule's JSON, with nothing of ours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400_000


class SHOP:
    """Where dates and days belong."""

    zone = ZoneInfo("Asia/Shanghai")


@contextmanager
def shop_in(zone: str) -> Iterator[None]:
    before, SHOP.zone = SHOP.zone, ZoneInfo(zone)
    try:
        yield
    finally:
        SHOP.zone = before


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
    tags: dict[str, Any] = field(default_factory=dict)
    created: int = 0
    entered: int = 0
    orders: int = 0
    last_order: int = 0
    channels: list[str] = field(default_factory=list)
    consents: list[str] = field(default_factory=list)
    number: int = 0
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
    if "tag" in rule:
        return passes(rule, human.tags.get(rule["tag"]), now, past_only=True)
    if "reachable" in rule:
        return rule["reachable"] in human.channels
    if "entered" in rule:
        return passes_time(rule["entered"], human.entered or None, now, past_only=False)
    if "lifecycle" in rule:
        return stage(human, now) in rule["lifecycle"]
    if "consent" in rule:
        return consent_fits(rule["consent"], human)
    if "random" in rule:
        return random_fits(rule["random"], human)
    if "sequence" in rule:
        return sequence_fits(rule, human, now)
    return event_fits(rule, human, now)


def consent_fits(consent: dict[str, Any], human: Human) -> bool:
    about = f"{consent.get('purpose', 'marketing')}/{consent['channel']}="
    answers = [one.removeprefix(about) for one in human.consents if one.startswith(about)]
    return (answers or ["unknown"]) == [consent["state"]]


def random_fits(random: dict[str, Any], human: Human) -> bool:
    digest = hashlib.md5(f"{random.get('salt', '')}:{human.number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 1_000_000 < random["percent"] * 10_000


def sequence_fits(rule: dict[str, Any], human: Human, now: int) -> bool:
    """Every way of picking an event for each step."""
    within = rule["within"]["n"] * UNIT[rule["within"]["unit"]]
    first, *later = [
        [one.time for one in human.events if one.event == step["event"] and wheres_fit(step, one, now)]
        for step in rule["sequence"]
    ]
    first = [time for time in first if inside(rule.get("window"), time, now, human)]
    if rule["sequence"][-1].get("absent"):
        return any(
            start + within < now and not any(start < end <= start + within for end in later[0]) for start in first
        )
    return any(follows(start, later, start + within) for start in first)


def follows(after: int, steps: list[list[int]], until: int) -> bool:
    if not steps:
        return True
    return any(follows(time, steps[1:], until) for time in steps[0] if after < time <= until)


def wheres_fit(holder: dict[str, Any], one: Happened, now: int) -> bool:
    return all(where_fits(where, one, now) for where in holder.get("where") or [])


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
    if isinstance(rule["value"], dict) if "value" in rule else False:
        return own_fits(rule, human, now)
    counted = counted_in(rule, rule.get("window"), human, now)
    aggregate, name = rule.get("aggregate", "count"), rule.get("property")
    if aggregate == "count":
        return passes_number(rule, len(counted))
    if aggregate == "distinct":
        return passes_number(rule, distinct(counted, name))
    if aggregate in ("first", "last"):
        if not name:
            times = [one.time for one in counted]
            return passes_time(rule, pick(aggregate, times), now, past_only=False)
        return first_or_last(rule, aggregate, [value_of(one, name) for one in counted], now)
    return passes_number(rule, measure(aggregate, name, counted))


def counted_in(rule: dict[str, Any], window: dict[str, Any] | None, human: Human, now: int) -> list[Happened]:
    counted = [
        one
        for one in human.events
        if one.event == rule["event"] and inside(window, one.time, now, human) and wheres_fit(rule, one, now)
    ]
    return sorted(counted, key=lambda one: (one.time, one.key))


def distinct(counted: list[Happened], name: str) -> int:
    return len(set(readable(text_of(value_of(one, name)) for one in counted)))


def measure(aggregate: str, name: str, counted: list[Happened]) -> float | None:
    numbers = [number for one in counted if (number := number_of(value_of(one, name))) is not None]
    if aggregate == "sum":
        return sum(numbers)
    if not numbers:
        return None
    return {"min": min(numbers), "max": max(numbers), "avg": sum(numbers) / len(numbers)}[aggregate]


def own_fits(rule: dict[str, Any], human: Human, now: int) -> bool:
    """Now against so many times what is usual for this person over another stretch of time."""
    aggregate, name, windows = rule["aggregate"], rule.get("property"), (rule["window"], rule["value"]["window"])
    here, usual = (counted_in(rule, window, human, now) for window in windows)
    scale = 1.0
    values: list[float | None]
    if aggregate in ("count", "sum", "distinct"):
        scale = lasts(windows[0]) / lasts(windows[1])
        parts = {
            "count": len,
            "sum": lambda some: measure("sum", name, some),
            "distinct": lambda some: distinct(some, name),
        }
        values = [parts[aggregate](some) for some in (here, usual)]
    else:
        values = [measure(aggregate, name, some) for some in (here, usual)]
    if values[0] is None or values[1] is None or values[1] <= 0:
        return False
    return passes_number({"op": rule["op"], "value": float(rule["value"]["own"]) * scale * values[1]}, values[0])


def lasts(window: dict[str, Any]) -> float:
    if "last_days" in window:
        return float(window["last_days"] * DAY)
    if "last" in window:
        return float(window["last"] * UNIT[window["unit"]])
    return float((window["ago"][1] - window["ago"][0]) * UNIT[window["unit"]])


def first_or_last(rule: dict[str, Any], aggregate: str, values: list[Any], now: int) -> bool:
    """Values that can't be read the way the test compares them are passed over."""
    if rule["property"] == "amount":
        return passes_number(rule, pick(aggregate, values))
    op, value = rule["op"], rule.get("value")
    edge = value[0] if op == "between" else value
    if op == "recurs_in_next_days":
        return recurs(pick(aggregate, readable(month_day_of(one) for one in values)), now, value)
    if op in DATED or (op in SIZES and isinstance(edge, str)):
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


UNIT = {"minutes": 60_000, "hours": 3_600_000, "days": DAY, "weeks": 7 * DAY}


def before(now: int, number: float, unit: str) -> float:
    """So long before now; months on the wall calendar in Shanghai, at the end of shorter ones."""
    if unit != "months":
        return now - number * UNIT[unit]
    wall = datetime.fromtimestamp(now / 1000, SHOP.zone).replace(microsecond=0)
    year, month = wall.year, wall.month
    for _ in range(int(number)):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    day = wall.day
    while True:
        try:
            return ms(wall.replace(year=year, month=month, day=day)) + now % 1000
        except ValueError:
            day -= 1


def inside(window: dict[str, Any] | None, time: int, now: int, human: Human) -> bool:
    if not window:
        return True
    if "last_days" in window:
        return time >= now - window["last_days"] * DAY
    if "last" in window:
        return time >= before(now, window["last"], window["unit"])
    if "before" in window:
        return time < before(now, window["before"], window["unit"])
    if "ago" in window:
        near, far = window["ago"]
        return before(now, far, window["unit"]) <= time < before(now, near, window["unit"])
    if "since" in window:
        times = [one.time for one in human.events if one.event == window["event"]]
        return bool(times) and time > (min(times) if window["since"] == "first" else max(times))
    if window.get("from") and time < span(window["from"])[0]:
        return False
    if window.get("to"):
        start, end = span(window["to"])
        return time < (end if len(window["to"]) == 10 else start)
    return True


def recurs(month_day: str | None, now: int, ahead: int) -> bool:
    """Walks the days from today on; the 29th of February is kept on the 28th in years without it."""
    if month_day is None:
        return False
    day = datetime.fromtimestamp(now / 1000, SHOP.zone).date()
    return any(kept_on(month_day, day + timedelta(days=number)) for number in range(ahead + 1))


def kept_on(month_day: str, day: date) -> bool:
    if month_day == "02-29" and day.month == 2 and day.day == 28:
        return (day + timedelta(days=1)).month == 3
    return day.strftime("%m-%d") == month_day


def month_day_of(value: Any) -> str | None:
    text = text_of(value)
    if text is None:
        return None
    if re.fullmatch(r"(\d{4}-)?\d{2}-\d{2}", text):
        return text[-5:]
    return local_day(moment_of(value))


def local_day(moment: int | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment / 1000, SHOP.zone).strftime("%m-%d")


DATED = ("before", "after", "in_last_days", "in_next_days")
SIZES = ("gt", "gte", "lt", "lte", "between")
OPPOSITE = {"ne": "eq", "not_in": "in", "not_contains": "contains", "not_exists": "exists"}


def passes(test: dict[str, Any], value: Any, now: int, past_only: bool) -> bool:
    op, wanted = test["op"], test.get("value")
    if op in OPPOSITE:
        return not passes({"op": OPPOSITE[op], "value": wanted}, value, now, past_only)
    if op == "exists":
        return value is not None
    if op == "recurs_in_next_days":
        return recurs(month_day_of(value), now, wanted)
    edge = wanted[0] if op == "between" else wanted
    if op in DATED or (op in SIZES and isinstance(edge, str)):
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
    if op == "recurs_in_next_days":
        return recurs(local_day(value), now, wanted)
    if op == "in_next_days":
        return now < value <= now + wanted * DAY
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
        return ms(day.replace(tzinfo=SHOP.zone)), ms((day + timedelta(days=1)).replace(tzinfo=SHOP.zone))
    moment = datetime.fromisoformat(text)
    start = ms(moment if moment.tzinfo else moment.replace(tzinfo=SHOP.zone))
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
