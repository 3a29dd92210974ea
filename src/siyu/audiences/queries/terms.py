"""Clauses as expressions of the engine's SQL. Texts are always bound; numbers are written by ``repr``.

A JSON value is read through its text, whatever its type: numbers and dates from their text too, and a list of texts
fits a text test when one of its items does.
"""

from __future__ import annotations

from collections.abc import Sequence as Sequence_
from typing import Any

import msgspec

from siyu.audiences import rules
from siyu.audiences.rules import Event, Known, Sequence, Span, Test, Where, Window
from siyu.audiences.times import ago, days_of_year, length
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

    def __init__(self, moment: Moment, prefix: str = "t") -> None:
        self.moment = moment
        self._prefix = prefix
        self.params: dict[str, Any] = {}
        self._bound: dict[tuple[str, Any], str] = {}

    def bind(self, value: str | tuple[str, ...]) -> str:
        """A placeholder for a text or a list of texts; equal values share one, so that equal clauses look the same."""
        kind = "String" if isinstance(value, str) else "Array(String)"
        name = self._bound.setdefault((kind, value), f"{self._prefix}{len(self._bound)}")
        self.params[name] = value if isinstance(value, str) else list(value)
        return f"{{{name}:{kind}}}"

    def person(self, leaf: Known) -> str:
        """A condition over the columns of ``persons``."""
        if isinstance(leaf, rules.Trait):
            return self.holds(leaf.test, value_at("traits", leaf.name))
        if isinstance(leaf, rules.Entered):
            at = "nullIf(toUnixTimestamp64Milli(entered), 0)"
            return self.holds(leaf.test, Value("time", at))
        if isinstance(leaf, rules.Reachable):
            return f"has(channels, {self.bind(leaf.channel)})"
        if isinstance(leaf, rules.Stage):
            stage, params = stage_sql(self.moment.windows, self.moment.now)
            self.params |= {self._prefix + name: value for name, value in params.items()}
            return f"{stage.replace('{stage_', '{' + self._prefix + 'stage_')} IN {self.bind(leaf.names)}"
        return self._consent(leaf) if isinstance(leaf, rules.Consent) else self._random(leaf)

    def _consent(self, leaf: rules.Consent) -> str:
        said = [f"{leaf.purpose}/{leaf.channel}={state}" for state in ("granted", "withdrawn")]
        if leaf.state == "unknown":
            return f"NOT hasAny(consents, {self.bind(tuple(said))})"
        return f"has(consents, {self.bind(f'{leaf.purpose}/{leaf.channel}={leaf.state}')})"

    def _random(self, leaf: rules.Random) -> str:
        """By hash of the person, in steps of a ten thousandth of a percent."""
        drawn = f"halfMD5(concat({self.bind(leaf.salt + ':')}, toString(person))) % 1000000"
        return f"{drawn} < {round(leaf.percent * 10_000)}"

    def holds(self, test: Test, value: Value) -> str:
        """Whether the test holds: 0 or 1, never NULL. A missing value fails it before ``negate`` is applied."""
        if test.verb == "exists":
            positive = f"isNotNull({value.sql})"
        elif value.kind == "json" and test.reading in ("any", "text"):
            positive = f"ifNull({self._text(test, value)}, 0)"
        elif test.verb == "recurs":
            days = days_of_year(self.moment.now, self.moment.zone, int(_days(test)))
            positive = f"ifNull({self.day_of_year(value)} IN {self.bind(days)}, 0)"
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

    def against(self, probe: Event, value: str, usual: str) -> str:
        """Whether ``value`` is more or less than so many times the person's own ``usual``."""
        times = float(probe.test.values[0] or 0) * _scale(probe)
        return f"ifNull({usual} > 0 AND {value} {_COMPARED[probe.test.verb]} {times!r} * {usual}, 0)"

    def day_of_year(self, value: Value) -> str:
        """``MM-DD`` of a date as written (``1990-02-14``, ``02-14``), or of a moment where the shop is."""
        moment = self.moment_of(value.sql) if value.kind == "json" else value.sql
        local = f"formatDateTime(fromUnixTimestamp64Milli({moment}, {self.bind(self.moment.zone)}), '%m-%d')"
        if value.kind != "json":
            return local
        return (
            f"multiIf(match({value.sql}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'), substring({value.sql}, 6), "
            f"match({value.sql}, '^[0-9]{{2}}-[0-9]{{2}}$'), {value.sql}, {local})"
        )

    def _time(self, test: Test, moment: str, until_now: bool) -> str:
        """A trait may lie ahead ("appointment"), so the last days end now; what happened can't."""
        if test.verb == "upcoming":
            return f"({moment} > {self.moment.now} AND {moment} <= {self.days_ago(-_days(test))})"
        if test.verb == "recent":
            since = f"{moment} >= {self.days_ago(_days(test))}"
            return f"({since} AND {moment} <= {self.moment.now})" if until_now else f"({since})"
        low, high = test.values
        parts = [f"{moment} >= {low}"] if low is not None else []
        parts += [f"{moment} < {high}"] if high is not None else []
        return f"({' AND '.join(parts) or f'isNotNull({moment})'})"

    def days_ago(self, days: float) -> int:
        return self.moment.now - round(days * DAY)

    def edge(self, edge: int | Span | None) -> int | None:
        """Epoch ms of an edge of a window."""
        return ago(edge, self.moment.now, self.moment.zone) if isinstance(edge, Span) else edge

    def bounds(self, window: Window | None) -> tuple[int | None, int | None]:
        """(from, before) of a window, epoch ms."""
        return (self.edge(window.start), self.edge(window.end)) if window else (None, None)


def _days(test: Test) -> float:
    days = test.values[0]
    return days if isinstance(days, int | float) else 0


def _scale(probe: Event) -> float:
    """What the usual is multiplied by to be of the same length of time; nothing for averages and extremes."""
    if probe.aggregate not in rules.FROM_NOTHING or probe.window is None or probe.usual is None:
        return 1.0
    return _lasts(probe.window) / _lasts(probe.usual)


def _lasts(window: Window) -> int:
    start, end = window.start, window.end
    return (length(start) if isinstance(start, Span) else 0) - (length(end) if isinstance(end, Span) else 0)


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


def value_at(column: str, name: str) -> Value:
    """The value at a place in a JSON column. (``toString`` would make an empty text of what is missing.)"""
    path = _path(column, name)
    text = f"{path}.:String"
    number = f"coalesce(toFloat64({path}.:Int64), {path}.:Float64, toFloat64OrNull({text}))"
    return Value("json", f"CAST({path}, 'Nullable(String)')", f"{path}.:`Array(Nullable(String))`", number, text)


TAGGED = Value("json", "value", "items", "toFloat64OrNull(value)")
"""The value of a tag in ``tag_rows``: its text, and its items where it has several."""


def tag_rows(tag: str, where: str) -> str:
    """The latest value a tag gave each person (``person``, ``value``, ``items``); ``tag`` is a placeholder."""
    latest = "argMax(tag_values.value, version) AS text, argMax(tag_values.items, version) AS list"
    rows = f"SELECT person, {latest} FROM tag_values WHERE tag = {tag} AND {where} GROUP BY person"  # noqa: S608
    return f"SELECT person, toNullable(text) AS value, list AS items FROM ({rows}) WHERE text != ''"  # noqa: S608


class EventTerms:
    """Expressions over a reduced events table, and the columns it then has to have.

    The columns: ``who``, ``event``, ``at`` (ms), ``key``, ``amount``, for each property its readings, and for each
    anchor its time. ``low`` and ``high`` bound the times any of the probes can need, None where one needs all.
    """

    def __init__(self, terms: Terms, probes: Sequence_[Event | Sequence]) -> None:
        self._terms = terms
        self._columns: dict[str, str] = {"at": "toUnixTimestamp64Milli(time)"}
        self._properties: dict[str, Value] = {}
        self.anchors: dict[rules.Anchor, str] = {}
        windows = [terms.bounds(window) for probe in probes for window in _windows(probe)]
        lows, highs = zip(*windows, strict=True)
        whole = any(isinstance(probe, Sequence) or _anchor(probe) for probe in probes)
        self.low = None if None in lows else min(lows)
        self.high = None if whole or None in highs else max(highs)

    def columns(self) -> str:
        return ", ".join(f"{sql} AS {name}" for name, sql in self._columns.items())

    def when(self, probe: Event) -> str:
        """The condition on a row to count for the probe, rows of other event names being around."""
        return self._condition(probe.name, probe.window, probe.where, named=True)

    def read(self, name: str) -> Value:
        """The readings of a property: ``amount``, or ``.`` and the path inside the props."""
        return self._property(name)

    def cell(self, probe: Event, *, named: bool, window: Window | None) -> Value:
        """The aggregate of a probe over ``window``; ``named`` when rows of other event names are around."""
        condition = self._condition(probe.name, window, probe.where, named)
        if probe.aggregate == "count":
            return Value("number", f"countIf({condition})")
        if probe.aggregate in ("first", "last") and not probe.property:
            function = "minOrNullIf" if probe.aggregate == "first" else "maxOrNullIf"
            return Value("time", f"{function}(at, {condition})")
        measured = self._measured(probe)
        if probe.aggregate == "sum":
            return Value("number", f"ifNull(sumIf({measured.sql}, {condition}), 0)")
        if probe.aggregate == "distinct":
            return Value("number", f"uniqExactIf({measured.sql}, {condition})")
        if probe.aggregate in ("first", "last"):
            function = "argMinIf" if probe.aggregate == "first" else "argMaxIf"
            present = f"{condition} AND isNotNull({measured.sql})"
            return Value(measured.kind, f"{function}({measured.sql}, (at, key), {present})")
        return Value("number", f"{probe.aggregate}OrNullIf({measured.sql}, {condition})")

    def steps(self, probe: Sequence) -> list[str]:
        """For each step the times of its events; only the first has to lie in the window, the others come later."""
        window = probe.window or Window()
        later = Window(window.start)
        return [
            f"groupArrayIf(at, {self._condition(step.name, later if place else window, step.where, True)})"
            for place, step in enumerate(probe.steps)
        ]

    def _measured(self, probe: Event) -> Value:
        """What is aggregated, read the way the test compares it; values that can't be read so are passed over."""
        if probe.property == "amount":
            self._columns["paid"] = "toNullable(amount)"
            return Value("number", "paid")
        value = self._property(probe.property)
        if probe.aggregate == "distinct":
            return Value("json", f"if(empty({value.items}), {value.sql}, NULL)")
        if probe.aggregate not in ("first", "last") or probe.test.reading == "number":
            return Value("number", value.number)
        if probe.test.verb == "recurs":
            return Value("json", f"if(isNull({self._terms.day_of_year(value)}), NULL, {value.sql})")
        if probe.test.reading == "time":
            return Value("time", self._terms.moment_of(value.sql))
        return Value("json", f"if(empty({value.items}), {value.sql}, NULL)")

    def _condition(self, name: str, window: Window | None, wheres: Sequence_[Where], named: bool) -> str:
        parts = [f"event = {self._terms.bind(name)}"] if named else []
        low, high = self._terms.bounds(window)
        parts += [f"at >= {low}"] if low is not None and low != self.low else []
        parts += [f"at < {high}"] if high is not None and high != self.high else []
        if window is not None and window.since is not None:
            parts.append(f"at > {self.anchors.setdefault(window.since, f'anchor{len(self.anchors)}')}")
        for where in wheres:
            parts.append(self._terms.holds(where.test, self._property(where.property)))
        return " AND ".join(parts) or "1"

    def _property(self, name: str) -> Value:
        if name == "amount":
            self._columns["amount"] = "amount"
            return Value("number", "amount")
        if name not in self._properties:
            stem = f"p{len(self._properties)}"
            value = value_at("props", name.removeprefix("."))
            readings = {"": value.sql, "_items": value.items, "_number": value.number, "_plain": value.plain}
            self._columns |= {stem + ending: sql for ending, sql in readings.items()}
            self._properties[name] = Value("json", stem, f"{stem}_items", f"{stem}_number", f"{stem}_plain")
        return self._properties[name]


def _windows(probe: Event | Sequence) -> list[Window | None]:
    return [probe.window, probe.usual] if isinstance(probe, Event) and probe.usual else [probe.window]


def _anchor(probe: Event | Sequence) -> bool:
    return probe.window is not None and probe.window.since is not None


def in_order(steps: Sequence_[str], within: int) -> str:
    """Whether some times of the lists ``steps`` follow one another, the last at most ``within`` ms after the first.

    For each step the fold keeps the latest start of a chain that has come so far. At the same moment later steps are
    looked at first, so nothing follows what happens with it.
    """
    last = len(steps)
    kept = ["if(x.2 = -1, x.1, acc.1)"] + [
        f"if(x.2 = -{step} AND x.1 - acc.{step - 1} <= {within}, acc.{step - 1}, acc.{step})" for step in range(2, last)
    ]
    done = f"acc.{last} OR (x.2 = -{last} AND x.1 - acc.{last - 1} <= {within})"
    nothing = ", ".join([f"toInt64({_LONG_AGO})"] * (last - 1))
    fold = f"arrayFold((acc, x) -> ({', '.join([*kept, done])}), {_mixed(steps)}, ({nothing}, toUInt8(0)))"
    return f"{fold}.{last} = 1"


def without(steps: Sequence_[str], within: int, now: int) -> str:
    """Whether after some time of the first list none of the second came within ``within`` ms, that time being over."""
    alone = f"(x.1 < {now - within} AND x.2 = -1 AND (next.2 = -1 OR next.1 - x.1 > {within}))"
    mixed = _mixed(steps)
    return f"arrayExists((x, next) -> {alone}, {mixed}, arrayReverseFill(x -> x.2 = -2, {mixed}))"


_LONG_AGO = -(1 << 62)


def _mixed(steps: Sequence_[str]) -> str:
    parts = ", ".join(f"arrayMap(at -> (at, -{place}), {times})" for place, times in enumerate(steps, 1))
    return f"arraySort(arrayConcat({parts}))"


__all__ = ["TAGGED", "EventTerms", "Moment", "Terms", "Value", "in_order", "tag_rows", "value_at", "without"]
