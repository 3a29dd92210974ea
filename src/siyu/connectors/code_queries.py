"""SQL about channel codes, who joined by them, and parcel cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.connectors.code_types import CodeConfig
from siyu.connectors.session import CodeFace
from siyu.connectors.tables import code_days, codes, installs, joins, parcels
from siyu.store import bulk, chunks


def faces(conn: Connection) -> dict[str, dict[str, CodeFace]]:
    """Install → state → what doors and tasks have to know of a code that is on."""
    found: dict[str, dict[str, CodeFace]] = defaultdict(dict)
    query = sa.select(codes.c.install_id, codes.c.state, codes.c.id, codes.c.name, codes.c.config)
    for row in conn.execute(query.where(codes.c.disabled.is_(sa.false()))):
        config = msgspec.json.decode(row.config, type=CodeConfig)
        found[row.install_id][row.state] = CodeFace(row.id, row.name, config.text, config.link, config.tags)
    return found


_WITH_INSTALL = sa.select(codes, installs.c.name.label("install_name"), installs.c.connector).join(
    installs, installs.c.id == codes.c.install_id
)


def list_codes(conn: Connection, kind: str | None, before: tuple[int, str] | None, limit: int) -> Sequence[Row[Any]]:
    """The newest first."""
    query = _WITH_INSTALL.order_by(codes.c.created_at.desc(), codes.c.id.desc()).limit(limit)
    if kind:
        query = query.where(codes.c.kind == kind)
    if before:
        query = query.where(sa.tuple_(codes.c.created_at, codes.c.id) < sa.tuple_(*before))
    return conn.execute(query).all()


def code_row(conn: Connection, code: str) -> Row[Any] | None:
    return conn.execute(_WITH_INSTALL.where(codes.c.id == code)).one_or_none()


def code_by_slug(conn: Connection, slug: str) -> Row[Any] | None:
    return conn.execute(_WITH_INSTALL.where(codes.c.slug == slug)).one_or_none()


def codes_by_state(conn: Connection, states: Collection[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(sorted(states)):
        found |= {row.state: row for row in conn.execute(sa.select(codes).where(codes.c.state.in_(part)))}
    return found


def any_codes(conn: Connection) -> bool:
    return conn.execute(sa.select(codes.c.id).limit(1)).first() is not None


def codes_of(conn: Connection, install: str) -> int:
    return int(conn.execute(sa.select(sa.func.count()).where(codes.c.install_id == install)).scalar_one())


def add_code(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(codes).values(dict(values)))


def change_code(conn: Connection, code: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(codes).where(codes.c.id == code).values(dict(values)))


# --- counting


def count_up(conn: Connection, rows: Sequence[tuple[str, str, str, int, int, int]]) -> None:
    """Rows are (code, day, staff, opened, joined, lost)."""
    bulk(
        conn,
        "INSERT INTO connectors_code_days (code_id, day, staff, opened, joined, lost) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (code_id, day, staff) DO UPDATE SET opened = connectors_code_days.opened + excluded.opened,"
        " joined = connectors_code_days.joined + excluded.joined, lost = connectors_code_days.lost + excluded.lost",
        rows,
    )


_SUMS = [sa.func.coalesce(sa.func.sum(code_days.c[name]), 0) for name in ("opened", "joined", "lost")]


def totals(conn: Connection, ids: Collection[str], day: str) -> dict[str, tuple[int, int, int, int]]:
    """Code → (opened, joined, lost, joined today)."""
    today = sa.func.coalesce(sa.func.sum(sa.case((code_days.c.day == day, code_days.c.joined), else_=0)), 0)
    query = sa.select(code_days.c.code_id, *_SUMS, today).where(code_days.c.code_id.in_(list(ids)))
    rows = conn.execute(query.group_by(code_days.c.code_id))
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in rows}


def by_day(conn: Connection, code: str, since: str) -> list[tuple[str, int, int, int]]:
    query = sa.select(code_days.c.day, *_SUMS).where(code_days.c.code_id == code, code_days.c.day >= since)
    rows = conn.execute(query.group_by(code_days.c.day).order_by(code_days.c.day))
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]


def by_staff(conn: Connection, code: str, since: str) -> dict[str, tuple[int, int]]:
    """Staff → (opened, joined)."""
    query = sa.select(code_days.c.staff, *_SUMS[:2]).where(code_days.c.code_id == code, code_days.c.day >= since)
    rows = conn.execute(query.group_by(code_days.c.staff).order_by(code_days.c.staff))
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


# --- who joined, and by which order they were recognised


def add_joins(conn: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Rows are (code, person, at); the first time counts."""
    bulk(
        conn,
        "INSERT INTO connectors_joins (code_id, person_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        rows,
    )


def move_joins(conn: Connection, merged: Mapping[int, int]) -> None:
    """Give joins of absorbed persons to those they are now."""
    for part in chunks(sorted(merged)):
        for row in conn.execute(sa.select(joins).where(joins.c.person_id.in_(part))).all():
            target = merged[row.person_id]
            there = sa.and_(joins.c.code_id == row.code_id, joins.c.person_id == target)
            old = sa.and_(joins.c.code_id == row.code_id, joins.c.person_id == row.person_id)
            if conn.execute(sa.select(joins.c.at).where(there)).first() is None:
                conn.execute(sa.update(joins).where(old).values(person_id=target))
            else:
                conn.execute(sa.delete(joins).where(old))
                if row.order_id:
                    values = {"order_id": row.order_id, "matched_at": row.matched_at}
                    conn.execute(sa.update(joins).where(there, joins.c.matched_at == 0).values(values))


def codes_joined(conn: Connection, persons: Collection[int]) -> list[tuple[str, int]]:
    """(code, person) of those among ``persons`` who joined by a code."""
    found: list[tuple[str, int]] = []
    for part in chunks(sorted(persons)):
        query = sa.select(joins.c.code_id, joins.c.person_id).where(joins.c.person_id.in_(part))
        found += [(row[0], row[1]) for row in conn.execute(query)]
    return found


def unmatched(conn: Connection, persons: Collection[int]) -> list[tuple[str, int]]:
    """(code, person) of parcel cards whose order is not known yet."""
    found: list[tuple[str, int]] = []
    for part in chunks(sorted(persons)):
        query = (
            sa.select(joins.c.code_id, joins.c.person_id)
            .join(codes, codes.c.id == joins.c.code_id)
            .where(joins.c.person_id.in_(part), joins.c.matched_at == 0, codes.c.kind == "parcel")
        )
        found += [(row[0], row[1]) for row in conn.execute(query.order_by(joins.c.code_id, joins.c.person_id))]
    return found


def persons_of(conn: Connection, code: str) -> list[int]:
    """Who joined by a code and is not recognised by an order."""
    query = sa.select(joins.c.person_id).where(joins.c.code_id == code, joins.c.matched_at == 0)
    return [row[0] for row in conn.execute(query)]


def parcels_named(conn: Connection, orders: Collection[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(sorted(orders)):
        found |= {row.order_id: row for row in conn.execute(sa.select(parcels).where(parcels.c.order_id.in_(part)))}
    return found


def add_parcels(conn: Connection, rows: Sequence[tuple[str, str, str, int]]) -> int:
    """Rows are (order, code, shop, at). Answers how many are new."""
    return bulk(
        conn,
        "INSERT INTO connectors_parcels (order_id, code_id, shop, added_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        rows,
    )


def match(conn: Connection, code: str, person: int, order: str, gift: bool, now: int) -> bool:
    """Recognise a join by an order; True when there is a gift and it is theirs: one an order."""
    here = sa.and_(joins.c.code_id == code, joins.c.person_id == person)
    conn.execute(sa.update(joins).where(here).values(order_id=order, matched_at=now))
    free = sa.and_(parcels.c.order_id == order, parcels.c.gift_at == 0)
    return gift and bool(conn.execute(sa.update(parcels).where(free).values(gift_at=now)).rowcount)


def parcel_totals(conn: Connection, ids: Collection[str]) -> dict[str, tuple[int, int, int, int]]:
    """Code → (orders, gifts, joins, joins recognised)."""
    given = sa.func.sum(sa.case((parcels.c.gift_at > 0, 1), else_=0))
    query = sa.select(parcels.c.code_id, sa.func.count(), given).where(parcels.c.code_id.in_(list(ids)))
    cards = {row[0]: (int(row[1]), int(row[2])) for row in conn.execute(query.group_by(parcels.c.code_id))}
    known = sa.func.sum(sa.case((joins.c.matched_at > 0, 1), else_=0))
    query = sa.select(joins.c.code_id, sa.func.count(), known).where(joins.c.code_id.in_(list(ids)))
    came = {row[0]: (int(row[1]), int(row[2])) for row in conn.execute(query.group_by(joins.c.code_id))}
    return {id: (*cards.get(id, (0, 0)), *came.get(id, (0, 0))) for id in ids}
