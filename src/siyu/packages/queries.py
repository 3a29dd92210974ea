"""All SQL of packages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.packages.tables import packages, runs

OPEN = ("waiting", "making", "sending")


def page(conn: Connection, audience: str | None, after: tuple[int, str] | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first; ``after`` is (created_at, id)."""
    query = sa.select(packages).where(*_past(packages, after))
    if audience is not None:
        query = query.where(packages.c.audience_id == audience)
    return conn.execute(query.order_by(packages.c.created_at.desc(), packages.c.id.desc()).limit(limit)).all()


def using(conn: Connection, audience: str) -> list[tuple[str, str]]:
    """(id, name) of the packages of an audience."""
    query = sa.select(packages.c.id, packages.c.name).where(packages.c.audience_id == audience)
    return [(row.id, row.name) for row in conn.execute(query)]


def saying(conn: Connection, text: str) -> Sequence[Row[Any]]:
    """Packages in whose contents a text stands somewhere."""
    found = sa.select(packages).where(packages.c.content.contains(text, autoescape=True))
    return conn.execute(found.order_by(packages.c.name, packages.c.id)).all()


def one(conn: Connection, package_id: str) -> Row[Any] | None:
    return conn.execute(sa.select(packages).where(packages.c.id == package_id)).one_or_none()


def add(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(packages.insert().values(values))


def update(conn: Connection, package_id: str, values: dict[str, Any]) -> None:
    conn.execute(packages.update().where(packages.c.id == package_id).values(values))


def drop(conn: Connection, package_id: str) -> list[str]:
    """Remove a package with its runs; answers their ids."""
    gone = list(conn.execute(runs.delete().where(runs.c.package_id == package_id).returning(runs.c.id)).scalars())
    conn.execute(packages.delete().where(packages.c.id == package_id))
    return gone


def scheduled_until(conn: Connection, at: int) -> Sequence[Row[Any]]:
    return conn.execute(sa.select(packages).where(packages.c.next_at > 0, packages.c.next_at <= at)).all()


def add_run(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(runs.insert().values(values))


def run(conn: Connection, package_id: str, run_id: str) -> Row[Any] | None:
    mine = sa.and_(runs.c.id == run_id, runs.c.package_id == package_id)
    return conn.execute(sa.select(runs).where(mine)).one_or_none()


def runs_of(conn: Connection, package_id: str, after: tuple[int, str] | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first; ``after`` is (created_at, id)."""
    query = sa.select(runs).where(runs.c.package_id == package_id, *_past(runs, after))
    return conn.execute(query.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)).all()


def _past(table: sa.Table, after: tuple[int, str] | None) -> list[sa.ColumnElement[bool]]:
    """Below a place of a list that goes from the newest down."""
    if after is None:
        return []
    at, name = after
    return [sa.or_(table.c.created_at < at, sa.and_(table.c.created_at == at, table.c.id < name))]


def last_runs(conn: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Package → its newest run."""
    newest = sa.select(runs.c.package_id, sa.func.max(runs.c.created_at).label("at"))
    newest_of = newest.where(runs.c.package_id.in_(ids)).group_by(runs.c.package_id).subquery()
    same = sa.and_(runs.c.package_id == newest_of.c.package_id, runs.c.created_at == newest_of.c.at)
    return {row.package_id: row for row in conn.execute(sa.select(runs).join(newest_of, same))}


def is_under_way(conn: Connection, package_id: str) -> bool:
    mine = sa.select(runs.c.id).where(runs.c.package_id == package_id, runs.c.state.in_(OPEN))
    return conn.execute(mine.limit(1)).first() is not None


def has_work(conn: Connection, now: int) -> bool:
    """Is something to be made, or files to be let go?"""
    due = sa.select(sa.literal(1)).where(packages.c.next_at > 0, packages.c.next_at <= now)
    ripe = sa.select(sa.literal(1)).where(runs.c.state.in_(OPEN), runs.c.due_at <= now)
    over = sa.select(sa.literal(1)).where(runs.c.expires_at > 0, runs.c.expires_at <= now)
    return conn.execute(sa.union_all(due, ripe, over).limit(1)).first() is not None


def claim(conn: Connection, worker: str, now: int, until: int, lone: bool) -> Row[Any] | None:
    """Lease the run that has waited longest. Where nobody else works, another's lease is that of one who is gone."""
    free = runs.c.lease_until < now
    if lone:
        free = sa.or_(free, runs.c.lease_by != worker)
    ripe = sa.select(runs.c.id).where(runs.c.state.in_(OPEN), runs.c.due_at <= now, free)
    chosen = conn.execute(ripe.order_by(runs.c.due_at).limit(1).with_for_update(skip_locked=True)).scalar_one_or_none()
    if chosen is None:
        return None
    mine = runs.update().where(runs.c.id == chosen).values(lease_by=worker, lease_until=until)
    conn.execute(mine)
    return conn.execute(sa.select(runs).where(runs.c.id == chosen)).one()


def note(conn: Connection, worker: str, run_id: str, values: dict[str, Any]) -> bool:
    """Write how a run goes, if it is still ours."""
    ours = sa.and_(runs.c.id == run_id, runs.c.lease_by == worker)
    return conn.execute(runs.update().where(ours).values(values)).rowcount > 0


def expired(conn: Connection, at: int) -> list[str]:
    """Runs whose files are to go; they count as gone then."""
    due = sa.and_(runs.c.expires_at > 0, runs.c.expires_at <= at)
    return list(conn.execute(runs.update().where(due).values(expires_at=0).returning(runs.c.id)).scalars())


def forget_before(conn: Connection, at: int) -> None:
    """Drop what was over before ``at`` (epoch ms)."""
    conn.execute(runs.delete().where(runs.c.ended_at > 0, runs.c.ended_at < at, runs.c.expires_at == 0))
