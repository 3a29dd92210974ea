"""Definitions of identifier kinds: shown, previewed and replaced; and the whole partition verified and repaired."""

from __future__ import annotations

from itertools import count

from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.collect import Definitions, EmittedEvent, IdentifierKind, current_definitions, emit, replace_definitions
from siyu.identity import queries as people
from siyu.identity.contested import gather, settle
from siyu.identity.rebuild import Difference, compare, read_ledger, rebuild
from siyu.identity.views import DefinitionsView, Preview
from siyu.kit import FieldError, Invalid, check_version
from siyu.store import now_of


def show(conn: Connection) -> DefinitionsView:
    held = current_definitions(conn)
    return DefinitionsView(held.kinds, held.version)


def preview(conn: Connection, kinds: tuple[IdentifierKind, ...]) -> Preview:
    """What these definitions would change, from the whole ledger; nothing is written."""
    _check(kinds)
    said = verify(conn, Definitions(0, kinds))
    return Preview(said.merged, said.split, said.persons, said.groups)


def change(
    conn: Connection, actor: Operator, kinds: tuple[IdentifierKind, ...], if_match: str | None
) -> DefinitionsView:
    """Put definitions in force and let persons follow. Raises Invalid or StaleEdit."""
    people.lock(conn)
    held = current_definitions(conn)
    check_version(if_match, held.version)
    _check(kinds)
    made = replace_definitions(conn, kinds, held.version + 1, now_of(conn), actor.name)
    done = repair(conn)
    audit(conn, actor, "identity.definitions", f"version {made.version}", {"merged": done.merged, "split": done.split})
    return DefinitionsView(made.kinds, made.version)


def _check(kinds: tuple[IdentifierKind, ...]) -> None:
    names = [kind.name for kind in kinds]
    errors = [
        FieldError(f"kinds/{index}/name", "is there twice", "duplicate")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    if errors:
        raise Invalid(errors)


def verify(conn: Connection, definitions: Definitions | None = None) -> Difference:
    """Compare what is stored with what the ledger says under the definitions (none: those in force)."""
    definitions = definitions or current_definitions(conn)
    ledger = read_ledger(conn, definitions)
    return compare(ledger, rebuild(conn, ledger, definitions))


def repair(conn: Connection) -> Difference:
    """Work out afresh what is stored otherwise than the ledger says; the moves settle with the next batch."""
    people.lock(conn)
    definitions, now = current_definitions(conn), now_of(conn)
    found = verify(conn, definitions)
    if found.wrong:
        gathered = gather(conn, found.wrong, definitions, judge=set(found.wrong))
        done = settle(conn, gathered, count(people.next_person(conn)), now, batch=0)
        about = min((move.target for move in done.moves), default=0)
        emit(conn, [EmittedEvent("", about, now, f"identity/repair/{now}/{about}")] if about else [], now)
    return found
