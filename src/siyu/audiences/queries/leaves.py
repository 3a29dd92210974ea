"""Probes → one question to the event engine, answered with a set of persons for each.

Persons come back as roaring bitmaps: the answer for a million persons is a few hundred kilobytes, and and/or/not are
set operations outside the engine. Each branch of the question reads its table once.
"""

# ruff: noqa: S608 - what is put into the text are our own words, numbers and checked paths; all texts are bound

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from pyroaring import BitMap64

from siyu.audiences.plan import names_in
from siyu.audiences.queries.bitmaps import decode
from siyu.audiences.queries.terms import TAGGED, EventTerms, Moment, Terms, in_order, tag_rows, without
from siyu.audiences.rules import Event, Happened, Known, Leaf, Tag
from siyu.audiences.rules import Sequence as Steps
from siyu.store import EventEngine

_FEW = 8
"""Up to so many event probes one scan for all of them is fastest; above, one scan for each event name."""


class Population(msgspec.Struct, frozen=True):
    """Who is asked about: person numbers from ``first`` until before ``last``, or the canonical persons ``people``;
    staff and test accounts only if ``staff``. ``until``: events after it (epoch ms) don't count.
    """

    first: int = 0
    last: int | None = None
    people: tuple[int, ...] | None = None
    until: int | None = None
    staff: bool = False


EVERYBODY = Population()


class Found(msgspec.Struct, frozen=True):
    """``everyone``: canonical persons of the population; ``sets``: for each probe, who it holds for.

    A set may hold persons that are not in ``everyone``; the algebra cuts them off.
    """

    everyone: BitMap64
    sets: dict[Leaf, BitMap64]


class _Branch(msgspec.Struct, frozen=True):
    """A part of the question; ``places``: probe → name of the answer's row and position in it."""

    sql: str
    places: dict[Leaf, tuple[str, int]]


def find(
    engine: EventEngine,
    probes: Sequence[Leaf],
    population: Population,
    moment: Moment,
    max_threads: int | None = None,
) -> Found:
    """The persons each probe holds for.

    One question; before it a small one when some persons have merged and ``people`` are asked about.
    Raises QueryTooSlow or QueryTooBig.
    """
    question = _ask(engine, probes, population, moment)
    settings = {"optimize_aggregation_in_order": int(question.ordered)}
    settings |= {"max_threads": max_threads} if max_threads else {}
    answer = engine.query(question.sql, question.params, settings=settings)
    rows = {str(name): sets for name, sets in answer}
    sets = {probe: _taken(rows, place) for branch in question.branches for probe, place in branch.places.items()}
    if question.overlay:
        _lay_over(rows, question.overlay, sets)
    return Found(decode(rows["persons"][0]), sets)


def rows_read(engine: EventEngine, probes: Sequence[Leaf], moment: Moment) -> int:
    """How many rows finding these for everybody reads, as the engine plans it."""
    question = _ask(engine, probes, EVERYBODY, moment)
    return sum(int(row[3]) for row in engine.query(f"EXPLAIN ESTIMATE {question.sql}", question.params))


class _Question(msgspec.Struct, frozen=True):
    sql: str
    params: dict[str, Any]
    branches: list[_Branch]
    overlay: list[_Branch]
    ordered: bool


def _ask(engine: EventEngine, probes: Sequence[Leaf], population: Population, moment: Moment) -> _Question:
    terms = Terms(moment)
    known, events, entangled = _sorted(probes)
    branches = [_persons(terms, known, population), *_tags(terms, probes, population)]
    until = "" if population.until is None else f" AND time <= fromUnixTimestamp64Milli({population.until}, 'UTC')"
    overlay: list[_Branch] = []
    if population.people is not None:
        raw = engine.numbers_of(population.people) if engine.has_aliases else population.people
        terms.params |= {"people": list(population.people)} | ({"raw": list(raw)} if events or entangled else {})
        who, within = engine.canonical(), "person IN {raw:Array(UInt64)}" + until
        branches += [_listed(terms, events, who, within)] if events else []
        branches += _tangles(terms, entangled, who, within)
    else:
        within = _within(population, "person") + until
        branches += _scans(terms, events, within) if events else ()
        branches += _tangles(terms, entangled, "person", within)
        if engine.has_aliases and (events or entangled):
            overlay = _merged(terms, events, entangled, population, until, engine.canonical())
    sql = "\nUNION ALL\n".join(branch.sql for branch in [*branches, *overlay])
    ordered = len(events) + len(entangled) > _FEW and population.people is None
    return _Question(sql, terms.params, branches, overlay, ordered)


def _sorted(probes: Sequence[Leaf]) -> tuple[list[Known], list[Event], list[Happened]]:
    """Clauses on the person, those on events of one name, and those in which several names hang together."""
    known = [probe for probe in probes if not isinstance(probe, Event | Steps | Tag)]
    events = [probe for probe in probes if isinstance(probe, Event) and len(names_in(probe)) == 1]
    entangled = [probe for probe in probes if isinstance(probe, Steps) or len(names_in(probe)) > 1]
    return known, events, [probe for probe in entangled if isinstance(probe, Event | Steps)]


def _taken(rows: dict[str, list[str]], place: tuple[str, int]) -> BitMap64:
    row = rows.get(place[0])
    return decode(row[place[1]]) if row is not None else BitMap64()


def _lay_over(rows: dict[str, list[str]], overlay: Sequence[_Branch], sets: dict[Leaf, BitMap64]) -> None:
    """Persons with a merged past were scanned piecemeal: take what was found for them as a whole."""
    pieced = decode(rows["pieced"][0])
    for branch in overlay:
        for probe, place in branch.places.items():
            sets[probe] = (sets[probe] - pieced) | _taken(rows, place)


def _within(population: Population, column: str) -> str:
    if population.people is not None:
        return f"{column} IN {{people:Array(UInt64)}}"
    last = f" AND {column} < {population.last}" if population.last is not None else ""
    return f"{column} >= {population.first}{last}"


def _answer(name: str, conditions: Sequence[str], person: str = "who") -> str:
    """``name`` ends in ``=`` when the event name is to follow."""
    label = f"concat('{name}', event)" if name.endswith("=") else f"'{name}'"
    sets = ", ".join(f"groupBitmapStateIf({person}, {condition})" for condition in conditions)
    return f"SELECT {label} AS name, arrayMap(one -> hex(one), [{sets}]) AS sets"


def _persons(terms: Terms, probes: Sequence[Known], population: Population) -> _Branch:
    conditions = ["1", *(terms.person(probe) for probe in probes)]
    where = f"deleted = 0 AND {_within(population, 'person')}"
    if not population.staff:
        where += " AND staff = 0"
    sql = f"{_answer('persons', conditions, 'person')} FROM persons FINAL WHERE {where}"
    return _Branch(sql, {probe: ("persons", place) for place, probe in enumerate(probes, 1)})


def _tags(terms: Terms, probes: Sequence[Leaf], population: Population) -> Iterator[_Branch]:
    """The values that tags give now; a scan for each tag."""
    tagged = [probe for probe in probes if isinstance(probe, Tag)]
    for number, tag in enumerate(dict.fromkeys(probe.tag for probe in tagged)):
        wanted = [probe for probe in tagged if probe.tag == tag]
        conditions = [terms.holds(probe.test, TAGGED) for probe in wanted]
        rows = tag_rows(terms.bind(tag), _within(population, "person"))
        sql = f"{_answer(f'tag{number}', conditions, 'person')} FROM ({rows})"
        yield _Branch(sql, {probe: (f"tag{number}", place) for place, probe in enumerate(wanted)})


def _scans(terms: Terms, probes: Sequence[Event], where: str) -> Iterator[_Branch]:
    """Everybody's events: one scan, or one for each event name when there are many probes."""
    if len(probes) <= _FEW:
        yield _scan(terms, "scan", probes, "person", where)
        return
    for number, name in enumerate(dict.fromkeys(probe.name for probe in probes)):
        yield _scan(terms, f"scan{number}", [probe for probe in probes if probe.name == name], "person", where)


def _tangles(terms: Terms, probes: Sequence[Happened], who: str, where: str, name: str = "tangle") -> Iterator[_Branch]:
    """A scan for each set of event names that have to be seen together."""
    for number, names in enumerate(dict.fromkeys(frozenset(names_in(probe)) for probe in probes)):
        together = [probe for probe in probes if frozenset(names_in(probe)) == names]
        yield _scan(terms, f"{name}{number}", together, who, where)


def _scan(terms: Terms, name: str, probes: Sequence[Happened], who: str, where: str) -> _Branch:
    """One row a person with a cell a probe, turned into a set a probe."""
    reading = EventTerms(terms, probes)
    several = len(_names(probes)) > 1
    cells, conditions = _cells(terms, reading, probes, named=several)
    sql = f"""{_answer(name, conditions)} FROM (
    SELECT who, {_columns(cells)} FROM ({source_of(terms, reading, probes, who, where)}) GROUP BY who)"""
    return _Branch(sql, {probe: (name, place) for place, probe in enumerate(probes)})


def _names(probes: Sequence[Happened]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for probe in probes for name in names_in(probe)))


def _listed(terms: Terms, probes: Sequence[Event], who: str, where: str) -> _Branch:
    """Events of a list of persons: one row a person and event name, a cell for each kind of measure.

    Planning costs as much as reading here, and grows with the number of expressions. "At least twice in 7 days" is
    one cell whatever the event, so a hundred audiences share a few dozen expressions.
    """
    reading = EventTerms(terms, probes)
    cells, conditions = _cells(terms, reading, probes, named=False)
    distinct = {condition: place for place, condition in enumerate(dict.fromkeys(conditions))}
    sql = f"""{_answer("=", list(distinct))} FROM (
    SELECT who, toString(event) AS event, {_columns(cells)}
    FROM ({source_of(terms, reading, probes, who, where)}) GROUP BY who, event) GROUP BY event"""
    places: dict[Leaf, tuple[str, int]] = {
        probe: (f"={probe.name}", distinct[condition]) for probe, condition in zip(probes, conditions, strict=True)
    }
    return _Branch(sql, places)


def _merged(
    terms: Terms, events: Sequence[Event], entangled: Sequence[Happened], population: Population, until: str, who: str
) -> list[_Branch]:
    """The events of persons that were merged from several, and which persons those are."""
    within = _within(population, "canonical")
    pieces = f"""SELECT person FROM aliases WHERE {within}
    UNION ALL SELECT canonical FROM aliases WHERE {within}"""
    where = f"person IN ({pieces}){until}"
    scans = [_scan(terms, "merged", events, who, where)] if events else []
    scans += _tangles(terms, entangled, who, where, "merged_tangle")
    return [*scans, _Branch(f"{_answer('pieced', ['1'], 'person')} FROM ({pieces})", {})]


def _cells(
    terms: Terms, reading: EventTerms, probes: Sequence[Happened], *, named: bool
) -> tuple[dict[str, str], list[str]]:
    """Distinct aggregates → their column, and for each probe the condition on its columns."""
    cells: dict[str, str] = {}

    def column(sql: str) -> str:
        return cells.setdefault(sql, f"c{len(cells)}")

    conditions = []
    for probe in probes:
        if isinstance(probe, Steps):
            steps = [column(sql) for sql in reading.steps(probe)]
            now = terms.moment.now
            conditions.append(without(steps, probe.within, now) if probe.absent else in_order(steps, probe.within))
            continue
        value = reading.cell(probe, named=named, window=probe.window)
        here = column(value.sql)
        if probe.usual is None:
            conditions.append(terms.holds(probe.test, msgspec.structs.replace(value, sql=here)))
        else:
            usual = column(reading.cell(probe, named=named, window=probe.usual).sql)
            conditions.append(terms.against(probe, here, usual))
    return cells, conditions


def _columns(cells: dict[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for sql, name in cells.items())


def source_of(terms: Terms, reading: EventTerms, probes: Sequence[Happened], who: str, where: str) -> str:
    """The rows and columns of the events table that any of the probes can need."""
    names = terms.bind(_names(probes))
    low, high = reading.low, reading.high
    limits = f" AND time >= fromUnixTimestamp64Milli({low}, 'UTC')" if low is not None else ""
    limits += f" AND time < fromUnixTimestamp64Milli({high}, 'UTC')" if high is not None else ""
    columns = f"{who} AS who, event, key, {reading.columns()}"
    rows = f"SELECT {columns} FROM events WHERE event IN {names} AND {where}{limits}"
    return _anchored(terms, reading, rows, who, where) if reading.anchors else rows


def _anchored(terms: Terms, reading: EventTerms, rows: str, who: str, where: str) -> str:
    """The rows with the times of the events that windows begin at; NULL for persons without one."""
    times = ", ".join(
        f"{'min' if anchor.which == 'first' else 'max'}OrNullIf(toUnixTimestamp64Milli(time), "
        f"event = {terms.bind(anchor.name)}) AS {column}"
        for anchor, column in reading.anchors.items()
    )
    names = terms.bind(tuple(dict.fromkeys(anchor.name for anchor in reading.anchors)))
    anchors = f"SELECT {who} AS who, {times} FROM events WHERE event IN {names} AND {where} GROUP BY who"
    return f"SELECT * FROM ({rows}) AS happened ANY LEFT JOIN ({anchors}) AS anchors USING (who)"
