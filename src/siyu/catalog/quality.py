"""What looks wrong with data: a property that arrives as text and as a number, a day unlike the same weekday. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from siyu.catalog.notes_queries import Glimpse, Place
from siyu.catalog.types import Anomaly, SourceType
from siyu.kit import iso

WEEKS = 8
"""Weeks of the same weekday that a day is compared with."""
_ENOUGH = 4
_FEW = 20
_SPREADS = 3.5
_SHARE = 0.5
_SCALE = 1.4826
"""Times the median distance from the median, this is the standard deviation of normal data."""
_OPEN = {"string": "string", "time": "string", "number": "number", "boolean": "boolean"}
"""A date is a text that looks like one: text and dates mixed are no drift."""


def drifts(found: Mapping[Place, Glimpse], since: int) -> dict[tuple[str, str], list[SourceType]]:
    """(name, property) → its types by source, for those that have arrived with several since then."""
    types: dict[tuple[str, str], list[SourceType]] = {}
    for (_, name, word, source, kind), one in sorted(found.items()):
        if one.last_at >= since:
            types.setdefault((name, word), []).append(
                SourceType(kind, source, source, one.seen, iso(one.first_at), iso(one.last_at))
            )
    return {place: seen for place, seen in types.items() if len({_OPEN[one.type] for one in seen}) > 1}


def anomaly(daily: Sequence[int], started: int) -> Anomaly | None:
    """Whether the last of these daily counts is unlike those 7, 14, … days before it.

    ``started``: how many of the days at the front are before the first event ever. The median and the median distance
    from it are used, so one promotion or outage in the past does not hide the next.
    """
    last = len(daily) - 1
    before = [daily[day] for day in range(last - 7, max(-1, last - 7 * WEEKS - 1), -7) if day >= started]
    if len(before) < _ENOUGH:
        return None
    usual = statistics.median(before)
    spread = statistics.median(abs(count - usual) for count in before) * _SCALE
    apart = abs(daily[last] - usual)
    if apart <= max(_SPREADS * spread, _SHARE * usual, _FEW):
        return None
    return Anomaly("rose" if daily[last] > usual else "fell", daily[last], usual, before)
