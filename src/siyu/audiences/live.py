"""Membership that follows what happens: after every settled batch, and beside the stream for persons somebody names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan
from siyu.audiences.looking import Looked, look, moment_of
from siyu.audiences.membership import LiveAudience, Membership, membership_of
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.terms import Moment
from siyu.collect import EmittedEvent, emit
from siyu.kit import MINUTE, histogram
from siyu.pipeline import Columns, Settled
from siyu.store import Store

_ROOM = "audiences"
AT_ONCE = 2_000
"""Persons followed at once beside the stream."""
_PUNCTUAL = MINUTE
"""What time brings has been followed within so many ms, but after a pause of the whole house."""
_TURNS = 3
"""How often persons are looked at beside the stream before it has to wait for them."""

_followed = histogram("siyu_audiences_follow_seconds", "Following one settled batch for all live audiences")

Announce: TypeAlias = Callable[[Store, Connection, Settled], Any]


def look_ahead(store: Store, settled: Settled) -> None:
    """Before the transaction: ask the engine about a batch's changed persons, for all audiences it can touch."""
    if not settled.changed and not settled.moves:
        return
    membership = membership_of(store)
    with _followed.time(), store.state.read() as conn:
        touched = _touched(membership.catch_up(conn).values(), settled)
        people = _people(settled)
        membership.precedence.begin(people | BitMap64(settled.merged))
        settled.ahead[_ROOM] = look(store, touched, people, _moment(conn, store, settled))


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
    if live:
        looked = settled.ahead.get(_ROOM)
        touched = _touched(live.values(), settled)
        if not isinstance(looked, Looked) or looked.audiences != touched:
            looked = look(store, touched, _people(settled), _moment(conn, store, settled))
        _follow(conn, membership, looked, settled)
        if settled.now - max(queries.head_of(conn).due_at, membership.clock_at) > _PUNCTUAL:
            membership.doubt(looked.people)
        queries.followed(conn, settled.now)
    membership.precedence.end()


def _moment(conn: Connection, store: Store, settled: Settled) -> Moment:
    """Batches follow each other, and so must the times at which persons are looked at."""
    return moment_of(conn, max(settled.now, store.clock.now_ms()))


def _parted(settled: Settled) -> set[int]:
    return {person for move in settled.moves if move.anchors is not None for person in (move.source, move.target)}


def _people(settled: Settled) -> BitMap64:
    people = BitMap64(settled.changed) | BitMap64(settled.merged.values()) | BitMap64(_parted(settled))
    return people - BitMap64(settled.merged)


def _move_still(conn: Connection, membership: Membership, settled: Settled) -> None:
    """Let who was merged keep their place in audiences that don't follow the stream."""
    moves = [
        move for name in membership.still() for move in _merge_changes(name, membership.members(name), settled.merged)
    ]
    if moves:
        queries.add_changes(conn, moves, settled.now, settled.number)


def _touched(live: Iterable[LiveAudience], settled: Settled) -> list[LiveAudience]:
    if settled.moves:
        return list(live)
    names = set(settled.events.event)
    facts = bool(settled.mirror.get("person")) or not settled.mirror
    return [
        one
        for one in live
        if (facts and one.personal) or not names.isdisjoint(one.events) or not one.tags.isdisjoint(settled.tagged)
    ]


def _follow(conn: Connection, membership: Membership, looked: Looked, settled: Settled) -> None:
    """Write what changed for those who were looked at, and tell ``settled``."""
    if not looked.people:
        return
    parted, found, held = _parted(settled), looked.found, membership.sets()
    changes: list[queries.Change] = []
    for one in looked.audiences:
        changes += _merge_changes(one.id, membership.members(one.id), settled.merged)
        before = _before(membership.members(one.id), looked.people, settled.merged)
        after = plan.members(one.rule, found.sets, found.everyone, held) & looked.people
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


def follow_persons(
    store: Store,
    people: BitMap64,
    announce: Sequence[Announce],
    wanted: Callable[[LiveAudience], bool] = lambda _: True,
) -> tuple[int, int]:
    """Look at these persons for the live audiences that are ``wanted``; answers how many entered and left.

    Whom the stream overtakes is looked at again; who is overtaken time and again, inside the transaction.
    """
    entered = left = 0
    for turn in range(_TURNS + 1):
        again = BitMap64()
        for start in range(0, len(people), AT_ONCE):
            part = BitMap64(people[start : start + AT_ONCE])
            came, went, overtaken = _follow_part(store, part, announce, wanted, inside=turn == _TURNS)
            entered, left, again = entered + came, left + went, again | overtaken
        people = again
    return entered, left


def _follow_part(
    store: Store,
    people: BitMap64,
    announce: Sequence[Announce],
    wanted: Callable[[LiveAudience], bool],
    *,
    inside: bool,
) -> tuple[int, int, BitMap64]:
    """Answers how many entered and left, and who has to be looked at again."""
    membership = membership_of(store)
    overtaken = BitMap64()
    with membership.precedence.aside():
        looked = None if inside else _look_for(store, people, wanted)
        with telling(store, announce, list(people)) as (conn, settled):
            live = [one for one in membership.catch_up(conn).values() if wanted(one)]
            if looked is None or looked.audiences != live:
                looked = look(store, live, people, moment_of(conn, settled.now), max_threads=1)
            else:
                overtaken = membership.precedence.overtaken(people)
                looked = Looked(live, people - overtaken, looked.found)
            _follow(conn, membership, looked, settled)
    return len(settled.entered), len(settled.left), overtaken


def _look_for(store: Store, people: BitMap64, wanted: Callable[[LiveAudience], bool]) -> Looked:
    with store.state.read() as conn:
        live = [one for one in membership_of(store).catch_up(conn).values() if wanted(one)]
        return look(store, live, people, moment_of(conn, store.clock.now_ms()), max_threads=1)


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
