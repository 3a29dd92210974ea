"""Many tags in one scan: the values of persons as one SELECT over their events."""

# ruff: noqa: S608 - what is put into the text are our own words, numbers and checked paths; all texts are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from siyu.audiences import Event, EventTerms, Moment, Terms, Test, source_of
from siyu.profiles import stage_sql
from siyu.store import EventEngine
from siyu.tags.kinds import Cells, Kind, Out, Probe
from siyu.tags.kinds.lifecycle import OwnWindows
from siyu.tags.kinds.rfm import PARTS, RfmConfig, edge_levels, measures

_PIECES = "SELECT person FROM aliases UNION ALL SELECT canonical FROM aliases"
"""Persons some of whose rows stand under another number."""


_ANY = Test("exists", "any")


class Ask(msgspec.Struct, frozen=True):
    """A tag to be computed. ``probes``: the events it looks at, ``facts``: what is known of everybody beforehand."""

    tag: str
    kind: Kind
    config: Any
    probes: list[Probe] = []
    facts: Mapping[str, Any] = {}


class Source(msgspec.Struct, frozen=True):
    """A SELECT of ``person``, ``value`` and ``items``, with its parameters."""

    sql: str
    params: dict[str, Any] = {}


class Scope(msgspec.Struct, frozen=True):
    """Whose rows: ``where`` is a condition on ``person``, ``who`` the SQL of the canonical person."""

    where: str
    who: str = "person"
    params: dict[str, Any] = {}


class Scan(msgspec.Struct, frozen=True):
    """One row a person with the columns ``v0``, ``i0``, ``v1`` … in the order of the tags asked for."""

    sql: str
    params: dict[str, Any]
    outs: list[Out]


def scopes(engine: EventEngine, first: int, last: int, step: int) -> list[Scope]:
    """Everybody in parts; those with a merged past come last, as a whole."""
    apart = f" AND person NOT IN ({_PIECES})" if engine.has_aliases else ""
    parts = [
        Scope(f"person >= {start} AND person < {min(start + step, last)}{apart}") for start in range(first, last, step)
    ]
    return parts + ([Scope(f"person IN ({_PIECES})", engine.canonical())] if engine.has_aliases else [])


def some(engine: EventEngine, people: Sequence[int]) -> Scope:
    """A list of canonical persons."""
    if not engine.has_aliases:
        return Scope("person IN {people:Array(UInt64)}", params={"people": list(people)})
    raw = engine.numbers_of(people)
    return Scope("person IN {raw:Array(UInt64)}", engine.canonical(), {"people": list(people), "raw": raw})


def events(asks: Sequence[Ask], moment: Moment, scope: Scope, *, facts: bool = False) -> Scan:
    """The values of tags that are read from events, all from one pass over them.

    ``facts``: what they were read from comes along, as ``f0`` … (a map of texts).
    """
    terms = Terms(moment)
    reading = EventTerms(terms, [probe for ask in asks for probe in ask.probes])
    columns: dict[str, str] = {}
    outs = []
    for ask in asks:
        cells = Cells(reading, moment.now, moment.zone, ask.facts)
        cells.columns = columns
        if ask.kind.value is None:
            raise ValueError(ask.kind.name)
        outs.append(ask.kind.value(ask.config, ask.probes, cells))
    where = f"{scope.where} AND time <= fromUnixTimestamp64Milli({moment.now}, 'UTC')"
    source = source_of(terms, reading, [probe for ask in asks for probe in ask.probes], scope.who, where)
    values = [f"{out.value} AS v{place}, {out.items} AS i{place}" for place, out in enumerate(outs)]
    if facts:
        values += [f"{_map(out.facts)} AS f{place}" for place, out in enumerate(outs)]
    held = ", ".join(f"{sql} AS {name}" for sql, name in columns.items())
    sql = f"SELECT who AS person, {', '.join(values)} FROM (SELECT who, {held} FROM ({source}) GROUP BY who)"
    return Scan(sql, terms.params | scope.params, outs)


def _map(facts: Mapping[str, str]) -> str:
    pairs = ", ".join(f"'{name}', ifNull({sql}, '')" for name, sql in facts.items())
    return f"map({pairs})" if pairs else "CAST(map(), 'Map(String, String)')"


def persons(windows: OwnWindows, moment: Moment, where: str, params: Mapping[str, Any]) -> Source:
    """The lifecycle stage of persons."""
    stage, more = stage_sql(windows, moment.now)
    numbers = {f"{{{name}:Int64}}": str(value) for name, value in more.items()}
    for holder, number in numbers.items():
        stage = stage.replace(holder, number)
    sql = f"""SELECT person, {stage} AS value, emptyArrayString() AS items
        FROM persons FINAL WHERE deleted = 0 AND {where}"""
    return Source(sql, dict(params))


def edges(engine: EventEngine, ask: Ask, moment: Moment) -> dict[str, list[float]]:
    """The edges of bands of equally many buyers, for each of the three numbers."""
    config: RfmConfig = ask.config
    terms = Terms(moment)
    reading = EventTerms(terms, ask.probes)
    cells = Cells(reading, moment.now, moment.zone, {})
    held = measures(ask.probes[0], cells)  # type: ignore[arg-type]
    where = f"time <= fromUnixTimestamp64Milli({moment.now}, 'UTC')"
    source = source_of(terms, reading, ask.probes, engine.canonical(), where)
    levels = ", ".join(f"{level:.6f}" for level in edge_levels(config))
    inner = ", ".join(f"{sql} AS {name}" for sql, name in cells.columns.items())
    numbers = ", ".join(f"quantilesExact({levels})({held[part]})" for part in PARTS)
    sql = f"""SELECT {numbers} FROM (SELECT who, {inner} FROM ({source}) GROUP BY who)
        WHERE {held["frequency"]} > 0
            AND who IN (SELECT person FROM persons FINAL WHERE deleted = 0 AND staff = 0)"""
    row = engine.query(sql, terms.params).one()
    return {part: sorted({float(one) for one in found}) for part, found in zip(PARTS, row, strict=True)}


def _each(probe: Probe) -> list[Event]:
    """The events a probe looks at, one by one."""
    if isinstance(probe, Event):
        return [probe]
    return [Event(step.name, "count", "", step.where, probe.window, _ANY) for step in probe.steps]


def matching(ask: Ask, moment: Moment, scope: Scope, limit: int) -> list[Source]:
    """For each event the tag looks at, a person's latest events that count: time, event, amount, the property."""
    terms = Terms(moment)
    reading = EventTerms(terms, ask.probes)
    found = []
    for probe in [event for each in ask.probes for event in _each(each)]:
        when = reading.when(probe)
        text = "''"
        if probe.property:
            read = reading.read(probe.property)
            text = "toString(amount)" if probe.property == "amount" else f"ifNull({read.sql}, '')"
        reading.read("amount")
        found.append((when, text))
    where = f"{scope.where} AND time <= fromUnixTimestamp64Milli({moment.now}, 'UTC')"
    source = source_of(terms, reading, ask.probes, scope.who, where)
    return [
        Source(
            f"""SELECT at, event, amount, {text}, count() OVER () FROM ({source})
            WHERE {when} ORDER BY at DESC, key DESC LIMIT {limit}""",
            terms.params | scope.params,
        )
        for when, text in found
    ]
