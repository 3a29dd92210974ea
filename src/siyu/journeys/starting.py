"""People who are let in together: by a trigger with a clock, by an operator or a program, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.identity import canonical, person_anchor
from siyu.journeys import queries
from siyu.journeys.admission import admit
from siyu.journeys.clockwork import shop_zone
from siyu.journeys.ledger import Ledger
from siyu.journeys.live import Journey, load, names_of
from siyu.journeys.queries import starts
from siyu.journeys.types import Entry
from siyu.kit import HOUR, new_id
from siyu.store import Store

AT_ONCE = 10_000
"""Persons one transaction lets in."""

BACKLOG = 50_000
"""Nobody is let in together while so many runs are due and not worked on: first those inside move on."""
_IDLE, _HELD = 1.0, 0.25
_LATEST = 24 * HOUR
"""A time that passed so long ago, because nothing ran, is passed over."""


def let_in(store: Store) -> float:
    """A step of the background loop; answers the seconds to wait."""
    _fire(store)
    now = store.clock.now_ms()
    with store.state.read() as conn:
        live = [row.id for row in queries.in_state(conn, ["live"])]
        if not live or not starts.any_open(conn, live):
            return _IDLE
        if queries.backlog(conn, now, BACKLOG) >= BACKLOG:
            return _HELD
    with store.state.write() as conn:
        journeys = load(conn)
        row = starts.take_open(conn, [id for id, journey in journeys.items() if journey.state == "live"])
        if row is not None:
            take(conn, journeys[row.journey_id], row, now, AT_ONCE)
    return 0.0


def take(conn: Connection, journey: Journey, row: Row[Any], now: int, most: int) -> None:
    """Let the next ``most`` people of a start in, in the caller's transaction."""
    people = BitMap64.deserialize(row.persons)
    part = people[row.next : row.next + most]
    known = canonical(conn, list(part))
    props, key = row.props, f"start:{row.id}"
    entries = [Entry(one, person_anchor(one), now, key, props) for one in sorted(set(known.values()))]
    ledger = Ledger(names_of({journey.id: journey}), now)
    entered, refused = admit(conn, ledger, journey, entries)
    ledger.write(conn)
    end = row.next + len(part)
    values = {"next": end, "entered": row.entered + entered, "refused": row.refused + refused}
    starts.change(conn, row.id, values | ({"state": "done"} if end >= row.total else {}))


def begin(
    conn: Connection, journey: str, key: str, people: Iterable[int], props: dict[str, Any], now: int
) -> tuple[Row[Any], bool]:
    """Note who is to enter; answers the start, and False when this key had begun one before."""
    persons = BitMap64(people)
    values = {
        "id": new_id("sta"),
        "journey_id": journey,
        "key": key,
        "persons": persons.serialize(),
        "props": msgspec.json.encode(props).decode(),
        "at": now,
        "state": "open" if persons else "done",
        "total": len(persons),
    }
    fresh = starts.add(conn, values)
    return starts.by_key(conn, journey, key), fresh


def begin_start(store: Store, journey: str, people: Iterable[int]) -> None:
    """Let these canonical persons into a live journey, some at a time, whatever its trigger."""
    with store.state.write() as conn:
        begin(conn, journey, new_id("call"), people, {}, store.clock.now_ms())


def _fire(store: Store) -> None:
    """Begin starts for triggers whose time has come."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        fired = starts.fired(conn)
        journeys = load(conn)
        zone = shop_zone(conn)
        due: list[tuple[Journey, int]] = []
        for journey in journeys.values():
            trigger = journey.plan.trigger
            if journey.state != "live" or trigger.kind.fires is None:
                continue
            since = max(fired[journey.id], queries.started_at(conn, journey.id, journey.version))
            times = _due(lambda after, t=trigger: t.kind.fires(t.config, after, zone), since, now)
            if times:
                due.append((journey, times[-1]))
    for journey, at in due:
        _begin_fired(store, journey, fired[journey.id], at, now)


def _due(fires: Any, since: int, now: int) -> Sequence[int]:
    """The times after ``since`` until ``now`` at which a trigger fires."""
    found: list[int] = []
    while (at := fires((found[-1] if found else max(since, now - _LATEST)) + 1)) is not None and at <= now:
        found.append(at)
    return found


def _begin_fired(store: Store, journey: Journey, before: int, at: int, now: int) -> None:
    trigger = journey.plan.trigger
    with store.state.read() as conn:
        people = trigger.kind.people(store, conn, trigger.config, at) if trigger.kind.people else BitMap64()
    with store.state.write() as conn:
        if starts.set_fired(conn, journey.id, before, at):
            begin(conn, journey.id, f"fire:{at}", people, {}, now)
