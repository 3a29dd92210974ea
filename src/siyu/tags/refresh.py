"""Keeping tags fresh: everybody when a tag is due, and the persons of a batch right behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu import audiences
from siyu.audiences import Announce, Book, Moment, Schedule, moment_of, next_time
from siyu.kit import histogram, logger
from siyu.pipeline import Settled
from siyu.store import QueryTooBig, QueryTooSlow, Store
from siyu.tags import compute
from siyu.tags.problems import BadTag
from siyu.tags.queries import definitions, values
from siyu.tags.queries import said as said_queries
from siyu.tags.queries.scan import Ask

_log = logger("tags")
_followed = histogram("siyu_tags_follow_seconds", "Following one settled batch for all live tags")
_ROOM = "tags"
_TOLD = 50
"""Values counted by day."""


class _Waiting:
    """Whose values changed outside the stream, until the loop follows them. (A sweep finds those a crash forgets.)"""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = threading.Lock()
        self.changed: list[tuple[str, BitMap64]] = []


_BY_STORE: WeakKeyDictionary[Store, _Waiting] = WeakKeyDictionary()
_FIRST = threading.Lock()


def _waiting(store: Store) -> _Waiting:
    with _FIRST:
        return _BY_STORE.setdefault(store, _Waiting())


def note_changed(store: Store, tag: str, people: BitMap64) -> None:
    """Audiences will follow these persons shortly."""
    waiting = _waiting(store)
    with waiting.lock:
        waiting.changed.append((tag, people))


def step(store: Store, announce: Sequence[Announce] = ()) -> float:
    """A step of the background loop: compute what is due, let audiences follow. Answers the seconds to wait."""
    with store.state.read() as conn:
        due = definitions.due(conn, store.clock.now_ms())
    if due:
        run(store, due)
    waiting = _waiting(store)
    with waiting.lock:
        changed, waiting.changed = waiting.changed, []
    if changed:
        people = BitMap64()
        for _, some in changed:
            people |= some
        audiences.follow_tags(store, {tag for tag, _ in changed}, people, announce)
    return 1.0


def run(store: Store, rows: Sequence[Row[Any]]) -> list[compute.Done]:
    """Compute these tags of everybody, those that others name before them, and keep what came of it."""
    done: list[compute.Done] = []
    with _waiting(store).running:
        with store.state.read() as conn:
            everything, moment = audiences.book(conn), moment_of(conn, store.clock.now_ms())
        clearing = {row.id for row in rows if row.empty == "clear"}
        asks, broken = _asks(rows, everything, moment)
        done += broken
        for wave in compute.in_waves(asks, everything.named):
            done += _wave(store, wave, clearing, moment)
        _keep(store, done, rows)
    return done


def run_all(store: Store) -> list[compute.Done]:
    """Every tag of everybody."""
    with store.state.read() as conn:
        rows = definitions.all_of(conn)
    return run(store, rows)


def _asks(rows: Sequence[Row[Any]], everything: Book, moment: Moment) -> tuple[list[Ask], list[compute.Done]]:
    asks, broken = [], []
    for row in rows:
        try:
            asks.append(compute.ask_of(row, everything.zone))
        except (BadTag, msgspec.ValidationError) as error:
            broken.append(compute.Done(row.id, moment.now, BitMap64(), 0.0, {}, str(error)[:500]))
    return asks, broken


def _wave(store: Store, wave: list[Ask], clearing: Collection[str], moment: Moment) -> list[compute.Done]:
    """A wave in one scan; one that is too heavy as a whole is computed tag by tag, so that each fails for itself."""
    try:
        return compute.of_everybody(store, wave, clearing, moment)
    except (QueryTooSlow, QueryTooBig) as error:
        if len(wave) == 1:
            _log.warning("tag_failed", tag=wave[0].tag, why=error.code)
            return [compute.Done(wave[0].tag, moment.now, BitMap64(), 0.0, {}, error.message())]
        return [done for ask in wave for done in _wave(store, [ask], clearing, moment)]


def _keep(store: Store, done: Sequence[compute.Done], rows: Sequence[Row[Any]]) -> None:
    held = {row.id: row for row in rows}
    for one in done:
        persons, found = values.counts(store.events, one.tag, _TOLD)
        with store.state.write() as conn:
            row = definitions.one(conn, one.tag)
            if row is None:
                continue
            zone = audiences.book(conn).zone
            day = datetime.fromtimestamp(one.as_of / 1000, zone).date().isoformat()
            number: dict[str, Any] = {"persons": persons, "changed": len(one.changed), "fault": one.fault}
            definitions.note_run(conn, one.tag, number | {"as_of": one.as_of, "took_ms": one.took_ms})
            fresh: dict[str, Any] = {"persons": persons, "next_at": following(row.schedule, store.clock.now_ms(), zone)}
            if not one.fault:
                definitions.put_counts(conn, one.tag, day, [("", persons), *found])
                fresh |= {"fresh_at": one.as_of, "facts": msgspec.json.encode(one.facts).decode()}
            if row.version != held[one.tag].version:
                fresh["next_at"] = store.clock.now_ms()
            definitions.update(conn, one.tag, fresh)
            if one.changed:
                wake_dependents(conn, one.tag, store.clock.now_ms(), {each.tag for each in done})
        if one.changed:
            note_changed(store, one.tag, one.changed)


def wake_dependents(conn: Connection, tag: str, now: int, done: Collection[str]) -> None:
    """Live tags that name this one are due at once, unless they were computed with it."""
    named = audiences.book(conn).named
    for row in definitions.all_of(conn):
        if row.live and row.id not in done and tag in named.get(row.id, ()):
            definitions.update(conn, row.id, {"next_at": now})


def following(schedule: str, now: int, zone: ZoneInfo) -> int:
    return next_time(msgspec.json.decode(schedule, type=Schedule | None), now, zone.key)


def look_ahead(store: Store, settled: Settled) -> None:
    """Before the transaction: live tags of a batch's persons are computed, before audiences look at them.

    Where identifiers moved, values that were said move with them first; then all is done in the transaction.
    """
    if settled.moves or not settled.changed:
        return
    with store.state.read() as conn:
        rows = definitions.all_of(conn)
        if rows:
            with _followed.time():
                settled.ahead[_ROOM] = _follow(store, conn, settled, rows)


def on_settled(store: Store, conn: Connection, settled: Settled) -> Callable[[], None] | None:
    """Follow a batch: keep how many have a value.

    What was said by hand or file goes with the identifiers. Persons that merged or split are computed for every tag
    that can be told of one person, live or not; those absorbed have no values any more.
    """
    changed = settled.ahead.get(_ROOM, [])
    rows = definitions.all_of(conn) if settled.moves else []
    if rows:
        with _followed.time():
            said_queries.regroup(conn, settled.moves)
            changed = _follow(store, conn, settled, rows)
        if settled.tagged:
            settled.ahead.clear()  # what others read is older than these values
    for one in changed:
        for tag, change in one.items():
            if change.gained:
                definitions.gain(conn, tag, change.gained)
    return None


def _follow(
    store: Store, conn: Connection, settled: Settled, rows: Sequence[Row[Any]]
) -> list[dict[str, values.Changed]]:
    """Write values that changed into the engine and tell audiences whose; answers them."""
    everything, moment = audiences.book(conn), moment_of(conn, max(settled.now, store.clock.now_ms()))
    keeping = frozenset(row.id for row in rows if row.empty == "keep")
    gone = sorted(settled.merged)
    changed: list[dict[str, values.Changed]] = []
    if gone:
        changed.append(values.put_some(store.events, [], frozenset(), gone, [row.id for row in rows], moment.now))
    moved = {person for move in settled.moves for person in (move.source, move.target)} - set(gone)
    asks, _ = _asks([row for row in rows if row.fresh_at], everything, moment)
    asks = [ask for ask in asks if ask.kind.per_person(ask.config)]
    live = {row.id for row in rows if row.live}
    touched = [ask for ask in asks if ask.tag in live and _touches(ask, settled)]
    for wanted, people in ((touched, set(settled.changed) - set(gone) - moved), (asks, moved)):
        waves = compute.in_waves(wanted, everything.named) if people else []
        changed += [compute.of_some(store, conn, wave, keeping, moment, sorted(people)) for wave in waves]
    settled.tagged |= {tag for one in changed for tag in one}
    return changed


def _touches(ask: Ask, settled: Settled) -> bool:
    if ask.kind.how == "events":
        return not compute.event_names(ask).isdisjoint(settled.events.event)
    return ask.kind.how in ("persons", "rules")
