"""All SQL of the delivery room."""

# ruff: noqa: S608 - what is put into the text are our own states and whole numbers; all else is bound

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.content import Content
from siyu.delivery.tables import channels, locks, messages, policies, suppressions
from siyu.delivery.types import Outgoing
from siyu.store import among, bulk, chunks, insert_for

HELD = ("queued", "sending", "waiting", "sent", "in_doubt")
"""States that count for caps and against a second send: the person has it, will have it, or may have it."""


_DECIDED = ("state", "reason", "params", "content", "due_at", "counts_at", "priority", "person_id", "channel")


def lock_gate(conn: Connection) -> None:
    """One gate at a time, also where several writers are possible."""
    conn.execute(insert_for(conn)(locks).values(name="gate").on_conflict_do_nothing())
    conn.execute(sa.select(locks.c.name).where(locks.c.name == "gate").with_for_update()).all()


def suppressed(conn: Connection, names: Collection[str], addresses: Sequence[str]) -> dict[str, str]:
    """Address → why it is never used on a channel of these names."""
    there = sa.select(suppressions.c.channel).where(suppressions.c.channel.in_([*names, "*"])).distinct()
    pairs = [(name, address) for name in conn.execute(there).scalars() for address in addresses]
    known = "SELECT address, reason FROM delivery_suppressions WHERE (channel, address) IN {values}"
    return {row[0]: row[1] for row in among(conn, known, pairs)}


def suppress(conn: Connection, channel: str, address: str, reason: str, now: int) -> None:
    values = {"channel": channel, "address": address, "reason": reason, "at": now}
    conn.execute(insert_for(conn)(suppressions).values(values).on_conflict_do_nothing())


def rename_address(conn: Connection, people: Sequence[int], address: str, to: str) -> None:
    """An address that has to be forgotten, in the messages of these persons and on the list of those not to use."""
    here = sa.and_(messages.c.person_id.in_(people), messages.c.address == address)
    conn.execute(sa.update(messages).where(here).values(address=to))
    conn.execute(sa.delete(suppressions).where(suppressions.c.address == to))
    conn.execute(sa.update(suppressions).where(suppressions.c.address == address).values(address=to))


def unsuppress(conn: Connection, channel: str, address: str) -> int:
    where = sa.and_(suppressions.c.channel == channel, suppressions.c.address == address)
    return conn.execute(sa.delete(suppressions).where(where)).rowcount


def list_suppressions(conn: Connection, after: tuple[str, str] | None, limit: int) -> Sequence[Row[Any]]:
    query = sa.select(suppressions).order_by(suppressions.c.channel, suppressions.c.address).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(suppressions.c.channel, suppressions.c.address) > sa.tuple_(*after))
    return conn.execute(query).all()


_HELD_TEXT = ", ".join(f"'{state}'" for state in HELD)
_ON_ITS_WAY = "state IN ('queued', 'sending')"


def history(conn: Connection, persons: Sequence[int], since: int) -> list[tuple[int, str, int, bool, bool]]:
    """(person, channel, counts_at, still on its way, promotes) of what persons hold since a moment, or will."""
    rows = among(
        conn,
        f"SELECT person_id, channel, counts_at, {_ON_ITS_WAY}, promotes FROM delivery_messages"
        f" WHERE person_id IN {{values}} AND state IN ({_HELD_TEXT}) AND (counts_at >= {int(since)} OR {_ON_ITS_WAY})",
        persons,
    )
    return [(row[0], row[1], row[2], bool(row[3]), bool(row[4])) for row in rows]


def channel_history(conn: Connection, names: Sequence[str], since: int) -> int:
    """How many messages of some channels count since a moment."""
    where = sa.and_(messages.c.channel.in_(names), messages.c.counts_at >= since, messages.c.state.in_(HELD))
    return int(conn.execute(sa.select(sa.func.count()).select_from(messages).where(where)).scalar_one())


def handed_over(conn: Connection, channel: str, since: int) -> int:
    """How many messages of a channel were handed over since a moment."""
    where = sa.and_(
        messages.c.channel == channel,
        messages.c.counts_at > since,
        messages.c.state.in_(["sending", "waiting", "sent", "in_doubt"]),
    )
    return int(conn.execute(sa.select(sa.func.count()).select_from(messages).where(where)).scalar_one())


def campaign_history(
    conn: Connection, campaign: str, persons: Sequence[int], addresses: Sequence[str]
) -> list[tuple[int, str, int]]:
    """(person, address, counts_at) of what a campaign has sent to these persons or addresses; some come twice."""
    found: list[tuple[int, str, int]] = []
    if conn.execute(sa.select(messages.c.seq).where(messages.c.campaign == campaign).limit(1)).first() is None:
        return found
    for column, values in (("person_id", persons), ("address", addresses)):
        held = f"SELECT person_id, address, counts_at FROM delivery_messages WHERE state IN ({_HELD_TEXT})"
        rows = among(conn, f"{held} AND (campaign, {column}) IN {{values}}", [(campaign, value) for value in values])
        found += [(row[0], row[1], row[2]) for row in rows]
    return found


_PUT = (
    "id", "person_id", "channel", "address", "campaign", "title", "journey_id", "run_id", "node_id", "template",
    "incentive", "appeal", "promotes", "state", "reason", "params", "content", "priority", "created_at", "due_at",
    "counts_at",
)  # fmt: skip


def put_message(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write decisions. A row that was refused before may change its mind; any other stays as it is."""
    changing = (*_DECIDED, "template", "incentive", "appeal", "promotes")
    bulk(
        conn,
        f"INSERT INTO delivery_messages ({', '.join(_PUT)}) VALUES ({', '.join('?' * len(_PUT))})"
        f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in changing)}"
        " WHERE delivery_messages.state = 'refused'",
        [tuple(row[name] for name in _PUT) for row in rows],
    )


def known_messages(conn: Connection, ids: Sequence[str]) -> set[str]:
    """Those ids that already stand in the outbox in any state but refused."""
    rows = among(conn, "SELECT id FROM delivery_messages WHERE state <> 'refused' AND id IN {values}", ids)
    return {row[0] for row in rows}


def claim(conn: Connection, channel: str, worker: str, now: int, until: int, limit: int, lone: bool) -> list[Outgoing]:
    """Lease the most urgent due messages of a channel. ``lone``: no other process can hold a living lease."""
    free = messages.c.lease_until <= now
    if lone:
        free = sa.or_(free, messages.c.lease_by != worker)
    due = (
        sa.select(messages.c.seq)
        .where(messages.c.state == "queued", messages.c.channel == channel, messages.c.due_at <= now, free)
        .order_by(messages.c.priority.desc(), messages.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # as a subquery PostgreSQL may ask it again for each row, and lease more than the limit
    )
    rows = conn.execute(
        sa.update(messages)
        .where(messages.c.seq.in_(sa.select(due.c.seq)))
        .values(lease_by=worker, lease_until=until, attempts=messages.c.attempts + 1)
        .returning(messages)
    ).all()
    return sorted((outgoing(row) for row in rows), key=lambda message: message.seq)


def outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        seq=row.seq,
        id=row.id,
        person=row.person_id,
        channel=row.channel,
        address=row.address,
        campaign=row.campaign,
        journey=row.journey_id,
        run=row.run_id,
        node=row.node_id,
        content=msgspec.json.decode(row.content, type=Content),
        attempts=row.attempts,
        created_at=row.created_at,
    )


def begin_sending(conn: Connection, message: Outgoing, worker: str, now: int, until: int) -> bool:
    """Mark a leased message as past the point of no return; False when it is no longer ours."""
    where = sa.and_(messages.c.seq == message.seq, messages.c.state == "queued", messages.c.lease_by == worker)
    values = {"state": "sending", "lease_until": until, "counts_at": now}
    return conn.execute(sa.update(messages).where(where).values(values)).rowcount == 1


def finish(conn: Connection, message: Outgoing, worker: str, values: Mapping[str, Any]) -> bool:
    """Write what became of a message this worker handed over; False when somebody else has decided meanwhile."""
    where = sa.and_(
        messages.c.seq == message.seq,
        messages.c.state.in_(["queued", "sending", "in_doubt"]),
        messages.c.lease_by == worker,
    )
    released = {"lease_by": "", "lease_until": 0}
    return conn.execute(sa.update(messages).where(where).values(released | dict(values))).rowcount == 1


def finish_all(conn: Connection, worker: str, changes: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Write what became of many messages (seq → column → value); answers those that were still this worker's."""
    lock = "" if conn.dialect.name == "sqlite" else " FOR UPDATE"
    held = "state IN ('queued', 'sending', 'in_doubt')"
    rows = among(
        conn, f"SELECT seq, lease_by FROM delivery_messages WHERE {held} AND seq IN {{values}}{lock}", list(changes)
    )
    ours = {row[0] for row in rows if row[1] == worker}
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for seq in sorted(ours):
        alike.setdefault(tuple(changes[seq]), []).append((*changes[seq].values(), seq))
    for names, values in alike.items():
        named = ", ".join(f"{name} = ?" for name in names)
        bulk(conn, f"UPDATE delivery_messages SET {named}, lease_by = '', lease_until = 0 WHERE seq = ?", values)
    return ours


def abandoned(conn: Connection, worker: str, now: int, lone: bool) -> list[tuple[int, str]]:
    """(seq, channel) of messages whose worker vanished while handing over."""
    gone = messages.c.lease_until <= now
    if lone:
        gone = sa.or_(gone, messages.c.lease_by != worker)
    rows = conn.execute(sa.select(messages.c.seq, messages.c.channel).where(messages.c.state == "sending", gone))
    return [(row.seq, row.channel) for row in rows]


def set_state(conn: Connection, seqs: Iterable[int], values: Mapping[str, Any]) -> None:
    for part in chunks(list(seqs)):
        conn.execute(sa.update(messages).where(messages.c.seq.in_(part)).values(dict(values)))


def next_due(conn: Connection, channel: str) -> int | None:
    where = sa.and_(messages.c.state == "queued", messages.c.channel == channel)
    return conn.execute(sa.select(sa.func.min(messages.c.due_at)).where(where)).scalar()


def move_all(conn: Connection, source: int, target: int) -> None:
    """Give the messages of an absorbed person to the canonical person."""
    conn.execute(sa.update(messages).where(messages.c.person_id == source).values(person_id=target))


def sent_to(conn: Connection, person: int) -> Sequence[Any]:
    """(seq, address, run_id) of everything in a person's outbox."""
    query = sa.select(messages.c.seq, messages.c.address, messages.c.run_id).where(messages.c.person_id == person)
    return conn.execute(query).all()


def message(conn: Connection, id: str) -> Row[Any] | None:
    return conn.execute(sa.select(messages).where(messages.c.id == id)).one_or_none()


def receiver_of(conn: Connection, id: str) -> tuple[int, str] | None:
    """Whose message this is now, and the address it went to."""
    row = message(conn, id)
    return (row.person_id, row.address) if row is not None else None


def messages_of(conn: Connection, channel: str, ref: str, key: str) -> Sequence[Row[Any]]:
    """The messages a receipt is about: by our own id, else by what the vendor calls them."""
    if not (key or ref):
        return []
    same = messages.c.id == key if key else messages.c.vendor_ref == ref
    return conn.execute(sa.select(messages).where(messages.c.channel == channel, same)).all()


def change(conn: Connection, seq: int, from_states: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Change a message that is still in one of these states."""
    where = sa.and_(messages.c.seq == seq, messages.c.state.in_(from_states))
    return conn.execute(sa.update(messages).where(where).values(dict(values))).rowcount == 1


def note_receipt(conn: Connection, seq: int, receipt: str, at: int) -> bool:
    """Keep what the vendor reported; False when it was known."""
    where = sa.and_(messages.c.seq == seq, messages.c.receipt != receipt)
    return conn.execute(sa.update(messages).where(where).values(receipt=receipt, receipt_at=at)).rowcount == 1


def waiting(conn: Connection, channel: str, now: int, limit: int) -> Sequence[Row[Any]]:
    """Messages that staff have yet to send and that are due for another look, task by task."""
    where = sa.and_(messages.c.state == "waiting", messages.c.channel == channel, messages.c.due_at <= now)
    query = sa.select(messages).where(where).order_by(messages.c.vendor_ref, messages.c.seq)
    return conn.execute(query.limit(limit)).all()


def waiting_counts(conn: Connection) -> dict[str, int]:
    """Channel → messages that staff have yet to send."""
    query = sa.select(messages.c.channel, sa.func.count()).where(messages.c.state == "waiting")
    return {row[0]: row[1] for row in conn.execute(query.group_by(messages.c.channel))}


def inbox_of(conn: Connection, channel: str, person: int, since: int, limit: int) -> Sequence[Row[Any]]:
    """What lies in a person's inbox, newest first."""
    where = sa.and_(
        messages.c.person_id == person,
        messages.c.channel == channel,
        messages.c.state == "sent",
        messages.c.counts_at >= since,
    )
    return conn.execute(sa.select(messages).where(where).order_by(messages.c.seq.desc()).limit(limit)).all()


def list_messages(conn: Connection, filters: Mapping[str, Any], after: int | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first. ``filters``: column name → value, or a list of values."""
    query = sa.select(messages).order_by(messages.c.seq.desc()).limit(limit)
    for name, value in filters.items():
        column = messages.c[name]
        query = query.where(column.in_(value) if isinstance(value, list) else column == value)
    if after is not None:
        query = query.where(messages.c.seq < after)
    return conn.execute(query).all()


def journey_counts(conn: Connection, journeys: Sequence[str]) -> dict[str, dict[str, int]]:
    """Journey → state → messages."""
    found: dict[str, dict[str, int]] = {}
    for part in chunks(journeys):
        rows = conn.execute(
            sa.select(messages.c.journey_id, messages.c.state, sa.func.count())
            .where(messages.c.journey_id.in_(part))
            .group_by(messages.c.journey_id, messages.c.state)
        )
        for journey, state, count in rows:
            found.setdefault(journey, {})[state] = count
    return found


def recall(conn: Connection, journey: str, reason: str) -> list[int]:
    """Take back what a campaign has queued and nobody is handing over; answers whose messages they were."""
    where = sa.and_(messages.c.journey_id == journey, messages.c.state == "queued", messages.c.lease_by == "")
    changed = sa.update(messages).where(where).values(state="refused", reason=reason)
    return list(conn.execute(changed.returning(messages.c.person_id)).scalars())


def outcome_counts(conn: Connection, journey: str) -> list[Any]:
    """(state, reason, receipt, channel, template, incentive, appeal) → messages of a campaign or journey."""
    columns: list[sa.ColumnElement[Any]] = [
        messages.c[name] for name in ("state", "reason", "receipt", "channel", "template", "incentive", "appeal")
    ]
    query = sa.select(*columns, sa.func.count().label("number")).where(messages.c.journey_id == journey)
    return list(conn.execute(query.group_by(*columns)).all())


def sent_between(conn: Connection, persons: Sequence[int], since: int, until: int) -> list[tuple[str, str, int]]:
    """(journey or campaign, what it is called, persons) of what went to these persons in a span, or is on its way."""
    found: dict[tuple[str, str], set[int]] = {}
    for part in chunks(persons):
        rows = conn.execute(
            sa.select(messages.c.journey_id, messages.c.title, messages.c.person_id).where(
                messages.c.person_id.in_(part),
                messages.c.state.in_(HELD),
                messages.c.counts_at >= since,
                messages.c.counts_at < until,
            )
        )
        for journey, title, person in rows:
            found.setdefault((journey, title), set()).add(person)
    return [(journey, title, len(people)) for (journey, title), people in found.items()]


def message_of(conn: Connection, journey: str, person: int) -> Row[Any] | None:
    """The newest message of a campaign or journey to a person."""
    where = sa.and_(messages.c.journey_id == journey, messages.c.person_id == person)
    return conn.execute(sa.select(messages).where(where).order_by(messages.c.seq.desc()).limit(1)).one_or_none()


def last_to(conn: Connection, channels_of: Sequence[str], address: str, since: int) -> Row[Any] | None:
    """The newest message that went to an address since a moment, which a reply is taken to answer."""
    where = sa.and_(
        messages.c.address == address,
        messages.c.channel.in_(channels_of),
        messages.c.state.in_(["sent", "in_doubt"]),
        messages.c.counts_at >= since,
    )
    return conn.execute(sa.select(messages).where(where).order_by(messages.c.seq.desc()).limit(1)).one_or_none()


def state_counts(conn: Connection) -> dict[str, int]:
    rows = conn.execute(sa.select(messages.c.state, sa.func.count()).group_by(messages.c.state))
    return {row[0]: row[1] for row in rows}


def count_failed(conn: Connection) -> int:
    """Messages that failed or may or may not have gone out: somebody should look."""
    counts = state_counts(conn)
    return counts.get("failed", 0) + counts.get("in_doubt", 0)


def run_messages(conn: Connection, runs: Sequence[int]) -> list[Row[Any]]:
    """Messages of some runs, oldest first."""
    found: list[Row[Any]] = []
    for part in chunks(runs):
        found += conn.execute(sa.select(messages).where(messages.c.run_id.in_(part)).order_by(messages.c.seq)).all()
    return found


def policy_rows(conn: Connection) -> Sequence[Row[Any]]:
    return conn.execute(sa.select(policies)).all()


def put_policy(conn: Connection, values: Mapping[str, Any]) -> None:
    insert = insert_for(conn)(policies)
    conn.execute(
        insert.values(dict(values)).on_conflict_do_update(
            index_elements=["channel", "rule"],
            set_={
                "value": insert.excluded.value,
                "evidence": insert.excluded.evidence,
                "updated_at": insert.excluded.updated_at,
                "version": policies.c.version + 1,
            },
        )
    )


def channel_row(conn: Connection, channel: str) -> Row[Any] | None:
    return conn.execute(sa.select(channels).where(channels.c.channel == channel)).one_or_none()


def channel_rows(conn: Connection) -> Sequence[Row[Any]]:
    return conn.execute(sa.select(channels)).all()


def put_channel(conn: Connection, values: Mapping[str, Any]) -> None:
    insert = insert_for(conn)(channels)
    statement = insert.values(dict(values)).on_conflict_do_update(
        index_elements=["channel"],
        set_={name: insert.excluded[name] for name in ("enabled", "config", "version", "updated_at", "sandbox")},
    )
    conn.execute(statement)


def note_health(conn: Connection, channel: str, values: Mapping[str, Any]) -> None:
    """Keep when a channel last worked, or what went wrong."""
    conn.execute(sa.update(channels).where(channels.c.channel == channel).values(dict(values)))


def put_hook(conn: Connection, channel: str, hook: str) -> None:
    conn.execute(sa.update(channels).where(channels.c.channel == channel).values(hook=hook))
