"""Carries a change of the trait rules through: persons are written to the event engine anew, some at a time."""

from __future__ import annotations

from siyu import privacy, profiles
from siyu.store import Store

_IDLE = 5.0


def refresh(store: Store) -> float:
    """A step of the background loop. Answers the seconds to wait. Doing a step again changes nothing."""
    with store.state.read() as conn:
        if profiles.is_refreshed(conn):
            return _IDLE
    now = store.clock.now_ms()
    with store.state.write() as conn:
        version, people = profiles.next_stale(conn, now)
        if not people:
            return _IDLE
        rows = profiles.mirror(conn, people, [], privacy.withdrawn(conn, people), now)
    store.events.insert("persons", rows, f"rules/{version}/{people[0]}/{now}")
    with store.state.write() as conn:
        profiles.reached(conn, version, people[-1])
    return 0.0
