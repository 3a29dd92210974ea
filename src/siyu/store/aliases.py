"""Person numbers that count for another person: kept in the engine beside the events, looked up by a dictionary."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from siyu.store.engine import EventEngine

_MANY = 2_000
"""From so many persons on, reading all aliases (a squash keeps them few) costs less than naming those persons."""


class Waiting(msgspec.Struct, frozen=True):
    """Aliases that are in force: how many, and when the oldest was written (epoch ms)."""

    count: int
    oldest: int


def numbers_of(engine: EventEngine, people: Collection[int]) -> dict[int, int]:
    """Every number whose rows count for one of these canonical persons → that person."""
    own = {person: person for person in people}
    if not engine.has_aliases or not own:
        return own
    every = "SELECT person, canonical FROM aliases FINAL"
    if len(own) > _MANY:
        return own | {row[0]: row[1] for row in engine.query(every) if row[0] in own or row[1] in own}
    named = f"{every} WHERE canonical IN {{people:Array(UInt64)}} OR person IN {{people:Array(UInt64)}}"
    return own | dict(engine.query(named, {"people": list(own)}))


def write(engine: EventEngine, aliases: Mapping[int, int], now: int) -> None:
    """Durably replace what these numbers count for, and make every later query know. Version is the time, and grows."""
    if not aliases:
        return
    last = int(engine.query("SELECT max(version) FROM aliases").one()[0])
    rows = list(aliases.items())
    version = max(now, last + 1)
    columns = {
        "person": [number for number, _ in rows],
        "canonical": [person for _, person in rows],
        "version": [version] * len(rows),
    }
    engine.insert("aliases", columns)
    engine.reload_aliases()


def waiting(engine: EventEngine) -> Waiting:
    count, oldest = engine.query("SELECT count(), min(version) FROM aliases FINAL WHERE person != canonical").one()
    return Waiting(int(count), int(oldest))
