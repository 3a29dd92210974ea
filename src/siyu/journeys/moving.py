"""Runs go with their anchors: two of one journey become one at a merge, and each goes its way after a split."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy.engine import Connection

from siyu.delivery import follow_moves
from siyu.identity import Move
from siyu.journeys import queries
from siyu.journeys.ledger import Ledger


def follow(conn: Connection, moves: Sequence[Move], now: int) -> None:
    """Runs, marks and messages follow merges and splits. Of two runs in one journey the earlier goes on.

    The other ends as ``merged`` and keeps its anchor: after a split it belongs to whom it began with, and counts as a
    run that person has had, so nothing is begun or sent a second time.
    """
    queries.move(conn, moves)
    follow_moves(conn, moves, partial(queries.run_owners, conn))
    _end_doubles(conn, moves, now)


def _end_doubles(conn: Connection, moves: Sequence[Move], now: int) -> None:
    gone = {move.source for move in moves if move.anchors is None} - {move.target for move in moves}
    people = sorted({move.target for move in moves} | gone)
    ledger = Ledger({row.id: row.name for row in queries.in_state(conn, ["live", "paused"])}, now)
    kept: set[tuple[str, int]] = set()
    for run in sorted(queries.waiting_of(conn, people), key=lambda run: (run.entered_at, run.id)):
        if run.person in gone or (run.journey, run.person) in kept:
            ledger.note(run, "journey", "merged", {})
            ledger.ended(run, "exited", "merged")
        kept.add((run.journey, run.person))
    ledger.write(conn)
