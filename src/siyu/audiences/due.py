"""What time brings: persons who cross an edge of a window, audiences with a schedule, changes not told yet."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from weakref import WeakKeyDictionary

from pyroaring import BitMap64

from siyu.audiences import rules
from siyu.audiences.filling import refresh_still
from siyu.audiences.live import AT_ONCE, Announce, follow_persons, put_news, telling
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import LiveAudience, membership_of
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import unpack
from siyu.audiences.queries.due import crossed, is_timed
from siyu.store import Store

_LEAST, _MOST = 2.0, 20.0
"""Seconds between two looks at the clock; in between, ten times what the last one took."""
_REST, _REST_BEHIND_STREAM, _LONGEST_REST = 0.5, 4.0, 3.0
"""Rests so many times as long as it worked, but not over so many seconds, while persons still wait: after a pause of
the whole house they are many, and what happens now goes first."""


class Clockwork:
    """Follows the persons for whom time alone made a difference, some at a time and beside the stream.

    Who crosses an edge while others still wait is followed before them. How far it has come is written once all of
    them are followed, so whatever ends the process, nobody is forgotten.
    """

    def __init__(self) -> None:
        self.fresh, self.waiting = BitMap64(), BitMap64()
        self._until = 0
        self._next_look = 0.0

    @property
    def has_looked(self) -> bool:
        return self._next_look > 0

    def step(self, store: Store, announce: Sequence[Announce]) -> float:
        """A step of the background loop. Answers the seconds to wait; the cheaper it was, the sooner the next."""
        began = time.perf_counter()
        _refresh_scheduled(store)
        tell_pending(store, announce)
        self.follow(store, announce)
        took = time.perf_counter() - began
        if self.fresh or self.waiting:
            rest = _REST_BEHIND_STREAM if membership_of(store).precedence.is_busy() else _REST
            return min(took * rest, _LONGEST_REST)
        return max(self._next_look - time.perf_counter(), 0.1)

    def follow(self, store: Store, announce: Sequence[Announce]) -> tuple[int, int]:
        """Follow the next persons; answers how many entered and left."""
        if not (self.fresh or self.waiting) or time.perf_counter() >= self._next_look:
            self._look(store)
        queue = self.fresh or self.waiting
        part = BitMap64(queue[:AT_ONCE])
        news = follow_persons(store, part, announce, _is_timed)
        self.fresh -= part
        self.waiting -= part
        if not self.fresh and not self.waiting and self._until:
            with store.state.write() as conn:
                queries.followed_time(conn, self._until)
            self._until = 0
        return news

    def _look(self, store: Store) -> None:
        """Find who crossed an edge since the last look."""
        began = time.perf_counter()
        membership = membership_of(store)
        with store.state.read() as conn:
            live = list(membership.catch_up(conn).values())
            since = self._until or queries.head_of(conn).due_at
            now = moment_of(conn, store.clock.now_ms())
            before = moment_of(conn, min(since or now.now, now.now))
        timed = [one for one in live if one.timed]
        found = BitMap64()
        if timed and before.now < now.now:
            clauses = [leaf for one in timed for leaf in rules.leaves(one.rule) if is_timed(leaf)]
            leaves = list(dict.fromkeys(leaf for leaf in clauses if not isinstance(leaf, rules.Member)))
            found = crossed(store.events, leaves, before, now) | membership.doubted()
        if self.waiting:
            self.fresh |= found
        else:
            self.waiting = found
        if since != now.now:
            self._until = membership.clock_at = now.now
        took = time.perf_counter() - began
        self._next_look = time.perf_counter() + min(max(_LEAST, 10 * took), _MOST)


_CLOCKWORKS: WeakKeyDictionary[Store, Clockwork] = WeakKeyDictionary()


def due_step(store: Store, announce: Sequence[Announce] = ()) -> float:
    """A step of the background loop: schedules, news not told yet, time. Answers the seconds to wait."""
    return _CLOCKWORKS.setdefault(store, Clockwork()).step(store, announce)


def is_behind(store: Store) -> bool:
    """Whether persons wait for whom time made a difference, or may: nobody has looked yet."""
    clockwork = _CLOCKWORKS.get(store)
    return clockwork is None or not clockwork.has_looked or bool(clockwork.waiting)


def follow_time(store: Store, announce: Sequence[Announce] = ()) -> tuple[int, int]:
    """Follow everybody for whom time alone made a difference since last time; answers how many entered and left."""
    clockwork = Clockwork()
    entered, left = clockwork.follow(store, announce)
    while clockwork.fresh or clockwork.waiting:
        came, went = clockwork.follow(store, announce)
        entered, left = entered + came, left + went
    return entered, left


def _is_timed(audience: LiveAudience) -> bool:
    return audience.timed


def _refresh_scheduled(store: Store) -> None:
    with store.state.read() as conn:
        due = [row.id for row in definitions.scheduled_until(conn, store.clock.now_ms())]
    for audience_id in due:
        refresh_still(store, audience_id)


def tell_pending(store: Store, announce: Sequence[Announce] = ()) -> None:
    """Tell who entered and left audiences that were computed anew, and follow those persons where such are named."""
    with store.state.read() as conn:
        waiting = [row.audience_id for row in queries.pending_of(conn)]
    for audience_id in waiting:
        changed = _tell(store, audience_id, announce)
        follow_persons(store, changed, announce, partial(_names, audience_id))


def _names(audience_id: str, audience: LiveAudience) -> bool:
    return audience_id in audience.named


def _tell(store: Store, audience_id: str, announce: Sequence[Announce]) -> BitMap64:
    with telling(store, announce, []) as (conn, settled):
        membership = membership_of(store)
        membership.catch_up(conn)
        row = next((row for row in queries.pending_of(conn) if row.audience_id == audience_id), None)
        if row is None:
            return BitMap64()
        before, after = unpack(row.members), membership.members(audience_id)
        settled.changed = list(before ^ after)
        put_news(conn, audience_id, before, after, settled)
        queries.drop_pending(conn, audience_id)
    return before ^ after
