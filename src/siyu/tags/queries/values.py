"""Values of tags in the engine: a row for every change of a person's value, so what holds and what held are one table.

What is written is the difference between what was found and what holds. The latest row (by ``version``) holds.
"""

# ruff: noqa: S608 - what is put into the text are our own words, numbers and checked paths; all texts are bound

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from pyroaring import BitMap64

from siyu.audiences import tag_rows
from siyu.store import EventEngine
from siyu.tags.kinds import Out
from siyu.tags.queries.scan import Ask, Scan, Source

_EXISTS = "person IN (SELECT person FROM persons FINAL WHERE deleted = 0 AND staff = 0)"
_COUNTS = "person NOT IN (SELECT person FROM persons FINAL WHERE staff = 1 AND deleted = 0)"
"""Staff and test accounts have values and are in no figure."""
_numbers = itertools.count(1)
_LOCK = threading.Lock()
_LAST: WeakKeyDictionary[EventEngine, int] = WeakKeyDictionary()


class Changed(msgspec.Struct, frozen=True):
    """Whose value changed, and how many more have one than before."""

    people: set[int]
    gained: int


class Held(msgspec.Struct, frozen=True):
    """A value of a person; ``items`` where it is a list, ``since`` epoch ms."""

    tag: str
    person: int
    value: str
    items: list[str]
    since: int


def next_version(engine: EventEngine) -> int:
    """A number above all that rows carry. One process writes."""
    with _LOCK:
        if engine not in _LAST:
            _LAST[engine] = int(engine.query("SELECT max(version) FROM tag_values").one()[0])
        _LAST[engine] += 1
        return _LAST[engine]


@contextmanager
def wide(engine: EventEngine, scans: Sequence[Scan], wheres: Sequence[str]) -> Iterator[list[Source]]:
    """The answers of scans for the same tags, kept in memory while the block runs; a source for each of the tags."""
    name = f"tag_wide_{next(_numbers)}"
    try:
        for place, (scan, where) in enumerate(zip(scans, wheres, strict=True)):
            into = f"INSERT INTO {name}" if place else f"CREATE TABLE {name} ENGINE = Memory AS"
            engine.command(f"{into} SELECT * FROM ({scan.sql}) WHERE {_existing(where)}", scan.params)
        yield [_of_wide(name, place, out) for place, out in enumerate(scans[0].outs)]
    finally:
        engine.command(f"DROP TABLE IF EXISTS {name}")


def _existing(where: str) -> str:
    return f"person IN (SELECT person FROM persons FINAL WHERE deleted = 0 AND {where})"


def _of_wide(name: str, place: int, out: Out) -> Source:
    items = f"i{place}" if out.several else "emptyArrayString()"
    return Source(f"SELECT person, v{place} AS value, {items} AS items FROM {name}")


@contextmanager
def narrow(engine: EventEngine, values: Mapping[int, str]) -> Iterator[Source]:
    """Values that were worked out outside the engine, kept there while the block runs."""
    slot = next(_numbers)
    people = list(values)
    columns: dict[str, Sequence[Any]] = {
        "slot": [slot] * len(people),
        "person": people,
        "value": list(values.values()),
        "items": [[] for _ in people],
    }
    if people:
        engine.insert("tag_scratch", columns)
    try:
        yield Source(f"SELECT person, value, items FROM tag_scratch WHERE slot = {slot}")
    finally:
        engine.command(f"ALTER TABLE tag_scratch DELETE WHERE slot = {slot}")


def put(engine: EventEngine, tag: str, source: Source, where: str, as_of: int, version: int, *, clear: bool) -> None:
    """Write what differs from what holds, for the persons ``where`` is about.

    Values that were written as of later than this are left alone: the stream was faster.
    """
    old = f"""SELECT person, version, since, value, emptyArrayString() AS items, 0 AS fresh FROM tag_values
        WHERE tag = {{tag:String}} AND {where}"""
    new = f"SELECT person, 0, toDateTime64(0, 3, 'UTC'), value, items, 1 FROM ({source.sql}) WHERE {where}"
    held = """argMaxIf(value, version, NOT fresh) AS was, anyIf(value, fresh) AS found, anyIf(items, fresh) AS list,
        max(since) AS last"""
    kept = "" if clear else " AND found != ''"
    engine.command(
        f"""INSERT INTO tag_values (tag, person, version, since, value, items)
        SELECT {{tag:String}}, person, {version}, fromUnixTimestamp64Milli({as_of}, 'UTC'), found, list
        FROM (SELECT person, {held} FROM ({old} UNION ALL {new}) GROUP BY person)
        WHERE found != was AND last <= fromUnixTimestamp64Milli({as_of}, 'UTC'){kept}""",
        source.params | {"tag": tag},
    )


def put_some(
    engine: EventEngine,
    found: Sequence[Held],
    keeping: frozenset[str],
    people: Sequence[int],
    tags: Sequence[str],
    as_of: int,
) -> dict[str, Changed]:
    """The same for a few persons and several tags, as they were found; answers whose value changed of which tag."""
    if not people or not tags:
        return {}
    was = {(one.tag, one.person): one for one in of_people(engine, people, tags, empty=True)}
    now = {(one.tag, one.person): one for one in found}
    rows = []
    for tag in tags:
        for person in people:
            before, after = was.get((tag, person)), now.get((tag, person))
            old = (before.value, before.items) if before else ("", [])
            new = (after.value, after.items) if after else ("", [])
            if old == new or (not new[0] and tag in keeping) or (before and before.since > as_of):
                continue
            rows.append((tag, person, *new))
    if not rows:
        return {}
    version = next_version(engine)
    columns: dict[str, Sequence[Any]] = {
        "tag": [row[0] for row in rows],
        "person": [row[1] for row in rows],
        "version": [version] * len(rows),
        "since": [as_of] * len(rows),
        "value": [row[2] for row in rows],
        "items": [row[3] for row in rows],
    }
    engine.insert("tag_values", columns)
    uncounted = _staff_among(engine, columns["person"])
    gains: dict[str, tuple[set[int], list[int]]] = {}
    for tag, person, value, _ in rows:
        before = was.get((tag, person))
        gained = 0 if person in uncounted else bool(value) - bool(before and before.value)
        people_so_far, more = gains.setdefault(tag, (set(), []))
        people_so_far.add(person)
        more.append(gained)
    return {tag: Changed(who, sum(more)) for tag, (who, more) in gains.items()}


def _staff_among(engine: EventEngine, people: Sequence[int]) -> set[int]:
    sql = "SELECT person FROM persons FINAL WHERE person IN {people:Array(UInt64)} AND staff = 1"
    return {int(row[0]) for row in engine.query(sql, {"people": list(people)})}


def found_in(engine: EventEngine, scan: Scan, asks: Sequence[Ask], people: Sequence[int]) -> list[Held]:
    """The values a scan over a few persons finds."""
    wanted = set(people)
    rows = engine.query(scan.sql, scan.params)
    return [
        Held(ask.tag, row[0], row[1 + 2 * place], list(row[2 + 2 * place]), 0)
        for row in rows
        if row[0] in wanted
        for place, ask in enumerate(asks)
        if row[1 + 2 * place]
    ]


def found_from(engine: EventEngine, tag: str, source: Source) -> list[Held]:
    rows = engine.query(f"SELECT person, value, items FROM ({source.sql}) WHERE value != ''", source.params)
    return [Held(tag, person, value, list(items), 0) for person, value, items in rows]


def of_people(engine: EventEngine, people: Sequence[int], tags: Sequence[str], *, empty: bool = False) -> list[Held]:
    """What holds of these persons; with ``empty`` also what was taken away."""
    latest = "argMax((value, items, toUnixTimestamp64Milli(since)), version) AS latest"
    rows = engine.query(
        f"""SELECT tag, person, latest.1, latest.2, latest.3 FROM (SELECT tag, person, {latest} FROM tag_values
        WHERE tag IN {{tags:Array(String)}} AND person IN {{people:Array(UInt64)}} GROUP BY tag, person)""",
        {"tags": list(tags), "people": list(people)},
    )
    return [
        Held(str(tag), int(person), value, list(items), int(since))
        for tag, person, value, items, since in rows
        if value or empty
    ]


def history(engine: EventEngine, people: Sequence[int], tag: str, limit: int) -> list[Held]:
    """Every value a person had, the latest first."""
    rows = engine.query(
        """SELECT tag, person, value, items, toUnixTimestamp64Milli(since) FROM tag_values
        WHERE tag = {tag:String} AND person IN {people:Array(UInt64)} ORDER BY version DESC LIMIT {limit:UInt32}""",
        {"tag": tag, "people": list(people), "limit": limit},
    )
    return [Held(str(row[0]), int(row[1]), row[2], list(row[3]), int(row[4])) for row in rows]


def changed_at(engine: EventEngine, tag: str, version: int) -> BitMap64:
    """Whose value a run changed."""
    rows = engine.query(
        "SELECT groupArray(person) FROM tag_values WHERE tag = {tag:String} AND version = {version:UInt64}",
        {"tag": tag, "version": version},
    )
    return BitMap64(rows.one()[0])


def counts(engine: EventEngine, tag: str, limit: int) -> tuple[int, list[tuple[str, int]]]:
    """How many have a value, and how many have which, the commonest first."""
    return counted(engine, holding(tag), limit)


def counted(engine: EventEngine, source: Source, limit: int) -> tuple[int, list[tuple[str, int]]]:
    rows = engine.query(
        f"""SELECT arrayJoin(if(empty(list), [text], list)) AS each, sum(number) AS persons, any(total) FROM (
            SELECT assumeNotNull(value) AS text, any(items) AS list, count() AS number, sum(count()) OVER () AS total
            FROM ({source.sql}) WHERE value != '' AND {_COUNTS} GROUP BY text)
        GROUP BY each ORDER BY persons DESC, each LIMIT {limit}""",
        source.params,
    ).rows
    return int(rows[0][2]) if rows else 0, [(str(value), int(persons)) for value, persons, _ in rows]


def summary(engine: EventEngine, source: Source) -> list[float] | None:
    """The lowest, the quarters and the highest of values that are numbers; None where most are none."""
    number = "toFloat64OrNull(value)"
    sql = f"""SELECT countIf(isNotNull({number})) * 10 > count() * 9 AND uniq(value) > 20,
        quantilesExact(0, 0.25, 0.5, 0.75, 1)(ifNull({number}, 0))
        FROM ({source.sql}) WHERE value != '' AND {_COUNTS}"""
    numeric, levels = engine.query(sql, source.params).one()
    return [round(float(one), 4) for one in levels] if numeric else None


def sample(
    engine: EventEngine, source: Source, value: str | None, after: int, limit: int
) -> list[tuple[int, str, list[str]]]:
    """Persons with a value (or with this one), by number."""
    chosen = " AND (value = {wanted:String} OR has(items, {wanted:String}))" if value is not None else ""
    rows = engine.query(
        f"""SELECT person, value, items FROM ({source.sql}) WHERE value != '' AND person > {after} AND {_EXISTS}{chosen}
        ORDER BY person LIMIT {limit}""",
        source.params | ({"wanted": value} if value is not None else {}),
    )
    return [(int(person), str(text), list(items)) for person, text, items in rows]


def holding(tag: str) -> Source:
    """What holds of everybody."""
    return Source(tag_rows("{tag:String}", "1"), {"tag": tag})


def forget(engine: EventEngine, tag: str) -> None:
    engine.command("ALTER TABLE tag_values DELETE WHERE tag = {tag:String}", {"tag": tag})


def everyone(engine: EventEngine) -> tuple[int, int]:
    """How many persons count, and the number after the highest of all."""
    count, highest = engine.query("SELECT countIf(deleted = 0 AND staff = 0), max(person) FROM persons FINAL").one()
    return int(count), int(highest) + 1
