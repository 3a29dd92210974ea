"""What time brings: persons who cross an edge of a window, audiences with a schedule, changes not told yet."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from pyroaring import BitMap64

from siyu.audiences import rules
from siyu.audiences.filling import refresh_still
from siyu.audiences.live import Announce, follow_persons, put_news, telling
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import LiveAudience, membership_of
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import unpack
from siyu.audiences.queries.due import crossed, is_timed
from siyu.store import Store

_LEAST, _MOST = 2.0, 20.0
"""Seconds between two looks at the clock."""


def due_step(store: Store, announce: Sequence[Announce] = ()) -> float:
    """A step of the background loop; answers the seconds to wait. The cheaper it was, the sooner the next."""
    began = time.perf_counter()
    _refresh_scheduled(store)
    tell_pending(store, announce)
    follow_time(store, announce)
    return min(max(_LEAST, 10 * (time.perf_counter() - began)), _MOST)


def follow_time(store: Store, announce: Sequence[Announce] = ()) -> tuple[int, int]:
    """Follow the persons for whom time alone made a difference since last time; answers how many entered and left."""
    with store.state.read() as conn:
        live = list(membership_of(store).catch_up(conn).values())
        since = queries.head_of(conn).due_at
        now = moment_of(conn, store.clock.now_ms())
        before = moment_of(conn, min(since or now.now, now.now))
    timed = [one for one in live if one.timed]
    news = (0, 0)
    if timed and before.now < now.now:
        clauses = [leaf for one in timed for leaf in rules.leaves(one.rule) if is_timed(leaf)]
        leaves = list(dict.fromkeys(leaf for leaf in clauses if not isinstance(leaf, rules.Member)))
        people = crossed(store.events, leaves, before, now)
        news = follow_persons(store, people, announce, _is_timed)
    if since != now.now:
        with store.state.write() as conn:
            queries.followed_time(conn, now.now)
    return news


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
