"""Clauses as expressions of the engine's SQL. Texts are always bound; numbers are written by ``repr``.

A JSON value is read through its text, whatever its type: numbers and dates from their text too, and a list of texts
fits a text test when one of its items does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from siyu.audiences import rules
from siyu.audiences.rules import Event, Leaf, Test
from siyu.kit import DAY
from siyu.profiles import Windows, stage_sql

_COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Moment(msgspec.Struct, frozen=True):
    """What clauses are relative to: the time (epoch ms), the zone of dates without one, the lifecycle windows."""

    now: int
    zone: str
    windows: Windows


class Value(msgspec.Struct, frozen=True):
    """An expression: ``json`` (its text), ``number``, or ``time`` in ms.

    Of a JSON value also: ``items`` when it may be a list of texts, ``number``, and ``plain``, which is cheaper to read
    and missing unless the value is stored as a text.
    """

    kind: str
    sql: str
    items: str = ""
    number: str = ""
    plain: str = ""


class Terms:
    """Parameters and shared columns of one question."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.params: dict[str, Any] = {}
        self._bound: dict[tuple[str, Any], str] = {}

    def bind(self, value: str | tuple[str, ...]) -> str:
        """A placeholder for a text or a list of texts; equal values share one, so that equal clauses look the same."""
        kind = "String" if isinstance(value, str) else "Array(String)"
        name = self._bound.setdefault((kind, value), f"t{len(self._bound)}")
        self.params[name] = value if isinstance(value, str) else list(value)
        return f"{{{name}:{kind}}}"

    def person(self, leaf: Leaf) -> str:
        """A condition over the columns of ``persons``."""
        if isinstance(leaf, rules.Trait):
            return self.holds(leaf.test, _value_at(_path("traits", leaf.name)))
        if isinstance(leaf, rules.Entered):
            at = "nullIf(toUnixTimestamp64Milli(entered), 0)"
            return self.holds(leaf.test, Value("time", at))
        if isinstance(leaf, rules.Reachable):
            return f"has(channels, {self.bind(leaf.channel)})"
        if isinstance(leaf, rules.Stage):
            stage, params = stage_sql(self.moment.windows, self.moment.now)
            self.params |= params
            return f"{stage} IN {self.bind(leaf.names)}"
        raise TypeError(type(leaf))

    def holds(self, test: Test, value: Value) -> str:
        """Whether the test holds: 0 or 1, never NULL. A missing value fails it before ``negate`` is applied."""
        if test.verb == "exists":
            positive = f"isNotNull({value.sql})"
        elif value.kind == "json" and test.reading in ("any", "text"):
            positive = f"ifNull({self._text(test, value)}, 0)"
        elif test.reading == "time":
            moment = self.moment_of(value.sql) if value.kind == "json" else value.sql
            positive = f"ifNull({self._time(test, moment, value.kind == 'json')}, 0)"
        else:
            positive = f"ifNull({_number(test, value.number or value.sql)}, 0)"
        return f"NOT {positive}" if test.negate else positive

    def _text(self, test: Test, value: Value) -> str:
        texts = tuple(one for one in test.values if isinstance(one, str))
        if test.verb == "in":
            numbers = [one for one in test.values if isinstance(one, int | float)]
            parts = [self._one_of(texts, value)] if texts else []
            if numbers:
                parts.append(f"ifNull({_number_of(value)} IN ({_list(numbers)}), 0)")
            return f"({' OR '.join(parts)})"
        if test.verb == "contains":
            inside = f"position({value.sql}, {self.bind(texts[0])}) > 0"
            if not value.items:
                return f"({inside})"
            return f"if(empty({value.items}), {inside}, has({value.items}, {self.bind(texts[0])}))"
        return f"startsWith({value.sql}, {self.bind(texts[0])})"

    def _one_of(self, texts: tuple[str, ...], value: Value) -> str:
        text = value.plain if value.plain and not any(map(_may_be_no_text, texts)) else value.sql
        same = f"ifNull({text} IN {self.bind(texts)}, 0)"
        if not value.items:
            return same
        return f"if(empty({value.items}), {same}, hasAny({value.items}, {self.bind(texts)}))"

    def moment_of(self, text: str) -> str:
        """Epoch ms of a text: an ISO date or time, or epoch ms as digits; NULL when it is neither."""
        parsed = f"parseDateTime64BestEffortOrNull({text}, 3, {self.bind(self.moment.zone)})"
        return (
            f"multiIf(match({text}, '^[0-9]{{12,14}}$'), toInt64OrNull({text}), "
            f"match({text}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'), toUnixTimestamp64Milli({parsed}), NULL)"
        )

    def _time(self, test: Test, moment: str, until_now: bool) -> str:
        """A trait may lie ahead ("appointment"), so the last days end now; what happened can't."""
        if test.verb == "recent":
            days = test.values[0]
            since = f"{moment} >= {self.days_ago(days if isinstance(days, int | float) else 0)}"
            return f"({since} AND {moment} <= {self.moment.now})" if until_now else f"({since})"
        low, high = test.values
        parts = [f"{moment} >= {low}"] if low is not None else []
        parts += [f"{moment} < {high}"] if high is not None else []
        return f"({' AND '.join(parts) or f'isNotNull({moment})'})"

    def days_ago(self, days: float) -> int:
        return self.moment.now - round(days * DAY)


def _number(test: Test, number: str) -> str:
    if test.verb == "in":
        return f"({number} IN ({_list([one for one in test.values if isinstance(one, int | float)])}))"
    if test.verb == "between":
        return f"({number} BETWEEN {test.values[0]!r} AND {test.values[1]!r})"
    return f"({number} {_COMPARED[test.verb]} {test.values[0]!r})"


def _list(numbers: list[int | float] | list[float]) -> str:
    return ", ".join(repr(one) for one in numbers)


def _path(column: str, name: str) -> str:
    """The place of a property in a JSON column. Parsing has refused names with backticks or backslashes."""
    if "`" in name or "\\" in name:
        raise ValueError(name)
    return ".".join([column, *(f"`{part}`" for part in name.split("."))])


def _may_be_no_text(text: str) -> bool:
    """Whether a number, a boolean, a date or a list could have this text."""
    return text[:1] in set("0123456789+-.[") or text in ("true", "false", "nan", "inf")


def _number_of(value: Value) -> str:
    return value.number or f"toFloat64OrNull({value.sql})"


def _value_at(path: str) -> Value:
    """The value at a place in a JSON column. (``toString`` would make an empty text of what is missing.)"""
    text = f"{path}.:String"
    number = f"coalesce(toFloat64({path}.:Int64), {path}.:Float64, toFloat64OrNull({text}))"
    return Value("json", f"CAST({path}, 'Nullable(String)')", f"{path}.:`Array(Nullable(String))`", number, text)


class EventTerms:
    """Expressions over a reduced events table, and the columns it then has to have.

    The columns: ``who``, ``event``, ``at`` (ms), ``key``, ``amount``, and for each property its readings. ``low`` and
    ``high`` bound the times any of the probes can need, None where one needs all.
    """

    def __init__(self, terms: Terms, probes: Sequence[Event]) -> None:
        self._terms = terms
        self._columns: dict[str, str] = {"at": "toUnixTimestamp64Milli(time)"}
        self._properties: dict[str, Value] = {}
        lows, highs = zip(*(bounds(probe, terms) for probe in probes), strict=True)
        self.low = None if None in lows else min(lows)
        self.high = None if None in highs else max(highs)

    def columns(self) -> str:
        return ", ".join(f"{sql} AS {name}" for name, sql in self._columns.items())

    def cell(self, probe: Event, *, named: bool) -> Value:
        """The aggregate of a probe; ``named`` when rows of other event names are around."""
        condition = self._condition(probe, named)
        if probe.aggregate == "count":
            return Value("number", f"countIf({condition})")
        if probe.aggregate in ("first", "last") and not probe.property:
            function = "minOrNullIf" if probe.aggregate == "first" else "maxOrNullIf"
            return Value("time", f"{function}(at, {condition})")
        measured = self._measured(probe)
        if probe.aggregate == "sum":
            return Value("number", f"ifNull(sumIf({measured.sql}, {condition}), 0)")
        if probe.aggregate in ("first", "last"):
            function = "argMinIf" if probe.aggregate == "first" else "argMaxIf"
            present = f"{condition} AND isNotNull({measured.sql})"
            return Value(measured.kind, f"{function}({measured.sql}, (at, key), {present})")
        return Value("number", f"{probe.aggregate}OrNullIf({measured.sql}, {condition})")

    def _measured(self, probe: Event) -> Value:
        """What is aggregated, read the way the test compares it; values that can't be read so are passed over."""
        if probe.property == "amount":
            self._columns["paid"] = "toNullable(amount)"
            return Value("number", "paid")
        value = self._property(probe.property)
        if probe.aggregate not in ("first", "last") or probe.test.reading == "number":
            return Value("number", value.number)
        if probe.test.reading == "time":
            return Value("time", self._terms.moment_of(value.sql))
        return Value("json", f"if(empty({value.items}), {value.sql}, NULL)")

    def _condition(self, probe: Event, named: bool) -> str:
        parts = [f"event = {self._terms.bind(probe.name)}"] if named else []
        low, high = bounds(probe, self._terms)
        parts += [f"at >= {low}"] if low != self.low else []
        parts += [f"at < {high}"] if high != self.high else []
        for where in probe.where:
            parts.append(self._terms.holds(where.test, self._property(where.property)))
        return " AND ".join(parts) or "1"

    def _property(self, name: str) -> Value:
        if name == "amount":
            self._columns["amount"] = "amount"
            return Value("number", "amount")
        if name not in self._properties:
            stem = f"p{len(self._properties)}"
            value = _value_at(_path("props", name.removeprefix(".")))
            readings = {"": value.sql, "_items": value.items, "_number": value.number, "_plain": value.plain}
            self._columns |= {stem + ending: sql for ending, sql in readings.items()}
            self._properties[name] = Value("json", stem, f"{stem}_items", f"{stem}_number", f"{stem}_plain")
        return self._properties[name]


def bounds(probe: Event, terms: Terms) -> tuple[int | None, int | None]:
    """(from, before) of a probe's window, epoch ms."""
    if probe.window is None:
        return None, None
    if probe.window.days is not None:
        return terms.days_ago(probe.window.days), None
    return probe.window.start, probe.window.end


__all__ = ["EventTerms", "Moment", "Terms", "Value", "bounds"]
