"""Messages stay with whoever they were sent to, so that they count for that person's caps through merges and splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.engine import Connection

from siyu.delivery import queries
from siyu.identity import Move
from siyu.profiles import addresses_of

Owners = Callable[[Sequence[int]], dict[int, int]]
"""Runs → the person who is on each."""


def follow_moves(conn: Connection, moves: Sequence[Move], owners: Owners) -> None:
    """Give messages to whom they belong after some moves, in the caller's transaction.

    At a split that is the one of the two whose address it went to; where the address doesn't tell, whose run it was.
    """
    for move in moves:
        if move.anchors is None:
            queries.move_all(conn, move.source, move.target)
        else:
            _share(conn, move, owners)


def _share(conn: Connection, move: Move, owners: Owners) -> None:
    rows = queries.sent_to(conn, move.source)
    if not rows:
        return
    addresses = addresses_of(conn, [move.source, move.target])
    here, there = addresses[move.source], addresses[move.target]
    on_run = owners(sorted({row.run_id for row in rows}))
    theirs = [
        row.seq
        for row in rows
        if (
            row.address in there
            if (row.address in here) != (row.address in there)
            else on_run.get(row.run_id) == move.target
        )
    ]
    queries.set_state(conn, theirs, {"person_id": move.target})
