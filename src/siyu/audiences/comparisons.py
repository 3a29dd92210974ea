"""The comparisons of the rule language: operator and value → typed test."""
# mypy: disable-error-code="func-returns-value"
# ("return say(...)" notes a problem and gives up the clause)

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from siyu.audiences.rules import MAX_CHOICES, MAX_DAYS, MAX_TEXT, Test, Verb
from siyu.audiences.times import span_of

Kind: TypeAlias = Literal["json", "number", "number_or_none", "time"]
"""What is compared: a JSON value of any type, a number that always exists, one that may be missing, a time."""

_PRESENCE = ("exists", "not_exists")
_SIZES = ("gt", "gte", "lt", "lte", "between")
_NUMBER = ("eq", "ne", *_SIZES, "in", "not_in")
_TIME = (*_SIZES, "before", "after", "in_last_days", "recurs_in_next_days")
_DATED = ("before", "after", "in_last_days", "in_next_days", "recurs_in_next_days")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "json": (*_NUMBER, "contains", "not_contains", "starts_with", *_DATED, *_PRESENCE),
    "number": _NUMBER,
    "number_or_none": (*_NUMBER, *_PRESENCE),
    "time": (*_TIME, *_PRESENCE),
}
_NEGATED = {"ne": "eq", "not_in": "in", "not_contains": "contains", "not_exists": "exists"}
_TEXTUAL: dict[str, Verb] = {"contains": "contains", "starts_with": "starts_with"}
_SIZE_VERBS: dict[str, Verb] = {"gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte", "between": "between"}
_MISSING = object()
_YEAR = 365


class Say(Protocol):
    def __call__(self, pointer: str, code: str, **params: str | int) -> None: ...


def text_ok(value: object, longest: int = MAX_TEXT) -> bool:
    """A text that the engine can take: not too long, no half of a surrogate pair."""
    return isinstance(value, str) and len(value) <= longest and not any("\ud800" <= one <= "\udfff" for one in value)


class TestParser:
    """Reads ``op`` and ``value`` of a clause; what is wrong goes to ``say``."""

    __test__ = False

    def __init__(self, zone: ZoneInfo, say: Say) -> None:
        self._zone = zone
        self._say = say

    def test(self, data: dict[str, Any], at: str, kind: Kind) -> Test | None:
        op = data.get("op")
        known = OPERATORS[kind]
        if op not in known:
            return self._say(f"{at}/op", "unknown_op", op=str(op or "")[:40], known=", ".join(known))
        value = data.get("value", _MISSING)
        base = _NEGATED.get(op, op)
        negate = op in _NEGATED
        if base == "exists":
            if value is not _MISSING and value is not None:
                return self._say(f"{at}/value", "no_value_wanted", op=op)
            return Test("exists", "any", (), negate)
        return self._reader(base, kind)(base, value, f"{at}/value", negate, kind)

    def _reader(self, base: str, kind: Kind) -> Callable[[str, Any, str, bool, Kind], Test | None]:
        if base in ("eq", "in"):
            return self._choice
        if base in _TEXTUAL:
            return self._textual
        if base in ("in_last_days", "in_next_days"):
            return self._near
        return self._recurs if base == "recurs_in_next_days" else self._size

    def _choice(self, base: str, value: Any, at: str, negate: bool, kind: Kind) -> Test | None:
        if base == "eq":
            value = [value]
        elif not isinstance(value, list) or not value or len(value) > MAX_CHOICES:
            return self._say(at, "needs_list", limit=MAX_CHOICES)
        chosen: list[str | float | None] = []
        for place, item in enumerate(value):
            spot = at if base == "eq" else f"{at}/{place}"
            one = self._scalar(item, spot, kind)
            if one is None:
                return None
            chosen.append(one)
        return Test("in", "any" if kind == "json" else "number", tuple(dict.fromkeys(chosen)), negate)

    def _scalar(self, value: object, at: str, kind: Kind) -> str | float | None:
        if isinstance(value, bool) and kind == "json":
            return "true" if value else "false"
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.number(value, at)
        if kind != "json":
            return self._say(at, "needs_number")
        if isinstance(value, str):
            return value if text_ok(value) else self._say(at, "needs_text", limit=MAX_TEXT)
        return self._say(at, "needs_scalar")

    def _textual(self, base: str, value: Any, at: str, negate: bool, _kind: Kind) -> Test | None:
        if not text_ok(value) or not value:
            return self._say(at, "needs_text", limit=MAX_TEXT)
        return Test(_TEXTUAL[base], "text", (value,), negate)

    def _near(self, base: str, value: Any, at: str, negate: bool, _kind: Kind) -> Test | None:
        days = self.days(value, at)
        verb: Verb = "recent" if base == "in_last_days" else "upcoming"
        return Test(verb, "time", (days,), negate) if days is not None else None

    def _recurs(self, _base: str, value: Any, at: str, negate: bool, _kind: Kind) -> Test | None:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _YEAR:
            return Test("recurs", "time", (value,), negate)
        return self._say(at, "needs_whole_days", limit=_YEAR - 1)

    def _size(self, base: str, value: Any, at: str, negate: bool, kind: Kind) -> Test | None:
        if base == "between":
            if not isinstance(value, list) or len(value) != 2:
                return self._say(at, "needs_pair")
            values, spots = value, [f"{at}/0", f"{at}/1"]
        else:
            values, spots = [value], [at]
        timely = kind == "time" or base in ("before", "after") or (kind == "json" and isinstance(values[0], str))
        if timely:
            return self._time(base, values, spots, negate, kind)
        numbers = [self.number(one, spot) for one, spot in zip(values, spots, strict=True)]
        if any(one is None for one in numbers):
            return None
        if base == "between" and (numbers[0] or 0) > (numbers[1] or 0):
            return self._say(at, "upside_down")
        return Test(_SIZE_VERBS[base], "number", tuple(numbers), negate)

    def _time(self, base: str, values: list[Any], spots: list[str], negate: bool, kind: Kind) -> Test | None:
        spans: list[tuple[int, int]] = []
        for value, spot in zip(values, spots, strict=True):
            span = span_of(value, self._zone)
            if span is None:
                wanted = "needs_comparable" if kind == "json" and base in _SIZES else "needs_time"
                return self._say(spot, wanted)
            spans.append(span)
        low, high = _bounds(base, spans)
        if low is not None and high is not None and low >= high:
            return self._say(spots[0].rpartition("/")[0], "upside_down")
        return Test("between", "time", (low, high), negate)

    def number(self, value: object, at: str) -> float | None:
        """A finite number; whole ones as int, so that they read as people wrote them."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            if isinstance(value, int) and abs(value) < 1 << 53:
                return value
            try:
                real = float(value)
            except OverflowError:
                real = math.inf
            if math.isfinite(real):
                return int(real) if real.is_integer() and abs(real) < 1 << 53 else real
        return self._say(at, "needs_number")

    def days(self, value: object, at: str) -> float | None:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MAX_DAYS:
            return value
        return self._say(at, "needs_days", limit=MAX_DAYS)


def _bounds(base: str, spans: list[tuple[int, int]]) -> tuple[int | None, int | None]:
    """(from, before): a date stands for its whole day."""
    if base in ("before", "lt"):
        return None, spans[0][0]
    if base in ("after", "gt"):
        return spans[0][1], None
    if base == "gte":
        return spans[0][0], None
    if base == "lte":
        return None, spans[0][1]
    return spans[0][0], spans[1][1]
