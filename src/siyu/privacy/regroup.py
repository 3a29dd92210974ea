"""Consent follows its anchors. Where they became one person, the stricter of what had been said until then holds.

What follows from that is kept beside what was said, and worked out anew from the ledger of links whenever one of the
two may have changed. So it is the same in any order of arrival, and gone when the sides are parted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import msgspec
from sqlalchemy.engine import Connection

from siyu.identity import Move, joints
from siyu.privacy import ledger, queries
from siyu.privacy.types import SETTLED, Consent


def take(conn: Connection, said: Sequence[Consent], moves: Sequence[Move] = (), seen: Collection[int] = ()) -> set[int]:
    """Follow moves, in their order, then take over what is ``said``. Answers the persons of whom something changed.

    ``seen``: persons whose identifiers may be tied since another time than before.
    """
    people = {person for move in moves for person in (move.source, move.target)} | {row.person for row in said}
    people |= queries.withdrawn_among(conn, set(seen) - people)
    before = {row for rows in queries.consents_of(conn, sorted(people)).values() for row in rows}
    words = ledger.fold([*_moved([row for row in before if row.anchor != SETTLED], moves), *said])
    after = {*words.values(), *_settled(conn, words.values())}
    keys = {_key(row) for row in after}
    queries.drop(conn, [row for row in before if _key(row) not in keys])
    queries.save(conn, sorted(after - before, key=_key))
    return {row.person for row in before ^ after} & {row.person for row in after}


def _key(row: Consent) -> ledger.Key:
    return row.person, row.anchor, row.channel, row.purpose


def _moved(rows: Iterable[Consent], moves: Sequence[Move]) -> list[Consent]:
    held: dict[int, list[Consent]] = defaultdict(list)
    for row in rows:
        held[row.person].append(row)
    for move in moves:
        anchors = None if move.anchors is None else set(move.anchors)
        for row in held.pop(move.source, ()):
            goes = anchors is None or row.anchor in anchors
            held[move.target if goes else move.source].append(row)
    return [msgspec.structs.replace(row, person=person) for person, theirs in held.items() for row in theirs]


def _settled(conn: Connection, words: Iterable[Consent]) -> list[Consent]:
    """What has to be settled of persons whose anchors may disagree."""
    held: dict[int, list[Consent]] = defaultdict(list)
    for word in words:
        held[word.person].append(word)
    several = {
        person: rows
        for person, rows in held.items()
        if any(row.withdrawn for row in rows) and len({row.anchor for row in rows}) > 1
    }
    since = joints(conn, several) if several else {}
    return [row for person, rows in several.items() for row in ledger.settled(rows, since.get(person, ()))]
