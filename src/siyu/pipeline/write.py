"""Puts a batch into the event engine: events, changed persons, who moved where. Repeating it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from siyu.collect import Reject, quarantine
from siyu.pipeline.types import Columns, Settled
from siyu.store import BadRows, Store

_NAMES = ("person", "time", "event", "key", "source", "received", "amount", "props", "context", "anchor")


def write(store: Store, token: str, settled: Settled, *, again: bool) -> int:
    """Durable when it returns. Answers how many events went to quarantine because the engine cannot take them.

    ``again``: an earlier attempt may have come as far as this, or further.
    """
    bad = write_events(store, settled.events, again=again)
    if bad:
        quarantine(store, [_refused(settled.events, row, detail) for row, detail in bad])
    if settled.mirror["person"]:
        store.events.insert("persons", settled.mirror)
    if settled.moves:
        store.events.regroup([(move.source, move.target, move.anchors) for move in settled.moves], token)
    return len(bad)


def write_events(store: Store, events: Columns, *, again: bool) -> list[tuple[int, str]]:
    """Insert a batch's events. Answers the rows the engine cannot take, each with what it says.

    ``again``: leave out what is there. (The engine's own memory of inserts is no help: it notes one before the rows are
    in place, and after a kill in between would take the repeat for done.)
    """
    bad: list[tuple[int, str]] = []
    if not events.person:
        return bad
    for rows in _by_month(events.time).values():
        missing = _missing(store, events, rows) if again else rows
        if missing:
            _insert(store, events, missing, bad)
    return bad


def _missing(store: Store, events: Columns, rows: Sequence[int]) -> list[int]:
    """Those of the rows that are not in the engine. A record is known by its key and its time."""
    times = [events.time[row] for row in rows]
    params = {"keys": [events.key[row] for row in rows], "low": min(times), "high": max(times)}
    there = store.events.query(
        """SELECT key, toUnixTimestamp64Milli(time) FROM events
        WHERE time >= fromUnixTimestamp64Milli({low:Int64}, 'UTC')
        AND time <= fromUnixTimestamp64Milli({high:Int64}, 'UTC') AND key IN {keys:Array(UInt64)}""",
        params,
    )
    known = {(int(key), int(at)) for key, at in there}
    return [row for row in rows if (events.key[row], events.time[row]) not in known]


def _insert(store: Store, events: Columns, rows: Sequence[int], bad: list[tuple[int, str]]) -> None:
    """Insert rows of one partition; when one spoils it, halve until that one stands alone.

    A refused insert has written nothing, so the halves can't double anything.
    """
    try:
        store.events.insert("events", _take(events, rows))
    except BadRows as error:
        if len(rows) == 1:
            bad.append((rows[0], error.message()))
            return
        middle = len(rows) // 2
        _insert(store, events, rows[:middle], bad)
        _insert(store, events, rows[middle:], bad)


def _take(events: Columns, rows: Sequence[int]) -> dict[str, list[object]]:
    names = (*_NAMES, "original") if events.original else _NAMES
    columns = {name: getattr(events, name) for name in names}
    if len(rows) == len(events.person):
        return columns
    return {name: [values[row] for row in rows] for name, values in columns.items()}


def _by_month(times: Sequence[int]) -> dict[int, list[int]]:
    """Rows by calendar month (UTC), the engine's partition: an insert across partitions is not atomic."""
    low, high = min(times), max(times)
    if _month(low) == _month(high):
        return {_month(low): list(range(len(times)))}
    months: dict[int, list[int]] = {}
    days: dict[int, int] = {}
    for row, time in enumerate(times):
        day = time // 86_400_000
        month = days.get(day)
        if month is None:
            month = days[day] = _month(time)
        months.setdefault(month, []).append(row)
    return months


def _month(time: int) -> int:
    """Year and month as one number, 202611."""
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return moment.year * 100 + moment.month


def _refused(events: Columns, row: int, detail: str) -> tuple[int, str, str, Reject]:
    record = msgspec.json.encode(
        {"event": events.event[row], "time": events.time[row], "properties": events.props[row]}
    ).decode()
    return events.received[row], events.source[row], "engine", Reject(row, "engine_refused", detail, record)
