"""SQL about bad signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.delivery.queries import HELD
from siyu.delivery.tables import annoyance, messages
from siyu.identity import Move
from siyu.store import among, bulk


class Signal(msgspec.Struct, frozen=True):
    """``weight``: the faded count as of ``at``."""

    person: int
    anchor: int
    signal: str
    weight: float
    times: int
    at: int


def signals_of(conn: Connection, persons: Sequence[int]) -> list[Signal]:
    rows = among(
        conn,
        "SELECT person_id, anchor, signal, weight, times, at FROM delivery_annoyance WHERE person_id IN {values}",
        persons,
    )
    return [Signal(*row) for row in rows]


def people(conn: Connection) -> list[int]:
    """Everybody with a bad signal."""
    query = sa.select(annoyance.c.person_id).where(annoyance.c.signal != "answered").distinct()
    return list(conn.execute(query.order_by(annoyance.c.person_id)).scalars())


def add(conn: Connection, happened: Mapping[tuple[int, int, str], Sequence[int]], half_life: int) -> None:
    """Count signals in; the order they come in makes no difference."""
    if not happened:
        return
    held = {(row.person, row.anchor, row.signal): row for row in signals_of(conn, sorted({k[0] for k in happened}))}
    rows = []
    for key, times in happened.items():
        old = held.get(key)
        last = max([*times, old.at if old else 0])
        weight = sum(0.5 ** ((last - at) / half_life) for at in times)
        weight += old.weight * 0.5 ** ((last - old.at) / half_life) if old else 0.0
        rows.append([*key, weight, len(times) + (old.times if old else 0), last])
    bulk(
        conn,
        "INSERT INTO delivery_annoyance (person_id, anchor, signal, weight, times, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id, anchor, signal)"
        " DO UPDATE SET weight = excluded.weight, times = excluded.times, at = excluded.at",
        rows,
    )


def follow_moves(conn: Connection, moves: Sequence[Move]) -> None:
    """Signals go with the anchors they came with."""
    for move in moves:
        held = annoyance.c.person_id == move.source
        if move.anchors is not None:
            held = sa.and_(held, annoyance.c.anchor.in_(move.anchors))
        conn.execute(sa.update(annoyance).where(held).values(person_id=move.target))


def sent_times(conn: Connection, person: int, since: int) -> list[int]:
    """When a person was written to since a moment."""
    where = sa.and_(messages.c.person_id == person, messages.c.state.in_(HELD), messages.c.counts_at >= since)
    return list(conn.execute(sa.select(messages.c.counts_at).where(where)).scalars())
