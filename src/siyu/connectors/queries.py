"""SQL about connectors, their pulls, what they mirror, and what they have to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.connectors.tables import installs, mirror, pulls, tasks
from siyu.store import bulk, chunks


def all_installs(conn: Connection) -> Sequence[Row[Any]]:
    """The newest first."""
    return conn.execute(sa.select(installs).order_by(installs.c.created_at.desc(), installs.c.id)).all()


def install_row(conn: Connection, install: str) -> Row[Any] | None:
    return conn.execute(sa.select(installs).where(installs.c.id == install)).one_or_none()


def add_install(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(installs).values(dict(values)))


def change_install(conn: Connection, install: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(installs).where(installs.c.id == install).values(dict(values)))


def drop_install(conn: Connection, install: str) -> None:
    """With its pulls, mirror and work."""
    for table in (pulls, mirror, tasks):
        conn.execute(sa.delete(table).where(table.c.install_id == install))
    conn.execute(sa.delete(installs).where(installs.c.id == install))


# --- pulls


def pulls_of(conn: Connection, install: str) -> dict[str, Row[Any]]:
    return {row.pull: row for row in conn.execute(sa.select(pulls).where(pulls.c.install_id == install))}


def due_pulls(conn: Connection, now: int) -> Sequence[Row[Any]]:
    """Pulls with a step to do now, of connectors that are not paused; who waits longest first."""
    query = (
        sa.select(pulls)
        .join(installs, installs.c.id == pulls.c.install_id)
        .where(
            pulls.c.state.in_(("running", "sweeping")),
            pulls.c.due_at <= now,
            pulls.c.lease_until <= now,
            installs.c.paused.is_(sa.false()),
        )
    )
    return conn.execute(query.order_by(pulls.c.due_at)).all()


def next_pull(conn: Connection) -> int | None:
    query = sa.select(sa.func.min(pulls.c.due_at)).where(pulls.c.state.in_(("running", "sweeping")))
    return conn.execute(query).scalar()


def put_pull(conn: Connection, install: str, pull: str, values: Mapping[str, Any]) -> None:
    here = sa.and_(pulls.c.install_id == install, pulls.c.pull == pull)
    if not conn.execute(sa.update(pulls).where(here).values(dict(values))).rowcount:
        conn.execute(sa.insert(pulls).values(install_id=install, pull=pull, **values))


def claim_pull(conn: Connection, row: Row[Any], now: int, until: int) -> bool:
    """Whether the step is ours to do."""
    here = sa.and_(pulls.c.install_id == row.install_id, pulls.c.pull == row.pull, pulls.c.run == row.run)
    free = sa.and_(here, pulls.c.lease_until <= now, pulls.c.cursor == row.cursor, pulls.c.state == row.state)
    return bool(conn.execute(sa.update(pulls).where(free).values(lease_until=until)).rowcount)


def holds_pull(conn: Connection, row: Row[Any], until: int) -> bool:
    """Whether the step we claimed is still ours."""
    here = sa.and_(pulls.c.install_id == row.install_id, pulls.c.pull == row.pull, pulls.c.run == row.run)
    query = sa.select(pulls.c.lease_until).where(here)
    return conn.execute(query).scalar() == until


# --- what the vendors' lists hold


def links(conn: Connection, install: str, kind: str, keys: Collection[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(sorted(keys)):
        query = sa.select(mirror).where(mirror.c.install_id == install, mirror.c.kind == kind, mirror.c.key.in_(part))
        found |= {row.key: row for row in conn.execute(query)}
    return found


def put_links(conn: Connection, install: str, rows: Sequence[tuple[str, str, str, bool, int, int, int, str]]) -> None:
    """Rows are (kind, key, owner, present, hash, changed at, seen, data)."""
    bulk(
        conn,
        "INSERT INTO connectors_mirror (install_id, kind, key, owner, present, hash, changed_at, seen, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (install_id, kind, key) DO UPDATE SET"
        " owner = excluded.owner, present = excluded.present, hash = excluded.hash,"
        " changed_at = excluded.changed_at, seen = excluded.seen, data = excluded.data",
        [(install, *row) for row in rows],
    )


def links_within(conn: Connection, install: str, kind: str, prefix: str) -> Sequence[Row[Any]]:
    """Links that are there, by the beginning of their keys."""
    here = sa.and_(mirror.c.install_id == install, mirror.c.kind == kind, mirror.c.present)
    query = sa.select(mirror).where(here, mirror.c.key >= prefix, mirror.c.key < prefix + "\uffff")
    return conn.execute(query.order_by(mirror.c.key)).all()


def unseen_links(conn: Connection, install: str, kinds: Sequence[str], run: int, limit: int) -> Sequence[Row[Any]]:
    """Links a complete run has not met, but for those something was heard of since it began."""
    query = sa.select(mirror).where(
        mirror.c.install_id == install,
        mirror.c.kind.in_(kinds),
        mirror.c.present,
        mirror.c.seen < run,
        mirror.c.changed_at < run,
    )
    return conn.execute(query.order_by(mirror.c.kind, mirror.c.key).limit(limit)).all()


def owners_left(conn: Connection, install: str, kind: str, owners: Collection[str]) -> set[str]:
    """Owners that still have a link of this kind."""
    found: set[str] = set()
    for part in chunks(sorted(owners)):
        query = sa.select(mirror.c.owner).where(
            mirror.c.install_id == install, mirror.c.kind == kind, mirror.c.owner.in_(part), mirror.c.present
        )
        found |= {row[0] for row in conn.execute(query.distinct())}
    return found


def keys_by_owner(conn: Connection, install: str, kind: str, owners: Collection[str]) -> dict[str, list[str]]:
    """Owner → the keys of their links of this kind, in order."""
    found: dict[str, list[str]] = {}
    for part in chunks(sorted(owners)):
        query = sa.select(mirror.c.owner, mirror.c.key).where(
            mirror.c.install_id == install, mirror.c.kind == kind, mirror.c.owner.in_(part), mirror.c.present
        )
        for owner, key in conn.execute(query.order_by(mirror.c.key)):
            found.setdefault(owner, []).append(key)
    return found


def count_links(conn: Connection, install: str) -> dict[str, int]:
    query = sa.select(mirror.c.kind, sa.func.count()).where(mirror.c.install_id == install, mirror.c.present)
    return {row[0]: int(row[1]) for row in conn.execute(query.group_by(mirror.c.kind))}


# --- work to do


def add_tasks(conn: Connection, rows: Iterable[tuple[str, str, str, str, int, int]]) -> None:
    """Rows are (install, name, key, payload, created at, due at). One that waits already is left as it is; one being
    done is done again, since it may have asked too early; one that was given up gets another chance.
    """
    bulk(
        conn,
        "INSERT INTO connectors_tasks (install_id, name, key, payload, created_at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (install_id, name, key) DO UPDATE SET lease_until = 0,"
        " created_at = CASE connectors_tasks.state WHEN 'failed' THEN excluded.created_at"
        " ELSE connectors_tasks.created_at END,"
        " due_at = CASE connectors_tasks.state WHEN 'failed' THEN excluded.due_at ELSE connectors_tasks.due_at END,"
        " attempts = CASE connectors_tasks.state WHEN 'failed' THEN 0 ELSE connectors_tasks.attempts END,"
        " state = 'waiting'",
        list(rows),
    )


def due_tasks(conn: Connection, now: int, until: int, limit: int) -> Sequence[Row[Any]]:
    """Claim tasks; those of paused connectors wait."""
    ready = (
        sa.select(tasks.c.seq)
        .join(installs, installs.c.id == tasks.c.install_id)
        .where(
            tasks.c.state == "waiting",
            tasks.c.due_at <= now,
            tasks.c.lease_until <= now,
            installs.c.paused.is_(sa.false()),
        )
        .order_by(tasks.c.due_at, tasks.c.seq)
        .limit(limit)
    )
    chosen = [row[0] for row in conn.execute(ready)]
    if not chosen:
        return []
    mine = sa.and_(tasks.c.seq.in_(chosen), tasks.c.lease_until <= now)
    return conn.execute(sa.update(tasks).where(mine).values(lease_until=until).returning(*tasks.c)).all()


def finish_task(conn: Connection, seq: int, until: int) -> bool:
    """Whether it was still ours, and is done now."""
    return bool(conn.execute(sa.delete(tasks).where(tasks.c.seq == seq, tasks.c.lease_until == until)).rowcount)


def put_task(conn: Connection, seq: int, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(tasks).where(tasks.c.seq == seq).values(dict(values)))


def tasks_naming(conn: Connection, install: str, value: str) -> Sequence[Row[Any]]:
    """What is to be done about somebody, or was given up. Receipts are of messages."""
    here = sa.and_(
        tasks.c.install_id == install, tasks.c.name != "receipt", tasks.c.payload.contains(value, autoescape=True)
    )
    return conn.execute(sa.select(tasks).where(here)).all()


def drop_task(conn: Connection, seq: int) -> None:
    conn.execute(sa.delete(tasks).where(tasks.c.seq == seq))


def task_counts(conn: Connection, install: str) -> dict[str, int]:
    query = sa.select(tasks.c.state, sa.func.count()).where(tasks.c.install_id == install)
    return {row[0]: int(row[1]) for row in conn.execute(query.group_by(tasks.c.state))}


def failed_tasks(conn: Connection, install: str, limit: int) -> Sequence[Row[Any]]:
    query = sa.select(tasks).where(tasks.c.install_id == install, tasks.c.state == "failed")
    return conn.execute(query.order_by(tasks.c.seq.desc()).limit(limit)).all()


def retry_tasks(conn: Connection, install: str, now: int) -> int:
    failed = sa.and_(tasks.c.install_id == install, tasks.c.state == "failed")
    values = {"state": "waiting", "attempts": 0, "due_at": now, "lease_until": 0, "error": ""}
    return int(conn.execute(sa.update(tasks).where(failed).values(values)).rowcount)
