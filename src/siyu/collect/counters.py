"""What went through which stage, by hour and source: the health of sources and of the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.collect.tables import counters, sources
from siyu.kit import DAY, HOUR
from siyu.store import bulk, now_of

Stage = Literal["collect", "resolve", "write", "apply", "announce"]
STAGES: tuple[Stage, ...] = ("collect", "resolve", "write", "apply", "announce")


class Count(msgspec.Struct, frozen=True):
    """What a batch adds. ``last_at`` is its newest arrival, ``lag_ms`` from its oldest to the end of the stage."""

    source_id: str
    stage: Stage
    count: int
    errors: int = 0
    last_at: int = 0
    lag_ms: int = 0


def count(conn: Connection, now: int, counts: Sequence[Count]) -> None:
    """Add a batch's counts in one statement, in the transaction that settles it."""
    hour = now - now % HOUR
    bulk(
        conn,
        "INSERT INTO collect_counters (hour, source_id, stage, count, errors, last_at, lag_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hour, source_id, stage) DO UPDATE SET"
        " count = collect_counters.count + excluded.count, errors = collect_counters.errors + excluded.errors,"
        " last_at = CASE WHEN excluded.last_at > collect_counters.last_at THEN excluded.last_at"
        " ELSE collect_counters.last_at END, lag_ms = excluded.lag_ms",
        [(hour, one.source_id, one.stage, one.count, one.errors, one.last_at, one.lag_ms) for one in counts],
    )


def by_stage(conn: Connection, since: int) -> dict[str, tuple[int, int, int]]:
    """Stage → (records, errors, newest lag in ms) since a time."""
    sums = conn.execute(
        sa.select(counters.c.stage, sa.func.sum(counters.c.count), sa.func.sum(counters.c.errors))
        .where(counters.c.hour > since - HOUR)
        .group_by(counters.c.stage)
    ).all()
    newest = sa.select(sa.func.max(counters.c.hour)).scalar_subquery()
    lags = {
        row[0]: row[1]
        for row in conn.execute(
            sa.select(counters.c.stage, sa.func.max(counters.c.lag_ms))
            .where(counters.c.hour == newest)
            .group_by(counters.c.stage)
        )
    }
    return {row[0]: (int(row[1]), int(row[2]), int(lags.get(row[0], 0))) for row in sums}


def by_source(conn: Connection, since: int) -> dict[str, tuple[int, int]]:
    """Source → (records collected since a time, newest arrival ever counted)."""
    recent = sa.func.sum(sa.case((counters.c.hour > since - HOUR, counters.c.count), else_=0))
    rows = conn.execute(
        sa.select(counters.c.source_id, recent, sa.func.max(counters.c.last_at))
        .where(counters.c.stage == "collect")
        .group_by(counters.c.source_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def count_silent(conn: Connection) -> int:
    """Sources that have sent before, and nothing for a day. Imports come when they come and don't count."""
    newest = (
        sa.select(counters.c.source_id, sa.func.max(counters.c.last_at).label("last_at"))
        .group_by(counters.c.source_id)
        .subquery()
    )
    query = (
        sa.select(sa.func.count())
        .select_from(sources.join(newest, newest.c.source_id == sources.c.id))
        .where(sources.c.disabled.is_(sa.false()), sources.c.kind != "import", newest.c.last_at < now_of(conn) - DAY)
    )
    return int(conn.execute(query).scalar_one())
