"""Groups that are contested (a link yields, a limit holds, an operator decided) are worked out from all their links.

``gather`` follows links from the identifiers that changed, never through shared ones, so what it finds stays small
however large the whole is. ``settle`` partitions it by the reference and writes what came out differently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import Definitions
from siyu.identity import ledger_queries as ledger
from siyu.identity import queries
from siyu.identity.numbers import Numbering, renumber
from siyu.identity.partition import Link, Pair, Partition, is_shared, partition
from siyu.identity.types import BLOCKED, CONTESTED, REMOVED, SHARED, STANDS, TIED, YIELDS, LinkRow, Row


class Gathered(msgspec.Struct):
    """All identifiers of some persons, and of those that links tie to them."""

    rows: dict[int, Row]
    links: dict[Pair, LinkRow]
    """Links that are not removed; an end may be a void identifier that is not among ``rows``."""
    cut: set[int]
    """Ends of links that an operator removed."""
    before: dict[int, tuple[int, int, int]]
    """Identifier → (person, born, state) as stored."""


def gather(conn: Connection, seeds: Collection[int], definitions: Definitions, judge: Collection[int] = ()) -> Gathered:
    """Everything the seeds may change. Identifiers in ``judge`` may no longer be shared: they are looked at anew."""
    found = Gathered({}, {}, set(), {})
    near = queries.rows_by_id(conn, seeds)
    level = [row for row in near.values() if not row.void or row.id in judge]
    while level:
        level = _whole_persons(conn, found, level)
        for row in level:
            found.before[row.id] = (row.person, row.born, row.state)
            found.rows[row.id] = row
            _judge_value(row, definitions)
        ties = ledger.links_of(conn, [row.id for row in level if not row.state & BLOCKED])
        found.cut |= {end for pair, link in ties.items() if link.state == REMOVED for end in pair}
        ties = {pair: link for pair, link in ties.items() if link.state != REMOVED}
        found.links |= ties
        others: dict[int, list[int]] = defaultdict(list)
        for one, two in ties:
            others[one].append(two)
            others[two].append(one)
        near |= queries.rows_by_id(conn, others.keys() - near.keys() - found.rows.keys())
        near |= found.rows
        _judge_shared(level, others, near, definitions)
        reached = {other for row in level for other in others[row.id]} - found.rows.keys()
        level = [near[other] for other in reached if not near[other].void or other in judge]
    return found


def _whole_persons(conn: Connection, found: Gathered, level: list[Row]) -> list[Row]:
    """Rows not seen before, with all identifiers of their persons."""
    held = {row.person for row in found.rows.values()}
    people = {row.person for row in level} - held - {0}
    rows = {row.id: row for row in level}
    for row in queries.rows_of(conn, people):
        rows.setdefault(row.id, row)
    return [row for row in rows.values() if row.id not in found.rows]


def _judge_value(row: Row, definitions: Definitions) -> None:
    kind, _, value = row.key.partition(":")
    row.state = row.state & ~BLOCKED | (BLOCKED if definitions.blocks(kind, value) else 0)


def _judge_shared(
    level: list[Row], others: dict[int, list[int]], near: dict[int, Row], definitions: Definitions
) -> None:
    for row in level:
        if not row.state & BLOCKED:
            shared = is_shared(row.key, [near[other].key for other in others[row.id]], definitions)
            row.state = row.state & ~SHARED | (SHARED if shared else 0)


def settle(
    conn: Connection,
    found: Gathered,
    definitions: Definitions,
    fresh: Iterator[int],
    now: int,
    batch: int,
    decision: int = 0,
) -> Numbering:
    """Work out the persons of what was gathered, and write what changed."""
    apart = ledger.apart(conn, found.rows)
    links = [
        Link(link.one, link.two, link.at, link.manual)
        for link in found.links.values()
        if link.one in found.rows and link.two in found.rows
    ]
    keys = {row.id: row.key for row in found.rows.values()}
    void = {row.id for row in found.rows.values() if row.void}
    result = partition(keys, links, apart, void, definitions)
    groups = [[found.rows[one] for one in group] for group in result.groups]
    numbering = renumber(groups, fresh)
    _mark(groups, found.cut.union(*result.yielded, *apart), _tied(found))
    _write_links(conn, found, result, now, decision)
    changed = [row for row in found.rows.values() if found.before[row.id] != (row.person, row.born, row.state)]
    queries.save_rows(conn, changed)
    queries.add_persons(conn, [(number, *said) for number, said in numbering.created.items()])
    queries.realign(conn, numbering.canonical)
    ledger.add_moves(conn, numbering.moves, batch, now)
    return numbering


def _tied(found: Gathered) -> set[int]:
    """Identifiers with a link to a void one (of which only those that stopped being void are at hand)."""
    void = {end for pair in found.links for end in pair if end not in found.rows or found.rows[end].void}
    return {end for pair in found.links if not void.isdisjoint(pair) for end in pair} - void


def _mark(groups: list[list[Row]], ends: set[int], tied: set[int]) -> None:
    """Flag the groups that have a link that yields or a decision of an operator, and what is tied to void ones."""
    for group in groups:
        contested = any(row.id in ends for row in group)
        for row in group:
            row.state &= ~(CONTESTED | TIED)
            row.state |= (CONTESTED if contested else 0) | (TIED if row.id in tied else 0)


def _write_links(conn: Connection, found: Gathered, result: Partition, now: int, decision: int) -> None:
    changed, history, opened, closed = [], [], [], []
    for pair, link in found.links.items():
        against = result.yielded.get(pair)
        state = YIELDS if against else STANDS
        if state == link.state:
            continue
        link.state = state
        changed.append(link)
        if against:
            opened.append((*pair, link.at, *against))
        else:
            closed.append(pair)
        reason = " ".join(against) if against else ""
        history.append((*pair, now, "yielded" if against else "stands", reason, decision))
    ledger.set_links(conn, changed)
    ledger.add_history(conn, history)
    ledger.open_conflicts(conn, opened)
    ledger.close_conflicts(conn, closed, now)
