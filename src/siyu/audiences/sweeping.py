"""The sweep: everybody is looked at for all live audiences, to follow what nothing announced, and as a proof."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan
from siyu.audiences.due import is_behind
from siyu.audiences.live import AT_ONCE, Announce, follow_persons
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import LiveAudience, Membership, membership_of
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import pack
from siyu.audiences.queries.engine import highest_person
from siyu.audiences.queries.leaves import Population, find
from siyu.audiences.queries.terms import Moment
from siyu.kit import DAY
from siyu.settings import current_settings
from siyu.store import QueryTooBig, QueryTooSlow, Store

_FIRST_SPAN, _LEAST_SPAN, _MOST_SPAN = 20_000, 1_000, 1_000_000
"""Person numbers one question of a sweep covers: at first, at least, at most."""
_SECONDS = 1.5
"""What one question of a sweep should take."""
_SNAPSHOT_AFTER = 2_000
"""Changes of an audience after which its members are written out anew."""
_KEPT = 30 * DAY


class Swept(msgspec.Struct, frozen=True):
    """What a sweep found. ``entered`` and ``left`` count news."""

    audiences: int
    persons: int
    entered: int
    left: int
    seconds: float


def sweep(store: Store, announce: Sequence[Announce] = ()) -> Swept:
    """Look at everybody for all live audiences, and follow those for whom time, or anything else, made a difference.

    Differences are computed once more inside the transaction that writes them, so a batch that settled meanwhile is
    never contradicted. ``announce`` is told of the news in that transaction, as of a batch without events.
    """
    sweeper = Sweeper()
    while not sweeper.look(store, announce):
        pass
    return sweeper.swept


class Sweeper:
    """Goes over everybody, some persons at a time, so that it never holds up what is happening for long.

    One thread of the engine, a few seconds at a time: the number of persons adapts to that.
    """

    def __init__(self) -> None:
        self.swept = Swept(0, 0, 0, 0, 0.0)
        self._next = 0
        self._span = _FIRST_SPAN
        self._now = 0
        self._differing = BitMap64()
        self._ids: list[str] = []

    def step(self, store: Store, announce: Sequence[Announce]) -> float:
        """A step of the background loop; answers the seconds to wait."""
        before = self.swept.seconds if self._next else 0.0
        done = self.look(store, announce)
        return pause_after(self.swept) if done else 2 * (self.swept.seconds - before)

    def look(self, store: Store, announce: Sequence[Announce]) -> bool:
        """Look at the next persons, or follow some of those who differ; True when everybody has been looked at."""
        began = time.perf_counter()
        if self._differing:
            self._follow_some(store, announce)
            done = not self._next and not self._differing
        else:
            done = self._look_on(store)
        self.swept = msgspec.structs.replace(self.swept, seconds=self.swept.seconds + time.perf_counter() - began)
        if done and self.swept.audiences:
            _keep(store, membership_of(store), self._ids, self._now)
        return done

    def _look_on(self, store: Store) -> bool:
        began = time.perf_counter()
        membership = membership_of(store)
        with store.state.read() as conn:
            live = list(membership.catch_up(conn).values())
            moment = moment_of(conn, store.clock.now_ms())
        if not self._next:
            self.swept = Swept(len(live), 0, 0, 0, 0.0)
            self._ids, self._now = [one.id for one in live], moment.now
        if not live:
            self._next = 0
            return True
        last = _last(store, [membership.members(one.id) for one in live])
        end = min(self._next + self._span, last)
        try:
            self._look_at(store, live, moment, BitMap64(range(self._next, end)))
        except (QueryTooSlow, QueryTooBig):
            self._span = max(_LEAST_SPAN, self._span // 4)
            raise
        took = time.perf_counter() - began
        self._span = min(max(int(self._span * min(2.0, _SECONDS / took)), _LEAST_SPAN), _MOST_SPAN)
        self._next = end if end < last else 0
        return not self._next and not self._differing

    def _look_at(self, store: Store, live: Sequence[LiveAudience], moment: Moment, span: BitMap64) -> None:
        probes = plan.probes(one.rule for one in live)
        found = find(store.events, probes, Population(span.min(), span.max() + 1), moment, max_threads=1)
        membership = membership_of(store)
        held = membership.sets()
        for one in live:
            before = membership.members(one.id) & span
            self._differing |= before ^ plan.members(one.rule, found.sets, found.everyone, held)
        self.swept = msgspec.structs.replace(self.swept, persons=self.swept.persons + len(found.everyone))

    def _follow_some(self, store: Store, announce: Sequence[Announce]) -> None:
        part = BitMap64(self._differing[:AT_ONCE])
        entered, left = follow_persons(store, part, announce)
        self._differing -= part
        self.swept = msgspec.structs.replace(
            self.swept, entered=self.swept.entered + entered, left=self.swept.left + left
        )


def _last(store: Store, held: Sequence[BitMap64]) -> int:
    """The person number after the highest there is."""
    return int(max([highest_person(store.events), *(members.max() for members in held if members)])) + 1


def _keep(store: Store, membership: Membership, ids: Sequence[str], at: int) -> None:
    """Note that everybody was looked at, write out members that changed much, forget old changes."""
    with store.state.write() as conn:
        live = membership.catch_up(conn)
        seq = queries.head_of(conn).seq
        for name, number in queries.changes_since_snapshot(conn).items():
            if name in live and number >= _SNAPSHOT_AFTER:
                queries.put_snapshot(conn, name, live[name].filled, seq, pack(membership.members(name)))
        noted = queries.sized_since(conn, _midnight(conn, at))
        for name in live.keys() - noted:
            queries.note_size(conn, name, at, len(membership.members(name)))
        definitions.computed(conn, ids, at)
        queries.forget_before(conn, at - _KEPT)


def _midnight(conn: Connection, now: int) -> int:
    """When the shop's day began, epoch ms."""
    local = datetime.fromtimestamp(now / 1000, ZoneInfo(current_settings(conn).timezone))
    return round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def pause_after(swept: Swept) -> float:
    """Seconds until the next sweep: the cheaper, the sooner. (What time brings is followed without it.)"""
    return min(max(5.0, 5 * swept.seconds), 300.0)


_SWEEPERS: WeakKeyDictionary[Store, Sweeper] = WeakKeyDictionary()


def sweep_step(store: Store, announce: Sequence[Announce] = ()) -> float:
    """A step of the background loop: look at some persons, after what time brought. Answers the seconds to wait."""
    if is_behind(store):
        return 1.0
    return _SWEEPERS.setdefault(store, Sweeper()).step(store, announce)
