"""What operators say of events and traits: read, changed, and one event taking over another's name."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.catalog import notes_queries as queries
from siyu.catalog.standard import STANDARD
from siyu.catalog.types import Definition, Kind, Note
from siyu.kit import FieldError, Invalid, SiyuError, check_version
from siyu.store import now_of


class EventInUse(SiyuError):
    """{users} still name this event. Change them first."""

    code = "event_in_use"
    status = 409


class Noted(msgspec.Struct, frozen=True):
    """``merging``: rows of the event are still being renamed."""

    note: Note
    merged_into: str
    merging: bool
    version: int


NOTHING = Noted(Note(), "", False, 0)


def notes_of(conn: Connection, kind: Kind) -> dict[str, Noted]:
    return {
        name: Noted(msgspec.json.decode(row.value, type=Note), row.merged_into, row.merged_rows < 0, row.version)
        for name, row in queries.note_rows(conn, kind).items()
    }


def note_of(conn: Connection, kind: Kind, name: str) -> Noted:
    return notes_of(conn, kind).get(name, NOTHING)


def change_note(conn: Connection, actor: Operator, kind: Kind, name: str, note: Note, if_match: str | None) -> None:
    """Replace what is said. Raises StaleEdit."""
    held = note_of(conn, kind, name)
    check_version(if_match, held.version)
    _put(conn, kind, name, held, {"value": msgspec.json.encode(note).decode()})
    audit(conn, actor, "catalog.note", f"{kind}:{name}"[:200], msgspec.to_builtins(note))


def merge_event(conn: Connection, actor: Operator, name: str, into: str | None, definitions: list[Definition]) -> None:
    """Let another event take over this name, or (``into`` None) give it back. Raises Invalid or EventInUse."""
    held = note_of(conn, "event", name)
    if into is not None:
        _check_merge(conn, name, into, held, definitions)
    elif not held.merged_into:
        raise Invalid([FieldError("name", "This event is merged into none.", "not_merged")])
    _put(conn, "event", name, held, {"merged_into": into or "", "merged_rows": -1})
    audit(conn, actor, "catalog.merge", f"event:{name}"[:200], {"into": into})


def _check_merge(conn: Connection, name: str, into: str, held: Noted, definitions: list[Definition]) -> None:
    merged = queries.merged(conn)
    target = STANDARD.get(into)
    if name in STANDARD or name == into or held.merged_into or held.merging:
        raise Invalid([FieldError("name", "This event can't be merged into another (now).", "not_mergeable")])
    if into in merged or name in merged.values():
        raise Invalid([FieldError("into", "Merged events can't be merged any further.", "merged_twice")])
    if target and (target.effect or target.enters or target.group in ("order", "consent", "message")):
        why = "This event has effects that can't be made good for the past. Rename it where it is sent."
        raise Invalid([FieldError("into", why, "has_effects")])
    if definitions:
        raise EventInUse(users=", ".join(one.usage.name for one in definitions))


def _put(conn: Connection, kind: Kind, name: str, held: Noted, values: dict[str, object]) -> None:
    row = {
        "value": msgspec.json.encode(held.note).decode(),
        "version": held.version + 1,
        "changed_at": now_of(conn),
    }
    queries.put_note(conn, kind, name, row | values)
