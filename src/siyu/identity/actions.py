"""What the identity room does for the pipeline and for readers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.engine import Connection

from siyu.collect import current_definitions, key_of
from siyu.identity import ledger_queries as ledger
from siyu.identity import queries
from siyu.identity.numbers import person_anchor
from siyu.identity.resolve import Batch, named_person, sightings
from siyu.identity.types import VEIL, Identifier, Move, Resolution
from siyu.store import now_of


def resolve(
    conn: Connection,
    ids: Sequence[tuple[str, ...]],
    times: Sequence[int],
    sources: Sequence[str],
    batch: int,
    events: Sequence[int] = (),
    *,
    repeated: bool = False,
) -> Resolution:
    """Who each set of identifiers names. Everything it changes is written in the caller's transaction.

    ``ids`` are identifier keys, strongest first; ``times`` epoch ms; ``events`` the keys of the records, for the
    ledger. What operators decided since the last batch is among the moves. Doing it again changes nothing; say that it
    is ``repeated``, so that only what settled with it the first time does.
    """
    queries.lock(conn)
    if not repeated:
        ledger.claim_moves(conn, batch)
    seen = sightings(ids, times, sources, events or [0] * len(ids))
    own = {one.ids: person for one in seen if (person := named_person(one.ids)) is not None}
    work = Batch(conn, [one for one in seen if one.ids not in own], current_definitions(conn), batch, now_of(conn))
    leads = work.run()
    who = {keys: (row.person, row.anchor) for keys, row in leads.items()}
    now = canonical(conn, set(own.values()))
    who |= {keys: (now[person], person_anchor(person)) for keys, person in own.items()}
    moves = moved_in(conn, batch)
    return Resolution(
        [who[keys][0] for keys in ids],
        [who[keys][1] for keys in ids],
        work.created,
        _absorbed(conn, moves),
        moves,
    )


def _absorbed(conn: Connection, moves: Sequence[Move]) -> dict[int, int]:
    return queries.canonical(conn, {move.source for move in moves if move.anchors is None})


def merged_in(conn: Connection, batch: int) -> dict[int, int]:
    """Persons absorbed by a batch → canonical person."""
    return _absorbed(conn, moved_in(conn, batch))


def moved_in(conn: Connection, batch: int) -> list[Move]:
    """Everything that changed person in a batch, in order."""
    return ledger.moves_of_batch(conn, batch)


def canonical(conn: Connection, persons: Collection[int]) -> dict[int, int]:
    """Each person → its canonical person (itself when it was never absorbed)."""
    moved = queries.canonical(conn, persons)
    return {person: moved.get(person, person) for person in persons}


def aliases_of(conn: Connection, person: int) -> list[int]:
    """A canonical person and everybody merged into it: the numbers its events may carry."""
    return [person, *queries.aliases(conn, person)]


def find_person(conn: Connection, key: str) -> int | None:
    """The person an identifier key belongs to."""
    return queries.owners(conn, [key]).get(key)


def find_persons(conn: Connection, keys: Collection[str]) -> dict[str, int]:
    """Identifier key → canonical person, for the keys that are known."""
    return queries.owners(conn, keys)


def identifiers_of(conn: Connection, person: int) -> list[Identifier]:
    """Every identifier of a canonical person, oldest first."""
    return queries.identifiers_of(conn, person)


def keys_of(conn: Connection, persons: Collection[int], *, veiled: bool = False) -> dict[int, set[str]]:
    """Person → its identifier keys; those that have been forgotten only where they are asked for."""
    found = queries.keys_of(conn, persons)
    if veiled:
        return found
    return {person: {key for key in keys if f":{VEIL}" not in key} for person, keys in found.items()}


def exists(conn: Connection, person: int) -> bool:
    return queries.exists(conn, person)


def search(conn: Connection, text: str, limit: int) -> list[int]:
    """Persons with an identifier that is, or starts with, ``text``, of any kind."""
    wanted = text.strip()
    if not wanted:
        return []
    prefixes: list[str] = []
    for kind in current_definitions(conn).kinds:
        names = queries.scopes(conn, kind.name) if kind.scoped else [kind.name]
        prefixes += [key_of(name, wanted) or f"{name}:{wanted}" for name in names]
    if wanted.isdigit() and len(wanted) >= 3:
        prefixes.append(f"mobile:+86{wanted}")
    prefixes.append(f"email:{wanted.lower()}")
    return queries.find_prefix(conn, prefixes, limit)
