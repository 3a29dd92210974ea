"""Since when the identifiers of a person are one person, as the ledger has it today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy.engine import Connection

from siyu.identity import ledger_queries as ledger
from siyu.identity import queries
from siyu.identity.numbers import person_anchor
from siyu.identity.types import STANDS, Row


class Joint(NamedTuple):
    """Two anchors of one person belong together since ``at``, epoch ms."""

    at: int
    one: int
    two: int


def joints(conn: Connection, people: Collection[int]) -> dict[int, list[Joint]]:
    """Canonical person → what ties their anchors together. The order in which records arrived does not occur in it.

    A link counts from the first record that said it, or from when an operator said so. What the product recorded about
    a number has always belonged to the identifier that owns the number.
    """
    rows = {row.id: row for row in queries.rows_of(conn, people)}
    found: dict[int, list[Joint]] = defaultdict(list)
    for (one, two), link in ledger.links_of(conn, rows).items():
        ours, theirs = rows.get(one), rows.get(two)
        if link.state == STANDS and ours and theirs and ours.person == theirs.person:
            found[ours.person].append(Joint(max(link.at, link.manual), ours.anchor, theirs.anchor))
    for owner in _owners(rows.values()):
        found[owner.person].append(Joint(0, person_anchor(owner.born), owner.anchor))
    return dict(found)


def _owners(rows: Collection[Row]) -> Collection[Row]:
    """Of the identifiers born under one number the oldest."""
    oldest: dict[int, Row] = {}
    for row in sorted(rows, key=lambda row: (row.first_seen_at, row.key)):
        oldest.setdefault(row.born, row)
    return oldest.values()
