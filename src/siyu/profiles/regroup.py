"""What is known follows its anchors: merges and splits move rows, and what is counted of persons is counted afresh."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.engine import Connection

from siyu.identity import Move, canonical
from siyu.profiles import regroup_queries as queries
from siyu.profiles.settle_queries import bump, count_orders, fold_entries, save_counts


def regroup(conn: Connection, moves: Sequence[Move], now: int) -> set[int]:
    """Follow moves, in their order and in the caller's transaction. Answers the canonical persons that changed.

    Doing the same moves again changes nothing, as long as nothing else has happened in between.
    """
    if not moves:
        return set()
    queries.move(conn, moves)
    alive, gone = sides(conn, moves)
    queries.retire(conn, gone, now)
    queries.revive(conn, alive, now)
    recount(conn, alive)
    bump(conn, alive, now)
    return alive


def recount(conn: Connection, people: Collection[int]) -> None:
    """Derive what is kept of persons in one row from what their anchors said."""
    queries.fold_created(conn, people)
    fold_entries(conn, people)
    save_counts(conn, count_orders(conn, people))


def sides(conn: Connection, moves: Sequence[Move]) -> tuple[set[int], set[int]]:
    """Persons on either side of some moves: those who are somebody now, and those who are not any more."""
    people = {person for move in moves for person in (move.source, move.target)}
    now = canonical(conn, people)
    gone = {person for person in people if now[person] != person}
    return people - gone, gone
