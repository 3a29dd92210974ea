"""Small questions to the event engine."""

from __future__ import annotations

from siyu.store import EventEngine


def highest_person(engine: EventEngine) -> int:
    """The highest person number there is; 0 when there is nobody."""
    return int(engine.query("SELECT max(person) FROM persons").one()[0])
