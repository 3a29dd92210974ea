"""Writes persons to the event engine anew, some at a time: for a change of the trait rules, of who is staff, of what is
kept apart."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from siyu import privacy, profiles
from siyu.store import Store

_IDLE = 2.0


def refresh(store: Store) -> float:
    """A step of the background loop. Answers the seconds to wait. Doing a step again changes nothing."""
    return min(_rules(store), _again(store))


def _rules(store: Store) -> float:
    with store.state.read() as conn:
        if profiles.is_refreshed(conn):
            return _IDLE
    now = store.clock.now_ms()
    with store.state.write() as conn:
        version, people = profiles.next_stale(conn, now)
        if not people:
            return _IDLE
        rows = _rows(conn, people, now)
    store.events.insert("persons", rows)
    with store.state.write() as conn:
        profiles.reached(conn, version, people[-1])
    return 0.0


def _again(store: Store) -> float:
    with store.state.read() as conn:
        if not profiles.any_unmirrored(conn):
            return _IDLE
    now = store.clock.now_ms()
    with store.state.write() as conn:
        people = profiles.next_unmirrored(conn, now)
        rows = _rows(conn, people, now)
    store.events.insert("persons", rows)
    with store.state.write() as conn:
        profiles.mirrored(conn, people)
    return 0.0


def _rows(conn: Connection, people: list[int], now: int) -> profiles.Mirrored:
    lost, said = privacy.withdrawn(conn, people), privacy.said(conn, people)
    return profiles.mirror(conn, people, [], lost, now, said)
