"""SQL about campaigns and their members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.campaigns.tables import campaigns, members, reviews
from siyu.campaigns.types import Due, Member, Plan
from siyu.identity import Move
from siyu.store import bulk, insert_for


def campaign(conn: Connection, id: str) -> Row[Any] | None:
    return conn.execute(sa.select(campaigns).where(campaigns.c.id == id)).one_or_none()


def list_campaigns(conn: Connection, after: tuple[int, str] | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first."""
    query = sa.select(campaigns)
    if after is not None:
        query = query.where(sa.tuple_(campaigns.c.created_at, campaigns.c.id) < sa.tuple_(*after))
    return conn.execute(query.order_by(campaigns.c.created_at.desc(), campaigns.c.id.desc()).limit(limit)).all()


def between(conn: Connection, since: int, until: int) -> Sequence[Row[Any]]:
    """Campaigns that begin, or began, in a span."""
    when = sa.case((campaigns.c.started_at > 0, campaigns.c.started_at), else_=campaigns.c.starts_at)
    query = sa.select(campaigns, when.label("day_at")).where(when >= since, when < until).order_by(when)
    return conn.execute(query.limit(200)).all()


def insert(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(sa.insert(campaigns).values(dict(values)))


def update(conn: Connection, id: str, values: Mapping[str, Any], in_states: Iterable[str] = ()) -> bool:
    """Change a campaign (that is still in one of these states)."""
    where = campaigns.c.id == id
    if states := list(in_states):
        where = sa.and_(where, campaigns.c.state.in_(states))
    return conn.execute(sa.update(campaigns).where(where).values(dict(values))).rowcount == 1


def due(conn: Connection, now: int) -> list[Due]:
    """Campaigns that are to begin or go on now."""
    begins = sa.and_(campaigns.c.state == "scheduled", campaigns.c.starts_at <= now)
    rows = conn.execute(sa.select(campaigns).where(sa.or_(campaigns.c.state == "sending", begins)))
    return [
        Due(row.id, row.name, row.state, msgspec.json.decode(row.plan, type=Plan), row.starts_at, row.started_at)
        for row in rows
    ]


def add_members(conn: Connection, id: str, rows: Sequence[tuple[int, str]], now: int) -> None:
    """(person, arm); who is in already stays as they are."""
    bulk(
        conn,
        "INSERT INTO campaigns_members (campaign_id, person_id, arm, state, due_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (campaign_id, person_id) DO NOTHING",
        [(id, person, arm, "held" if arm == "holdout" else "waiting", now) for person, arm in rows],
    )


def take(conn: Connection, id: str, now: int, limit: int) -> list[Member]:
    """The next members to ask the gate about; nobody else takes them until this transaction ends."""
    query = (
        sa.select(members.c.person_id, members.c.arm, members.c.code)
        .where(members.c.campaign_id == id, members.c.state == "waiting", members.c.due_at <= now)
        .order_by(members.c.due_at, members.c.person_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Member(*row) for row in conn.execute(query)]


def settle(conn: Connection, rows: Sequence[tuple[str, str, str, int, int, str, int]]) -> None:
    """(state, code, params, due_at, asked_at, campaign, person) of members that have been asked for."""
    bulk(
        conn,
        "UPDATE campaigns_members SET state = ?, code = ?, params = ?, due_at = ?, asked_at = ?"
        " WHERE campaign_id = ? AND person_id = ?",
        rows,
    )


def asked_since(conn: Connection, id: str, since: int) -> int:
    where = sa.and_(members.c.campaign_id == id, members.c.state == "asked", members.c.asked_at > since)
    return int(conn.execute(sa.select(sa.func.count()).select_from(members).where(where)).scalar_one())


def next_due(conn: Connection, id: str) -> int | None:
    """When the next waiting member is to be asked for; None when nobody waits."""
    where = sa.and_(members.c.campaign_id == id, members.c.state == "waiting")
    return conn.execute(sa.select(sa.func.min(members.c.due_at)).where(where)).scalar()


def give_back(conn: Connection, id: str, people: Sequence[int], now: int) -> None:
    """Those whose messages were taken back wait again."""
    bulk(
        conn,
        "UPDATE campaigns_members SET state = 'waiting', due_at = ?, asked_at = 0"
        " WHERE campaign_id = ? AND person_id = ?",
        [(now, id, person) for person in people],
    )


def counts(conn: Connection, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Campaign → state → members."""
    query = sa.select(members.c.campaign_id, members.c.state, sa.func.count()).where(members.c.campaign_id.in_(ids))
    found: dict[str, dict[str, int]] = {}
    for id, state, count in conn.execute(query.group_by(members.c.campaign_id, members.c.state)):
        found.setdefault(id, {})[state] = count
    return found


def refusals(conn: Connection, id: str) -> list[tuple[str, str, int]]:
    """(code, what fills its text for one of them, members) of those who have got nothing yet."""
    where = sa.and_(members.c.campaign_id == id, members.c.state.in_(["refused", "waiting"]), members.c.code != "")
    query = sa.select(members.c.code, sa.func.max(members.c.params), sa.func.count()).where(where)
    return [(row[0], row[1], row[2]) for row in conn.execute(query.group_by(members.c.code))]


def list_members(conn: Connection, id: str, state: str | None, after: int, limit: int) -> Sequence[Row[Any]]:
    query = sa.select(members).where(members.c.campaign_id == id, members.c.person_id > after)
    if state:
        query = query.where(members.c.state == state)
    return conn.execute(query.order_by(members.c.person_id).limit(limit)).all()


def member(conn: Connection, id: str, person: int) -> Row[Any] | None:
    where = sa.and_(members.c.campaign_id == id, members.c.person_id == person)
    return conn.execute(sa.select(members).where(where)).one_or_none()


def arms(conn: Connection, id: str) -> tuple[list[int], list[int]]:
    """(treated, held out) persons of a campaign."""
    rows = conn.execute(sa.select(members.c.person_id, members.c.arm).where(members.c.campaign_id == id)).all()
    return [p for p, arm in rows if arm != "holdout"], [p for p, arm in rows if arm == "holdout"]


def follow(conn: Connection, moves: Sequence[Move]) -> None:
    """A person who is absorbed is in a campaign as the one who stays, unless that one is in it already."""
    for move in moves:
        if move.anchors is not None:
            continue
        there = sa.select(members.c.campaign_id).where(members.c.person_id == move.target)
        moving = sa.update(members).where(members.c.person_id == move.source, members.c.campaign_id.not_in(there))
        conn.execute(moving.values(person_id=move.target))
        conn.execute(sa.delete(members).where(members.c.person_id == move.source))


def audience_uses(conn: Connection, audience: str) -> Sequence[Row[str, str]]:
    """Campaigns not yet over that write to an audience."""
    needle = msgspec.json.encode({"audience": audience}).decode()[1:-1]
    where = sa.and_(campaigns.c.state != "done", campaigns.c.plan.contains(needle, autoescape=True))
    return conn.execute(sa.select(campaigns.c.id, campaigns.c.name).where(where)).all()


def review_row(conn: Connection, id: str) -> Row[Any] | None:
    return conn.execute(sa.select(reviews).where(reviews.c.id == id)).one_or_none()


def put_review(conn: Connection, id: str, values: Mapping[str, Any]) -> None:
    insert = insert_for(conn)(reviews).values(id=id, **values)
    conn.execute(insert.on_conflict_do_update(index_elements=["id"], set_=dict(values)))
