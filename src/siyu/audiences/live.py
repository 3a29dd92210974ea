"""Membership that follows what happens: after every settled batch, and a sweep for what time alone changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan
from siyu.audiences.membership import LiveAudience, Membership, membership_of
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import pack
from siyu.audiences.queries.engine import highest_person
from siyu.audiences.queries.leaves import Population, find
from siyu.audiences.queries.terms import Moment
from siyu.collect import EmittedEvent, emit
from siyu.kit import DAY, histogram
from siyu.pipeline import Columns, Settled
from siyu.settings import current_settings
from siyu.store import QueryTooBig, QueryTooSlow, Store

_FIRST_SPAN, _LEAST_SPAN, _MOST_SPAN = 100_000, 1_000, 1_000_000
"""Person numbers one question of a sweep covers: at first, at least, at most."""
_SECONDS = 4.0
"""What one question of a sweep should take."""
_AT_ONCE = 2_000
"""Persons followed in one transaction beside the stream, which has to wait for it."""
_SNAPSHOT_AFTER = 2_000
"""Changes of an audience after which its members are written out anew."""
_KEPT = 30 * DAY

_followed = histogram("siyu_audiences_follow_seconds", "Following one settled batch for all live audiences")

Announce: TypeAlias = Callable[[Store, Connection, Settled], Any]


class Swept(msgspec.Struct, frozen=True):
    """What a sweep found. ``entered`` and ``left`` count news."""

    audiences: int
    persons: int
    entered: int
    left: int
    seconds: float


def moment_of(conn: Connection, now: int) -> Moment:
    settings = current_settings(conn)
    return Moment(now, settings.timezone, settings.lifecycle)


def on_settled(store: Store, conn: Connection, settled: Settled) -> None:
    """Follow a batch in its transaction: who enters or leaves a live audience goes into ``settled`` and the changes.

    All audiences the batch can touch are computed over its changed persons in one question. A person who was merged
    goes without news, and whoever absorbed a member is taken for one, so that a merge is no reason to be greeted again.
    After a split each side is in what it would have been in all along; that is no news either.
    """
    if not settled.changed and not settled.moves:
        return
    with _followed.time():
        _follow_batch(store, conn, settled)


def _follow_batch(store: Store, conn: Connection, settled: Settled) -> None:
    membership = membership_of(store)
    live = membership.catch_up(conn)
    if settled.merged:
        _move_still(conn, membership, settled)
    if not live:
        return
    touched = list(live.values()) if settled.moves else _touched(live.values(), settled)
    _follow(store, conn, membership, touched, settled)
    queries.followed(conn, settled.now)


def _move_still(conn: Connection, membership: Membership, settled: Settled) -> None:
    """Let who was merged keep their place in audiences that don't follow the stream."""
    moves = [
        move for name in membership.still() for move in _merge_changes(name, membership.members(name), settled.merged)
    ]
    if moves:
        queries.add_changes(conn, moves, settled.now, settled.number)


def _touched(live: Iterable[LiveAudience], settled: Settled) -> list[LiveAudience]:
    names = set(settled.events.event)
    facts = bool(settled.mirror.get("person")) or not settled.mirror
    return [
        one
        for one in live
        if (facts and one.personal) or not names.isdisjoint(one.events) or not one.tags.isdisjoint(settled.tagged)
    ]


def _follow(
    store: Store, conn: Connection, membership: Membership, audiences: Sequence[LiveAudience], settled: Settled
) -> None:
    """Compute ``audiences`` for the changed persons, write what changed and tell ``settled``."""
    parted = {person for move in settled.moves if move.anchors is not None for person in (move.source, move.target)}
    people = BitMap64(settled.changed) | BitMap64(settled.merged.values()) | BitMap64(parted)
    people -= BitMap64(settled.merged)
    if not audiences or not people:
        return
    probes = plan.probes(one.rule for one in audiences)
    # Transactions follow each other, and so must the times at which persons are looked at.
    moment = moment_of(conn, max(settled.now, store.clock.now_ms()))
    found = find(store.events, probes, Population(people=tuple(people)), moment)
    held = membership.sets()
    changes: list[queries.Change] = []
    for one in audiences:
        changes += _merge_changes(one.id, membership.members(one.id), settled.merged)
        before = _before(membership.members(one.id), people, settled.merged)
        after = plan.members(one.rule, found.sets, found.everyone, held)
        came, went = after - before, before - after
        settled.entered += [(one.id, person) for person in came if person not in parted]
        settled.left += [(one.id, person) for person in went if person not in parted]
        changes += [(one.id, person, "joined" if person in parted else "entered") for person in came]
        changes += [(one.id, person, "gone" if person in parted else "left") for person in went]
    if changes:
        queries.add_changes(conn, changes, settled.now, settled.number)
        _say(conn, changes, settled.now)


def _say(conn: Connection, changes: Sequence[queries.Change], now: int) -> None:
    """Put who entered and left on their timelines; what merges moved is no news."""
    names = {row.id: row.name for row in definitions.all_of(conn)}
    events = []
    for audience, person, change in changes:
        if change in ("entered", "left"):
            props = msgspec.json.encode({"audience": audience, "audience_name": names[audience]}).decode()
            key = f"{audience} {person} {change} {now}"
            events.append(EmittedEvent(f"audience_{change}", person, now, key, props))
    emit(conn, events, now)


def _before(members: BitMap64, people: BitMap64, merged: Mapping[int, int]) -> BitMap64:
    """Who of ``people`` was a member, also through somebody they absorbed."""
    before = members & people
    before.update(keep for gone, keep in merged.items() if gone in members and keep in people)
    return before


def _merge_changes(audience: str, members: BitMap64, merged: Mapping[int, int]) -> Iterator[queries.Change]:
    for gone, keep in merged.items():
        if gone in members:
            yield audience, gone, "gone"
            if keep not in members:
                yield audience, keep, "joined"


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

    def step(self, store: Store, announce: Sequence[Announce]) -> float:
        """A step of the background loop; answers the seconds to wait."""
        before = self.swept.seconds if self._next else 0.0
        done = self.look(store, announce)
        return pause_after(self.swept) if done else 2 * (self.swept.seconds - before)

    def look(self, store: Store, announce: Sequence[Announce]) -> bool:
        """Look at the next persons; True when this was the last of everybody."""
        began = time.perf_counter()
        membership = membership_of(store)
        with store.state.read() as conn:
            live = list(membership.catch_up(conn).values())
            moment = moment_of(conn, store.clock.now_ms())
        if not self._next:
            self.swept = Swept(len(live), 0, 0, 0, 0.0)
            self._now = moment.now
        if not live:
            return True
        last = _last(store, [membership.members(one.id) for one in live])
        end = min(self._next + self._span, last)
        try:
            self._look_at(store, live, moment, BitMap64(range(self._next, end)), announce)
        except (QueryTooSlow, QueryTooBig):
            self._span = max(_LEAST_SPAN, self._span // 4)
            raise
        took = time.perf_counter() - began
        self._span = min(max(int(self._span * min(2.0, _SECONDS / took)), _LEAST_SPAN), _MOST_SPAN)
        self._next = end if end < last else 0
        if not self._next:
            _keep(store, membership, [one.id for one in live], self._now)
        self.swept = msgspec.structs.replace(self.swept, seconds=self.swept.seconds + time.perf_counter() - began)
        return not self._next

    def _look_at(
        self,
        store: Store,
        live: Sequence[LiveAudience],
        moment: Moment,
        span: BitMap64,
        announce: Sequence[Announce],
    ) -> None:
        probes = plan.probes(one.rule for one in live)
        found = find(store.events, probes, Population(span.min(), span.max() + 1), moment, max_threads=1)
        differing = BitMap64()
        membership = membership_of(store)
        held = membership.sets()
        for one in live:
            before = membership.members(one.id) & span
            differing |= before ^ plan.members(one.rule, found.sets, found.everyone, held)
        news = follow_persons(store, differing, announce)
        entered, left = self.swept.entered + news[0], self.swept.left + news[1]
        persons = self.swept.persons + len(found.everyone)
        self.swept = msgspec.structs.replace(self.swept, persons=persons, entered=entered, left=left)


def _last(store: Store, held: Sequence[BitMap64]) -> int:
    """The person number after the highest there is."""
    return int(max([highest_person(store.events), *(members.max() for members in held if members)])) + 1


def follow_persons(
    store: Store,
    people: BitMap64,
    announce: Sequence[Announce],
    wanted: Callable[[LiveAudience], bool] = lambda _: True,
) -> tuple[int, int]:
    """Look at these persons for the live audiences that are ``wanted``; answers how many entered and left."""
    entered = left = 0
    for start in range(0, len(people), _AT_ONCE):
        part = people[start : start + _AT_ONCE].to_array()
        with telling(store, announce, list(part)) as (conn, settled):
            membership = membership_of(store)
            live = [one for one in membership.catch_up(conn).values() if wanted(one)]
            _follow(store, conn, membership, live, settled)
        entered, left = entered + len(settled.entered), left + len(settled.left)
    return entered, left


@contextmanager
def telling(store: Store, announce: Sequence[Announce], people: list[int]) -> Iterator[tuple[Connection, Settled]]:
    """A transaction whose news ``announce`` is told of at its end, as of a batch without events."""
    none = Columns([], [], [], [], [], [], [], [], [], [])
    after: list[Any] = []
    with store.state.write() as conn:
        settled = Settled(0, store.clock.now_ms(), none, people, {}, entered=[], left=[])
        yield conn, settled
        if settled.entered or settled.left:
            after = [told(store, conn, settled) for told in announce]
    for act in after:
        if callable(act):
            act()


def put_news(conn: Connection, audience: str, before: BitMap64, after: BitMap64, settled: Settled) -> None:
    """Write who is in an audience now and was not before, and the reverse, as news."""
    entered, left = after - before, before - after
    settled.entered += [(audience, person) for person in entered]
    settled.left += [(audience, person) for person in left]
    changes = [(audience, person, "entered") for person in entered] + [(audience, person, "left") for person in left]
    if changes:
        queries.add_changes(conn, changes, settled.now, settled.number)
        _say(conn, changes, settled.now)


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
    """A step of the background loop: look at some persons. Answers the seconds to wait."""
    return _SWEEPERS.setdefault(store, Sweeper()).step(store, announce)
