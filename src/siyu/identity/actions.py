"""What the identity room does for the pipeline and for readers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.engine import Connection

from siyu.collect import KINDS, key_of
from siyu.identity import queries
from siyu.identity.resolve import Resolver, answer, named_person, persons_to_load, settled_before, sightings
from siyu.identity.types import Identifier, Resolution


def resolve(
    conn: Connection,
    ids: Sequence[tuple[str, ...]],
    times: Sequence[int],
    sources: Sequence[str],
    batch: int,
) -> Resolution:
    """Who each set of identifiers names. Persons, identifiers and merges are written in the caller's transaction.

    ``ids`` are identifier keys, strongest first; ``times`` epoch ms. Doing it again changes nothing.
    """
    seen = sightings(ids, times, sources)
    own = {one.ids: person for one in seen if (person := named_person(one.ids)) is not None}
    owner = queries.owners(conn, {key for one in seen for key in one.ids})
    who, open_questions = settled_before([one for one in seen if one.ids not in own], owner)
    owned = queries.keys_of(conn, persons_to_load(open_questions, owner))
    resolver = Resolver(owner, owned, queries.next_person(conn))
    for one in open_questions:
        who[one.ids] = resolver.resolve(one)
    who |= own
    _write(conn, resolver, batch)
    found = answer(resolver, who, ids)
    if own:
        stale = queries.canonical(conn, set(own.values()))
        found.person = [stale.get(person, person) for person in found.person]
    return found


def _write(conn: Connection, resolver: Resolver, batch: int) -> None:
    absorbed = resolver.absorbed
    queries.add_persons(
        conn,
        [(person, at, source, absorbed.get(person)) for person, (at, source) in resolver.created.items()],
    )
    queries.add_identifiers(
        conn, [(key, resolver.owner_of(key), at, source) for key, (at, source) in resolver.attached.items()]
    )
    queries.absorb(conn, {gone: keep for gone, keep in absorbed.items() if gone not in resolver.created})
    queries.add_links(conn, resolver.merges, batch)
    queries.add_conflicts(conn, resolver.conflicts)


def merged_in(conn: Connection, batch: int) -> dict[int, int]:
    """Persons absorbed by a batch → canonical person."""
    return queries.canonical(conn, queries.merges_of_batch(conn, batch))


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


def keys_of(conn: Connection, persons: Collection[int]) -> dict[int, set[str]]:
    """Person → its identifier keys."""
    return queries.keys_of(conn, persons)


def exists(conn: Connection, person: int) -> bool:
    return queries.exists(conn, person)


def search(conn: Connection, text: str, limit: int) -> list[int]:
    """Persons with an identifier that is, or starts with, ``text``, of any kind."""
    wanted = text.strip()
    if not wanted:
        return []
    prefixes: list[str] = []
    for kind in KINDS.values():
        names = queries.scopes(conn, kind.name) if kind.scoped else [kind.name]
        prefixes += [key_of(name, wanted) or f"{name}:{wanted}" for name in names]
    if wanted.isdigit() and len(wanted) >= 3:
        prefixes.append(f"mobile:+86{wanted}")
    prefixes.append(f"email:{wanted.lower()}")
    return queries.find_prefix(conn, prefixes, limit)
