"""Consent follows its anchors. A merge seals what its two sides had said; a split that parts them breaks the seal.

A seal holds the stricter of what two sides said before they became one, so that a yes of the one can't undo a no of
the other. What either side said stays as it was said: taken apart again, each has exactly what it had.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.engine import Connection

from siyu.collect import anchor_of
from siyu.identity import Move
from siyu.privacy import ledger, queries
from siyu.privacy.types import Consent, Seal


def regroup(conn: Connection, moves: Sequence[Move]) -> None:
    """Follow moves, in their order and in the caller's transaction."""
    people = {person for move in moves for person in (move.source, move.target)}
    speaking = set(queries.consents_of(conn, sorted(people)))
    for move in moves:
        if move.source not in speaking:
            continue
        if move.anchors is None:
            _join(conn, move.source, move.target)
            speaking.discard(move.source)
        else:
            _part(conn, move.source, move.target, move.anchors)
        speaking.add(move.target)


def _join(conn: Connection, source: int, target: int) -> None:
    held = queries.consents_of(conn, [source, target])
    kept, joined = held.get(target, []), held.get(source, [])
    queries.move(conn, source, target, None)
    if kept and joined:
        until = max(row.at for row in (*kept, *joined))
        _seal(conn, target, _anchors(kept), _anchors(joined), until)


def _anchors(rows: Collection[Consent]) -> frozenset[int]:
    return frozenset(row.anchor for row in rows)


def _seal(conn: Connection, person: int, kept: frozenset[int], joined: frozenset[int], until: int) -> int:
    """Seal two sides; answers the anchor of the seal."""
    sides = ",".join(str(anchor) for side in (kept, joined) for anchor in sorted(side))
    seal = Seal(anchor_of(f"seal:{person}:{until}:{sides}"), person, kept, joined, until)
    queries.put_seal(conn, seal)
    _fill(conn, seal)
    return seal.anchor


def _fill(conn: Connection, seal: Seal) -> None:
    """Write what a seal has to say, as it follows from what its sides had said until then."""
    before = [row for row in queries.consents_of(conn, [seal.person]).get(seal.person, []) if row.at <= seal.until]
    sides = [[row for row in before if row.anchor in side] for side in (seal.kept, seal.joined)]
    queries.empty_seal(conn, seal)
    queries.save(conn, ledger.merge(seal.person, seal.anchor, sides))


def reseal(conn: Connection, said: Sequence[Consent]) -> None:
    """Statements that came late, said before a merge they belong to: its seal is written anew."""
    first: dict[int, int] = {}
    for consent in said:
        first[consent.person] = min(consent.at, first.get(consent.person, consent.at))
    for person in queries.sealed(conn, sorted(first)):
        for seal in queries.seals_of(conn, person):
            if first[person] <= seal.until:
                _fill(conn, seal)


def _part(conn: Connection, source: int, target: int, moved: Collection[int]) -> None:
    queries.move(conn, source, target, moved)
    became: dict[int, frozenset[int]] = {}
    for seal in queries.seals_of(conn, source):
        held = queries.consents_of(conn, [source, target])
        here, there = (_anchors(held.get(person, [])) for person in (source, target))
        kept, joined = (_renamed(side, became) for side in (seal.kept, seal.joined))
        members = (kept | joined) & (here | there)
        if members <= here:
            continue
        if members <= there:
            queries.give_seal(conn, seal, target)
            continue
        queries.break_seal(conn, seal)
        became[seal.anchor] = frozenset(
            _seal(conn, person, kept & mine, joined & mine, seal.until)
            for person, mine in ((source, here), (target, there))
            if kept & mine and joined & mine
        )


def _renamed(side: frozenset[int], became: dict[int, frozenset[int]]) -> frozenset[int]:
    """A side as it is now: what was made of a seal that was broken stands for it in those put upon it."""
    return side.union(*(became.get(anchor, frozenset()) for anchor in side)) - became.keys()
