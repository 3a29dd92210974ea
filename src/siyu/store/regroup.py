"""Brings rows that were already written under the person they belong to now, when persons split."""

# ruff: noqa: S608 - what is put into the text are our own words and numbers

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from siyu.store import aliases
from siyu.store.engine_tables import COLUMNS, EVERY_MONTH
from siyu.store.grouping import Grouping, Move, Plan
from siyu.store.journal import Journal

if TYPE_CHECKING:
    from siyu.store.engine import EventEngine

KIND = "regroup"
_TOGETHER = 5_000
"""Pairs of number and anchor in one statement."""
_LONG = {"max_query_size": 10_000_000, "max_ast_elements": 1_000_000, "max_expanded_ast_elements": 1_000_000}
_LONG_TEXT = ", ".join(f"{name} = {value}" for name, value in _LONG.items())
_Row = tuple[int, int, int]


def regroup(engine: EventEngine, journal: Journal, moves: Sequence[Move], token: str, now: int) -> None:
    """Work out what the moves change, write it into the journal, do it. The caller holds off other writers."""
    grouping = Grouping(moves)
    owner = aliases.numbers_of(engine, grouping.persons)
    to_read = grouping.to_read(owner)
    plan = grouping.plan(owner, _present(engine, to_read))
    if to_read:
        journal.begin(token, KIND, {"rows": plan.rows, "aliases": list(plan.aliases.items())}, now)
    if any(plan.aliases.get(number) == number for number in owner):
        engine.changed.add(EVERY_MONTH)
    _carry_out(engine, plan, now)
    if to_read:
        journal.end(token)


def repeat(engine: EventEngine, work: Any, now: int) -> None:
    """Finish a plan out of the journal, wherever it was cut short."""
    _carry_out(engine, Plan([tuple(row) for row in work["rows"]], {pair[0]: pair[1] for pair in work["aliases"]}), now)


def _present(engine: EventEngine, numbers: Sequence[int]) -> list[tuple[int, int]]:
    if not numbers:
        return []
    sql = "SELECT DISTINCT person, anchor FROM events WHERE person IN {numbers:Array(UInt64)}"
    return [(row[0], row[1]) for row in engine.query(sql, {"numbers": list(numbers)})]


def _carry_out(engine: EventEngine, plan: Plan, now: int) -> None:
    """Copies first, then the originals go, then aliases turn: nothing is ever missing."""
    for rows in _cut(plan.rows):
        engine.command(_copy(rows))
    for rows in _cut(plan.rows):
        _drop(engine, rows)
    aliases.write(engine, plan.aliases, now)


def _cut(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    for start in range(0, len(rows), _TOGETHER):
        yield rows[start : start + _TOGETHER]


def _copy(rows: Sequence[_Row]) -> str:
    """Copy rows to their new number, except those a copy of which is there from an attempt before.

    Blocks must not be recognised as repeats: what goes there, comes back and goes there again looks the same each time.
    """
    names = [name for name in COLUMNS["events"] if name != "person"]
    columns = ", ".join(names)
    there = ", ".join({f"({target}, {anchor})" for _, anchor, target in rows})
    numbers = ", ".join({str(number) for number, _, _ in rows})
    pairs = ", ".join(f"({number}, {anchor}, {target})" for number, anchor, target in rows)
    # what an event is recognised by: a record is taken once (collect), and leaves one event
    same = "time, key, event, source"
    return f"""
        INSERT INTO events (person, {columns})
        SELECT target, {columns} FROM (SELECT person, {columns} FROM events WHERE person IN ({numbers})) AS old
        INNER JOIN (
            SELECT toUInt64(pair.1) AS person, toUInt64(pair.2) AS anchor, toUInt64(pair.3) AS target
            FROM (SELECT arrayJoin([{pairs}]) AS pair)
        ) AS new USING (person, anchor)
        WHERE (target, {same}) NOT IN (SELECT person, {same} FROM events WHERE (person, anchor) IN ({there}))
        SETTINGS insert_deduplicate = 0, max_partitions_per_insert_block = 0, {_LONG_TEXT}
    """


def _drop(engine: EventEngine, rows: Sequence[_Row]) -> None:
    """Mask the originals by a patch: 10 ms a month, where a mutation of the parts takes up to a second."""
    pairs = f"(person, anchor) IN ({', '.join(f'({number}, {anchor})' for number, anchor, _ in rows)})"
    for (month,) in engine.query(f"SELECT DISTINCT _partition_id FROM events WHERE {pairs}", settings=_LONG):
        engine.changed.add(month)
        engine.command(
            f"DELETE FROM events IN PARTITION ID '{month}' WHERE {pairs}"
            f" SETTINGS lightweight_delete_mode = 'lightweight_update_force', {_LONG_TEXT}"
        )
