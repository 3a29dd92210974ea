"""All SQL of the suggestions room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.accounts import Operator
from siyu.store import bulk
from siyu.suggestions.tables import pairs, runs

Row = sa.Row[Any]

_owner = sa.table("identity_identifiers", sa.column("key"), sa.column("person_id"))
_a, _b = _owner.alias("a"), _owner.alias("b")
_both = pairs.join(_a, _a.c.key == pairs.c.key_a).join(_b, _b.c.key == pairs.c.key_b)
_two_persons = sa.and_(_a.c.person_id != _b.c.person_id, _a.c.person_id > 0, _b.c.person_id > 0)
"""Neither became the other in another way, and neither identifier turned out to name nobody in particular."""

_BANDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


def add_run(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(sa.insert(runs).values(values))


def change_run(conn: Connection, run_id: str, values: dict[str, Any]) -> None:
    conn.execute(sa.update(runs).where(runs.c.id == run_id).values(values))


def run(conn: Connection, run_id: str) -> Row | None:
    return conn.execute(sa.select(runs).where(runs.c.id == run_id)).first()


def latest_run(conn: Connection) -> Row | None:
    return conn.execute(sa.select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(1)).first()


def open_run(conn: Connection) -> Row | None:
    """The run that waits or goes on."""
    return conn.execute(sa.select(runs).where(runs.c.state.in_(("waiting", "running"))).limit(1)).first()


def claim_run(conn: Connection, now: int, until: int) -> Row | None:
    """Take a run nobody works on; one whose worker has gone starts again."""
    found = conn.execute(
        sa.select(runs)
        .where(runs.c.state.in_(("waiting", "running")), runs.c.leased_until <= now)
        .order_by(runs.c.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if found is not None:
        change_run(conn, found.id, {"state": "running", "leased_until": until})
    return found


def put_pairs(conn: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
    """Rows as the columns below; answers how many are new. A pair somebody has decided about is left as it is."""
    return bulk(
        conn,
        "INSERT INTO suggestions_pairs (id, key_a, key_b, score, weight, evidence, group_size, run_id, state,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        rows,
    )


def forget_waiting(conn: Connection) -> None:
    """A new run says anew what is worth a look; also what limits refused may be possible by now."""
    conn.execute(sa.delete(pairs).where(pairs.c.state.in_(("waiting", "refused"))))


def rejected_persons(conn: Connection) -> list[tuple[int, int]]:
    """Pairs of persons that somebody said are two."""
    found = conn.execute(
        sa.select(_a.c.person_id, _b.c.person_id).select_from(_both).where(pairs.c.state == "rejected", _two_persons)
    )
    return [(row[0], row[1]) for row in found]


def _queue(min_score: float) -> sa.Select[Any]:
    return (
        sa.select(pairs, _a.c.person_id.label("person_a"), _b.c.person_id.label("person_b"))
        .select_from(_both)
        .where(pairs.c.state == "waiting", pairs.c.score >= min_score, _two_persons)
    )


def waiting(conn: Connection, min_score: float, after: tuple[float, str] | None, limit: int) -> Sequence[Row]:
    """What is to be looked at, the surest first."""
    query = _queue(min_score).order_by(pairs.c.weight.desc(), pairs.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(pairs.c.weight, pairs.c.id) < sa.tuple_(*after, types=[sa.Float, sa.Text]))
    return conn.execute(query).all()


def one(conn: Connection, pair_id: str) -> Row | None:
    return conn.execute(
        sa.select(pairs, _a.c.person_id.label("person_a"), _b.c.person_id.label("person_b"))
        .select_from(_both)
        .where(pairs.c.id == pair_id)
    ).first()


def count_waiting(conn: Connection, min_score: float = 0.0) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(_queue(min_score).subquery())).scalar_one())


def bands(conn: Connection) -> list[tuple[float, int]]:
    """(score, how many wait at or above it)."""
    queue = _queue(0.0).subquery()
    counts = [sa.func.count(sa.case((queue.c.score >= score, 1))) for score in _BANDS]
    return list(zip(_BANDS, conn.execute(sa.select(*counts)).one(), strict=True))


def decide(conn: Connection, pair_id: str, state: str, by: Operator, now: int, failure: str = "") -> None:
    change = {"state": state, "decided_by": by.id, "decided_name": by.name, "decided_at": now, "failure": failure}
    conn.execute(sa.update(pairs).where(pairs.c.id == pair_id).values(change))


def decide_all(conn: Connection, min_score: float, by: Operator, now: int) -> int:
    """Put everything that waits at or above a score into ``accepting``."""
    ids = _queue(min_score).with_only_columns(pairs.c.id)
    change = {"state": "accepting", "decided_by": by.id, "decided_name": by.name, "decided_at": now}
    return conn.execute(sa.update(pairs).where(pairs.c.id.in_(ids)).values(change)).rowcount


def accepting(conn: Connection, limit: int) -> Sequence[Row]:
    """Decided in bulk and not yet carried out, the surest first."""
    return conn.execute(
        sa.select(pairs).where(pairs.c.state == "accepting").order_by(pairs.c.weight.desc(), pairs.c.id).limit(limit)
    ).all()


def count_accepting(conn: Connection) -> int:
    query = sa.select(sa.func.count()).select_from(pairs).where(pairs.c.state == "accepting")
    return int(conn.execute(query).scalar_one())
