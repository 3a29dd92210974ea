"""SQL of decisions, conflicts and history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.identity.tables import conflicts, decisions, sources
from siyu.store import EventEngine, among

Pair = tuple[int, int]
pairs = msgspec.json.Decoder(list[Pair]).decode


def add_decision(
    conn: Connection, verb: str, pair: Pair, now: int, actor: str, reason: str, cut: Sequence[Pair] = ()
) -> int:
    """Write a decision down; answers its number."""
    values = {
        "verb": verb,
        "one": pair[0],
        "two": pair[1],
        "at": now,
        "actor": actor,
        "reason": reason,
        "cut": msgspec.json.encode(cut).decode(),
    }
    return int(conn.execute(sa.insert(decisions).values(values).returning(decisions.c.id)).scalar_one())


def cut_also(conn: Connection, decision: int, more: Sequence[Pair]) -> None:
    """Links that a decision cuts on top of those it was written down with."""
    row = decision_of(conn, decision)
    if row is not None and more:
        cut = msgspec.json.encode([*pairs(row.cut), *more]).decode()
        conn.execute(sa.update(decisions).where(decisions.c.id == decision).values(cut=cut))


def decision_of(conn: Connection, decision: int) -> Any:
    return conn.execute(sa.select(decisions).where(decisions.c.id == decision)).one_or_none()


def undo_decision(conn: Connection, decision: int, now: int, actor: str) -> None:
    conn.execute(sa.update(decisions).where(decisions.c.id == decision).values(undone_at=now, undone_by=actor))


def standing(conn: Connection, verb: str, pair: Pair) -> list[int]:
    """Decisions about this pair that were not undone."""
    mine = sa.and_(decisions.c.verb == verb, decisions.c.one == pair[0], decisions.c.two == pair[1])
    return list(conn.execute(sa.select(decisions.c.id).where(mine, decisions.c.undone_at.is_(None))).scalars())


def decisions_about(conn: Connection, numbers: Collection[int]) -> dict[int, Any]:
    rows = among(
        conn, "SELECT id, actor, reason, undone_at, verb FROM identity_decisions WHERE id IN {values}", numbers
    )
    return {row[0]: row for row in rows}


def conflict_of(conn: Connection, conflict: int) -> Any:
    return conn.execute(sa.select(conflicts).where(conflicts.c.id == conflict)).one_or_none()


def close_conflict(conn: Connection, conflict: int, state: str, now: int, actor: str) -> None:
    conn.execute(
        sa.update(conflicts).where(conflicts.c.id == conflict).values(state=state, closed_at=now, closed_by=actor)
    )


def list_conflicts(conn: Connection, state: str, before: int | None, limit: int) -> Sequence[Any]:
    """Newest first."""
    wanted = [conflicts.c.state == state] + ([conflicts.c.id < before] if before else [])
    return conn.execute(sa.select(conflicts).where(*wanted).order_by(conflicts.c.id.desc()).limit(limit)).all()


def count_open(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).where(conflicts.c.state == "open")).scalar_one())


def history_of(conn: Connection, ids: Collection[int]) -> list[Any]:
    """Steps about links of these identifiers: (id, one, two, at, step, reason, decision)."""
    found: dict[int, Any] = {}
    for column in ("one", "two"):
        statement = (
            f"SELECT id, one, two, at, step, reason, decision FROM identity_history WHERE {column} IN {{values}}"  # noqa: S608
        )
        found |= {row[0]: row for row in among(conn, statement, ids)}
    return [found[number] for number in sorted(found)]


def count_events(engine: EventEngine, person: int, anchors: Sequence[int]) -> int:
    """Events of a person that came with one of these identifiers."""
    sql = "SELECT count() FROM events WHERE person IN {people:Array(UInt64)} AND anchor IN {anchors:Array(UInt64)}"
    params = {"people": engine.numbers_of([person]), "anchors": list(anchors)}
    return int(next(iter(engine.query(sql, params, max_seconds=15)))[0])


def source_names(conn: Connection) -> dict[int, str]:
    return {row.id: row.source_id for row in conn.execute(sa.select(sources))}
