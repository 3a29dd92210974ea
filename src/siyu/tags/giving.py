"""Values that people give: by hand to one person, to an audience at once, or in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu import audiences, profiles
from siyu.accounts import Operator, audit
from siyu.audiences import Problem, moment_of
from siyu.collect import anchor_of, current_definitions
from siyu.identity import keys_of, person_anchor
from siyu.kit import NotFound, TooLarge, iso, person_ref
from siyu.store import Store, chunks
from siyu.tags import compute
from siyu.tags.kinds import KINDS
from siyu.tags.kinds.said import SaidConfig
from siyu.tags.problems import BadTag, NobodyNamed, NoTagColumn, NotGiven, TooManyPersons
from siyu.tags.queries import definitions, values
from siyu.tags.queries import said as queries
from siyu.tags.refresh import note_changed, wake_dependents
from siyu.tags.types import ImportFault, ImportReport, Word

MOST = 200_000
"""Persons that can be given a value at once."""
_LONGEST = 100
_SHOWN = 200
_COLUMNS = ("tag", "label", "tag_value", "标签", "标签值")


def row_of(conn: Connection, tag_id: str) -> Row[Any]:
    row = definitions.one(conn, tag_id)
    if row is None:
        raise NotFound(what=f"tag {tag_id[:40]}")
    return row


def give(store: Store, operator: Operator, tag_id: str, ref: str, value: str, language: str) -> None:
    """Give one person a value, or take it away with an empty one. Raises NotGiven, BadTag."""
    with store.state.write() as conn:
        row = _given(conn, tag_id)
        text = _fitting(row, value, language)
        person = profiles.find(conn, ref).person
        say(store, conn, row, {person: text}, operator.name)
        audit(conn, operator, "tag.give", tag_id, {"person": person_ref(person), "value": text})
    _write(store, tag_id, [person])


def give_many(store: Store, operator: Operator, tag_id: str, audience: str, value: str, language: str) -> int:
    """The same for everybody in an audience; answers how many."""
    with store.state.write() as conn:
        row = _given(conn, tag_id)
        text = _fitting(row, value, language)
        people = list(audiences.members_of(store, conn, audience))
        if len(people) > MOST:
            raise TooManyPersons(limit=MOST, size=len(people))
        say(store, conn, row, dict.fromkeys(people, text), operator.name)
        audit(conn, operator, "tag.give", tag_id, {"audience": audience, "persons": len(people), "value": text})
    _write(store, tag_id, people)
    return len(people)


def _given(conn: Connection, tag_id: str) -> Row[Any]:
    row = row_of(conn, tag_id)
    if KINDS[row.kind].how != "said":
        raise NotGiven
    return row


def _fitting(row: Row[Any], value: str, language: str) -> str:
    text = value.strip()
    if code := value_fault(compute.config_of(row.kind, row.config), text):
        raise BadTag([Problem("value", code, {"name": text[:40], "limit": _LONGEST})], language)
    return text


def value_fault(config: SaidConfig, text: str) -> str:
    if len(text) > _LONGEST:
        return "value_long"
    return "value_not_offered" if text and config.values and text not in config.values else ""


def say(store: Store, conn: Connection, row: Row[Any], wanted: Mapping[int, str], by: str) -> None:
    """Write a value under each person's strongest identifier; a value taken away is taken from all of them."""
    now = store.clock.now_ms()
    rank = current_definitions(conn).rank
    taken = queries.anchors_of(conn, row.id, [person for person, value in wanted.items() if not value])
    lines: list[queries.Line] = []
    for part in chunks(sorted(wanted)):
        held = keys_of(conn, part)
        for person in part:
            keys = sorted(held.get(person, ()), key=lambda key: (rank(key.partition(":")[0]), key))
            anchors = {anchor_of(keys[0]) if keys else person_anchor(person), *taken.get(person, ())}
            lines += [(row.id, anchor, person, wanted[person], now, by) for anchor in sorted(anchors)]
    queries.save(conn, lines)


def _write(store: Store, tag_id: str, people: Sequence[int]) -> None:
    """Let what was said hold: into the engine, and from there to whoever follows."""
    with store.state.read() as conn:
        everything, moment = audiences.book(conn), moment_of(conn, store.clock.now_ms())
        ask = compute.ask_of(row_of(conn, tag_id), everything.zone)
        changed = compute.of_some(store, conn, [ask], frozenset(), moment, people)
    persons, _ = values.counts(store.events, tag_id, 1)
    with store.state.write() as conn:
        definitions.update(conn, tag_id, {"persons": persons, "fresh_at": moment.now})
        if changed:
            wake_dependents(conn, tag_id, store.clock.now_ms(), {tag_id})
    if changed:
        note_changed(store, tag_id, BitMap64(changed[tag_id].people))


def take_file(store: Store, operator: Operator, tag_id: str, raw: bytes, dry: bool) -> ImportReport:
    """Give persons the values a file lists. A row that can't be used is told and left out; a file of which no row can
    be used changes nothing. Raises BadList, NoTagColumn, NobodyNamed."""
    if len(raw) > audiences.MAX_BYTES:
        raise TooLarge(limit_bytes=audiences.MAX_BYTES)
    cells = audiences.table_of(raw)
    at = next((place for place, word in enumerate(cells[0]) if word.strip().lower() in _COLUMNS), None)
    if at is None or len(cells[0]) < 2:
        raise NoTagColumn
    told = {number: line[at].strip() if at < len(line) else "" for number, line in enumerate(cells[1:], 2)}
    rest = [[cell for place, cell in enumerate(line) if place != at] for line in cells]
    with store.state.read() as conn:
        row = _given(conn, tag_id)
        found, report = _read(conn, row, rest, told)
    if dry:
        return report
    if not found:
        raise NobodyNamed(rows=report.rows)
    now = store.clock.now_ms()
    lines = [(tag_id, anchor, person, value, now, operator.name) for person, (anchor, value) in found.items()]
    with store.state.write() as conn:
        queries.save(conn, lines)
        audit(conn, operator, "tag.import", tag_id, {"rows": report.rows, "persons": report.persons})
    _write(store, tag_id, sorted(found))
    return ImportReport(report.rows, report.persons, report.repeated, report.faulty, report.faults, saved=True)


def _read(
    conn: Connection, row: Row[Any], cells: list[list[str]], told: Mapping[int, str]
) -> tuple[dict[int, tuple[int, str]], ImportReport]:
    """Person → (anchor, value), the last row of a person holds; and what is wrong with the others."""
    config = compute.config_of(row.kind, row.config)
    rows = audiences.rows_of(cells)
    found: dict[int, tuple[int, str]] = {}
    faults: list[ImportFault] = []
    faulty = repeated = 0
    for line, (person, fault, key) in zip(rows, audiences.named_by(conn, rows), strict=True):
        value = told.get(line.number, "")
        why = fault if person is None else ("" if value else "no_value") or value_fault(config, value)
        if person is None or why:
            faulty += 1
            faults += [ImportFault(line.number, line.shown, why)] if len(faults) < _SHOWN else []
            continue
        repeated += person in found
        found[person] = (anchor_of(key) if key else person_anchor(person), value)
    return found, ImportReport(len(rows), len(found), repeated, faulty, faults, saved=False)


def words_of(conn: Connection, tag_id: str, person: int, shown: Mapping[int, str]) -> list[Word]:
    """What was said of a person; ``shown``: anchor → masked identifier."""
    rows = queries.words_of(conn, tag_id, person)
    return [Word(row.value, iso(row.at), row.by, shown.get(row.anchor, "")) for row in rows]
