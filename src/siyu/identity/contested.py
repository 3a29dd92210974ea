"""Groups that are contested (a link yields, a limit holds, an operator decided) are worked out from all their links.

``gather`` looks at the persons concerned and, around them, at those their links yield to: the *rim*. As long as no link
between the two is accepted, the rim comes together as it did before, whatever lies beyond it; where one is, that person
of the rim is worked out too, and its neighbours are the rim. So what has to be read depends on what changes and not on
how long a chain of families and tablets hangs together. ``settle`` writes what came out differently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import Definitions
from siyu.identity import ledger_queries as ledger
from siyu.identity import queries
from siyu.identity.numbers import Numbering, renumber
from siyu.identity.partition import Link, Pair, Partition, is_shared, partition
from siyu.identity.types import BLOCKED, CONTESTED, REMOVED, SHARED, STANDS, TIED, YIELDS, LinkRow, Row


class Gathered(msgspec.Struct):
    """Some persons with all their identifiers, the rim around them, and how they come together."""

    rows: dict[int, Row] = {}
    inner: set[int] = set()
    """Those of the identifiers that are worked out; the others are of the rim."""
    links: dict[Pair, LinkRow] = {}
    """All links of ``rows`` that are not removed."""
    ties: dict[int, list[int]] = {}
    """Identifier → the other ends of its links."""
    near: dict[int, Row] = {}
    """Other ends that are not among ``rows``: void identifiers, and what lies beyond the rim."""
    cut: set[int] = set()
    """Ends of links that an operator removed."""
    before: dict[int, tuple[int, int, int]] = {}
    """Identifier → (person, born, state) as stored."""
    apart: list[Pair] = []
    result: Partition = msgspec.field(default_factory=lambda: Partition([], {}))

    def row(self, one: int) -> Row:
        return self.rows.get(one) or self.near[one]

    def beyond(self, pair: Pair) -> bool:
        """Whether a link leads from the rim to somebody who was not looked at."""
        return any(end not in self.rows and not self.near[end].void for end in pair)


def gather(conn: Connection, seeds: Collection[int], definitions: Definitions, judge: Collection[int] = ()) -> Gathered:
    """Everything the seeds may change, worked out. Identifiers in ``judge`` may no longer be shared: they are looked
    at anew."""
    found = Gathered()
    level = [row for row in queries.rows_by_id(conn, seeds).values() if not row.void or row.id in judge]
    while level:
        _widen(conn, found, level, definitions, judge)
        found.apart = ledger.apart(conn, found.rows)
        found.result = _worked_out(found, definitions)
        level = [found.rows[one] for one in _reached(found)]
    return found


def _widen(
    conn: Connection, found: Gathered, level: list[Row], definitions: Definitions, judge: Collection[int]
) -> None:
    """Take these and all identifiers of their persons in, and the persons they are tied to as the rim."""
    while level:
        _load(conn, found, level, definitions)
        ids, people = {row.id for row in level}, {row.person for row in level} - {0}
        taken = [row for row in found.rows.values() if row.id in ids or row.person in people]
        taken = [row for row in taken if row.id not in found.inner]
        found.inner |= {row.id for row in taken}
        for row in taken:
            _judge(found, row, definitions)
        others = {other for row in taken for other in found.ties.get(row.id, ())} - found.rows.keys()
        rim = [row for other in others if not (row := found.near[other]).void or other in judge]
        level = [row for row in rim if not row.person or row.void]
        _load(conn, found, [row for row in rim if row.person and not row.void])


def _load(conn: Connection, found: Gathered, level: list[Row], definitions: Definitions | None = None) -> None:
    """Read these rows, all others of their persons, and their links. With definitions, blocked values have no links."""
    fresh = _whole_persons(conn, found, level)
    for row in fresh:
        found.before[row.id] = (row.person, row.born, row.state)
        found.rows[row.id] = row
        found.near.pop(row.id, None)
        if definitions is not None:
            _judge_value(row, definitions)
    links = ledger.links_of(conn, [row.id for row in fresh if not row.state & BLOCKED])
    found.cut |= {end for pair, link in links.items() if link.state == REMOVED for end in pair}
    for pair, link in links.items():
        if link.state != REMOVED and pair not in found.links:
            found.links[pair] = link
            for one, other in (pair, pair[::-1]):
                found.ties.setdefault(one, []).append(other)
    ends = {end for pair in links for end in pair}
    found.near |= queries.rows_by_id(conn, ends - found.near.keys() - found.rows.keys())


def _whole_persons(conn: Connection, found: Gathered, level: list[Row]) -> list[Row]:
    """Those of the rows that were not read before, with all identifiers of their persons."""
    fresh = {row.id: row for row in level if row.id not in found.rows}
    for row in queries.rows_of(conn, {row.person for row in fresh.values()} - {0}):
        fresh.setdefault(row.id, row)
    return [row for row in fresh.values() if row.id not in found.rows]


def _judge_value(row: Row, definitions: Definitions) -> None:
    kind, _, value = row.key.partition(":")
    row.state = row.state & ~BLOCKED | (BLOCKED if definitions.blocks(kind, value) else 0)


def _judge(found: Gathered, row: Row, definitions: Definitions) -> None:
    """Whether it is blocked or shared."""
    _judge_value(row, definitions)
    if not row.state & BLOCKED:
        shared = is_shared(row.key, [found.row(other).key for other in found.ties.get(row.id, ())], definitions)
        row.state = row.state & ~SHARED | (SHARED if shared else 0)


def _worked_out(found: Gathered, definitions: Definitions) -> Partition:
    links = [
        Link(link.one, link.two, link.at, link.manual)
        for link in found.links.values()
        if link.one in found.rows and link.two in found.rows
    ]
    keys = {row.id: row.key for row in found.rows.values()}
    void = {row.id for row in found.rows.values() if row.void}
    return partition(keys, links, found.apart, void, definitions)


def _reached(found: Gathered) -> Iterable[int]:
    """Identifiers of the rim that did not come together as they were: they have to be worked out as well."""
    sizes: dict[int, int] = defaultdict(int)
    for one in found.rows:
        sizes[found.before[one][0]] += 1
    for group in found.result.groups:
        rim = [one for one in group if one not in found.inner]
        if rim and (len(rim) < len(group) or len(group) != sizes[found.before[rim[0]][0]]):
            yield from rim


def settle(
    conn: Connection,
    found: Gathered,
    fresh: Iterator[int],
    now: int,
    batch: int,
    decision: int = 0,
) -> Numbering:
    """Number the persons of what was gathered, and write what changed."""
    groups = [[found.rows[one] for one in group] for group in found.result.groups]
    numbering = renumber(groups, fresh)
    _mark(groups, found.cut.union(_yielding(found), *found.apart), _tied(found))
    _write_links(conn, found, now, decision)
    changed = [row for row in found.rows.values() if found.before[row.id] != (row.person, row.born, row.state)]
    queries.save_rows(conn, changed)
    queries.add_persons(conn, [(number, *said) for number, said in numbering.created.items()])
    queries.realign(conn, numbering.canonical)
    ledger.add_moves(conn, numbering.moves, batch, now)
    return numbering


def _yielding(found: Gathered) -> set[int]:
    """Ends of links that yield, those to what lies beyond the rim included."""
    beyond = {pair for pair, link in found.links.items() if link.state == YIELDS and found.beyond(pair)}
    return {end for pair in (*found.result.yielded, *beyond) for end in pair}


def _tied(found: Gathered) -> set[int]:
    """Identifiers with a link to a void one."""
    void = {end for pair in found.links for end in pair if found.row(end).void}
    return {end for pair in found.links if not void.isdisjoint(pair) for end in pair} - void


def _mark(groups: list[list[Row]], ends: set[int], tied: set[int]) -> None:
    """Flag the groups that have a link that yields or a decision of an operator, and what is tied to void ones."""
    for group in groups:
        contested = any(row.id in ends for row in group)
        for row in group:
            row.state &= ~(CONTESTED | TIED)
            row.state |= (CONTESTED if contested else 0) | (TIED if row.id in tied else 0)


def _write_links(conn: Connection, found: Gathered, now: int, decision: int) -> None:
    changed, history, opened, closed = [], [], [], []
    for pair, link in found.links.items():
        against = found.result.yielded.get(pair)
        state = YIELDS if against else STANDS
        if state == link.state or found.beyond(pair):
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
