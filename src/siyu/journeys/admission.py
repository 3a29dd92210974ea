"""Who may enter a journey, and why the others don't: re-entry, limits and the days it is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.journeys import queries
from siyu.journeys.clockwork import local, shop_zone
from siyu.journeys.ledger import Ledger
from siyu.journeys.live import Journey
from siyu.journeys.types import Entry
from siyu.kit import DAY, HOUR
from siyu.pipeline import Settled

_Why = tuple[str, dict[str, Any]]


def candidates(journey: Journey, settled: Settled, places: dict[str, list[int]]) -> list[Entry]:
    """Entries by events of a batch that are fresh. The clock of the future is not believed."""
    trigger = journey.plan.trigger
    here = [place for name in journey.plan.starts for place in places.get(name, ())]
    if not here or trigger.kind.entries is None:
        return []
    oldest = max(settled.now - journey.plan.settings.freshness_hours * HOUR, journey.published_at)
    fresh = [place for place in here if settled.events.time[place] >= oldest]
    found = trigger.kind.entries(trigger.config, settled.events, fresh)
    return [entry if entry.at <= settled.now else _at(entry, settled.now) for entry in found]


def _at(entry: Entry, now: int) -> Entry:
    return msgspec.structs.replace(entry, at=now, due=entry.due and entry.due - entry.at + now)


def admit(conn: Connection, ledger: Ledger, journey: Journey, entries: Sequence[Entry]) -> tuple[int, int]:
    """Let people in by the rules of a journey, the earliest first; answers how many entered and how many did not."""
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.key))
    past = queries.past_runs(conn, journey.id, sorted({entry.person for entry in ordered}))
    taken, missed = _sort(conn, ledger.now, journey, ordered, past)
    queries.put_misses(conn, [(journey.id, person, at, *why) for person, (at, why) in missed.items()])
    if taken:
        first = journey.plan.first
        queries.insert_runs(conn, journey.id, journey.version, first, taken)
        if journey.plan.cuts:
            ledger.watched(journey.id, first, len(taken))
        else:
            ledger.entered(journey.id, first, journey.plan.trigger.id, taken)
    return len(taken), len(missed)


def _sort(
    conn: Connection, now: int, journey: Journey, entries: Sequence[Entry], past: dict[int, queries.Past]
) -> tuple[list[Entry], dict[int, tuple[int, _Why]]]:
    """Who enters, and why the others don't: person → (when, why)."""
    taken: dict[int, Entry] = {}
    missed: dict[int, tuple[int, _Why]] = {}
    closed = _closed(conn, now, journey)
    for entry in entries:
        if entry.person in taken:
            continue
        why = closed or _why_not(journey, entry, past.get(entry.person))
        if why is None:
            taken[entry.person] = entry
            missed.pop(entry.person, None)
        else:
            missed[entry.person] = (entry.at, why)
    allowed = _within_limits(conn, now, journey, list(taken.values()), missed)
    return _unseen(conn, journey, allowed, past), missed


def _unseen(conn: Connection, journey: Journey, entries: list[Entry], past: dict[int, queries.Past]) -> list[Entry]:
    """Without what has made the same person enter before; only where somebody may enter at any time can that be."""
    again = [entry for entry in entries if entry.person in past]
    seen = queries.known_entries(conn, journey.id, again) if again else set()
    return [entry for entry in entries if (entry.person, entry.key) not in seen] if seen else entries


def _closed(conn: Connection, now: int, journey: Journey) -> _Why | None:
    """Why nobody enters just now."""
    settings = journey.plan.settings
    if journey.state == "paused":
        return "paused", {"event": journey.plan.event}
    if settings.starts_on or settings.ends_on:
        today = _today(conn, now)
        if today < (settings.starts_on or today) or today > (settings.ends_on or today):
            return "not_open", {"starts": settings.starts_on or "…", "ends": settings.ends_on or "…"}
    return None


def _today(conn: Connection, now: int) -> str:
    today: date = local(now, shop_zone(conn)).date()
    return today.isoformat()


def _why_not(journey: Journey, entry: Entry, past: queries.Past | None) -> _Why | None:
    settings = journey.plan.settings
    if past is None:
        return None
    if past.inside:
        return "already_inside", {"event": journey.plan.event}
    if settings.per_person and past.times >= settings.per_person:
        return "limit_person", {"limit": settings.per_person}
    if settings.reentry == "never":
        return "once_only", {}
    if settings.reentry == "after" and entry.at < past.last_at + settings.reentry_days * DAY:
        return "reentry_window", {"last_at": past.last_at, "days": settings.reentry_days}
    return None


def _within_limits(
    conn: Connection, now: int, journey: Journey, entries: list[Entry], missed: dict[int, tuple[int, _Why]]
) -> list[Entry]:
    """The first so many as still may; those over a limit go to ``missed``. Counted under a lock, so never overrun."""
    settings = journey.plan.settings
    for limit, code, name in (
        (settings.total, "limit_total", "let in"),
        (settings.per_day, "limit_day", f"let in {_today(conn, now)}"),
    ):
        if limit and entries:
            room = max(0, limit - queries.take_count(conn, journey.id, name, 0))
            for entry in entries[room:]:
                missed[entry.person] = (entry.at, (code, {"limit": limit}))
            entries = entries[:room]
    if settings.total:
        queries.take_count(conn, journey.id, "let in", len(entries))
    if settings.per_day:
        queries.take_count(conn, journey.id, f"let in {_today(conn, now)}", len(entries))
    return entries
