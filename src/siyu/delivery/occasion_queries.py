"""SQL about what lets a message through or came of it: reply windows, counted consents, callbacks, early receipts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.delivery.tables import early_receipts, grants, heard, openings
from siyu.identity import Move
from siyu.store import chunks, insert_for


def openings_of(conn: Connection, persons: Sequence[int], events: Sequence[str]) -> dict[tuple[int, str], int]:
    """(person, event) → when it last happened, by any of the person's identifiers."""
    found: dict[tuple[int, str], int] = {}
    for part in chunks(persons):
        where = sa.and_(openings.c.person_id.in_(part), openings.c.event.in_(events))
        last = sa.select(openings.c.person_id, openings.c.event, sa.func.max(openings.c.at)).where(where)
        rows = conn.execute(last.group_by(openings.c.person_id, openings.c.event))
        found.update({(row[0], row[1]): row[2] for row in rows})
    return found


def put_openings(conn: Connection, rows: Mapping[tuple[int, int, str], int]) -> None:
    """Keep the latest moment of each (person, anchor, event)."""
    if not rows:
        return
    insert = insert_for(conn)(openings)
    later = insert.on_conflict_do_update(
        index_elements=["person_id", "anchor", "event"],
        set_={"at": insert.excluded.at},
        where=openings.c.at < insert.excluded.at,
    )
    values = [
        {"person_id": person, "anchor": anchor, "event": event, "at": at}
        for (person, anchor, event), at in rows.items()
    ]
    conn.execute(later, values)


def grants_of(conn: Connection, persons: Sequence[int], channel: str) -> dict[tuple[int, str, str], int]:
    """(person, channel, template) → sends left."""
    found: dict[tuple[int, str, str], int] = {}
    for part in chunks(persons):
        where = sa.and_(grants.c.person_id.in_(part), grants.c.channel == channel)
        left = sa.select(grants.c.person_id, grants.c.template_id, sa.func.sum(grants.c.left)).where(where)
        for person, template, number in conn.execute(left.group_by(grants.c.person_id, grants.c.template_id)):
            found[person, channel, template] = int(number)
    return found


def add_grants(conn: Connection, rows: Iterable[tuple[int, int, str, str, int]]) -> None:
    """Add to (or take from) what is left of (person, anchor, channel, template)."""
    insert = insert_for(conn)(grants)
    statement = insert.on_conflict_do_update(
        index_elements=["person_id", "anchor", "channel", "template_id"],
        set_={"left": grants.c.left + insert.excluded.left},
    )
    for person, anchor, channel, template, more in rows:
        values = {"person_id": person, "anchor": anchor, "channel": channel, "template_id": template, "left": more}
        conn.execute(statement, values)


def end_grants(conn: Connection, person: int, channel: str, template: str) -> None:
    """The vendor says nothing is left."""
    where = sa.and_(grants.c.person_id == person, grants.c.channel == channel, grants.c.template_id == template)
    conn.execute(sa.update(grants).where(where).values(left=0))


def follow_moves(conn: Connection, moves: Sequence[Move]) -> None:
    """Windows and consents go with the anchors they came with."""
    for move in moves:
        for table in (openings, grants):
            held = table.c.person_id == move.source
            if move.anchors is not None:
                held = sa.and_(held, table.c.anchor.in_(move.anchors))
            conn.execute(sa.update(table).where(held).values(person_id=move.target))


def hear(conn: Connection, channel: str, key: str, at: int) -> bool:
    """Whether a callback is new; it is remembered."""
    insert = insert_for(conn)(heard)
    taken = insert.values(channel=channel, key=key, at=at).on_conflict_do_nothing().returning(heard.c.key)
    return conn.execute(taken).first() is not None


def forget_heard(conn: Connection, before: int) -> None:
    conn.execute(sa.delete(heard).where(heard.c.at < before))
    conn.execute(sa.delete(early_receipts).where(early_receipts.c.at < before))


def put_early(conn: Connection, channel: str, ref: str, receipt: str, at: int) -> None:
    insert = insert_for(conn)(early_receipts)
    conn.execute(insert.values(channel=channel, ref=ref, receipt=receipt, at=at).on_conflict_do_nothing())


def take_early(conn: Connection, channel: str, refs: Sequence[str]) -> list[str]:
    """Receipts that came before their message was known by these names; they are taken out."""
    where = sa.and_(early_receipts.c.channel == channel, early_receipts.c.ref.in_(refs))
    found = conn.execute(sa.delete(early_receipts).where(where).returning(early_receipts.c.receipt))
    return [row[0] for row in found]
