"""When things happen: the brand's calendar and the hours of a day in China, which knows no summer time."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from itertools import accumulate
from random import Random

from siyu.kit import DAY, HOUR, MINUTE

_CHINA = 8 * HOUR
_EPOCH = date(1970, 1, 1).toordinal()
_GROWTH = 1.4
"""The last day is so much busier than the first, on top of it."""

_WEEKDAYS = (0.95, 0.92, 0.93, 0.95, 1.06, 1.2, 1.16)
_HOURS = (2, 1, 0.5, 0.3, 0.3, 0.5, 1, 2, 3, 4, 5, 5.5, 6.5, 5.5, 4.5, 4.5, 5, 5, 5.5, 7, 9, 10, 8, 4.5)
_HOURS_SUM = tuple(accumulate(_HOURS))


def day_of(ms: int) -> int:
    """The calendar day in China as a number of days since 1970-01-01."""
    return (ms + _CHINA) // DAY


def start_of(day: int) -> int:
    """Midnight in China, epoch ms."""
    return day * DAY - _CHINA


def date_of(day: int) -> date:
    return date.fromordinal(_EPOCH + day)


def day_number(moment: date) -> int:
    return moment.toordinal() - _EPOCH


def _festival(moment: date) -> float:
    """How much busier the great sales make a day."""
    spot = moment.month * 100 + moment.day
    if spot in (617, 618, 1110, 1111):
        return 4.0
    if 601 <= spot <= 620 or 1031 <= spot <= 1112:
        return 2.0
    if spot in (308, 520, 1212):
        return 1.8
    return 1.0


class Season:
    """The calendar from day ``first`` to ``last``; days are drawn as often as they are busy."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        span = max(1, last - first)
        self._sums = list(
            accumulate(
                (1 + _GROWTH * (day - first) / span) * _WEEKDAYS[date_of(day).weekday()] * _festival(date_of(day))
                for day in range(first, last + 1)
            )
        )

    def draw(self, chance: Random, start: int, end: int) -> int:
        """A day from ``start`` to ``end``, both included."""
        start, end = max(start, self.first), min(max(start, end), self.last)
        before = self._sums[start - self.first - 1] if start > self.first else 0.0
        wanted = before + chance.random() * (self._sums[end - self.first] - before)
        return min(end, self.first + bisect_right(self._sums, wanted))


class Hours:
    """Moments of a day, never later than a minute before ``now`` (epoch ms)."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.today = day_of(now)

    def moment(self, chance: Random, day: int) -> int:
        hour = bisect_right(_HOURS_SUM, chance.random() * _HOURS_SUM[-1])
        offset = hour * HOUR + int(chance.random() * HOUR)
        start = start_of(day)
        if day == self.today:
            room = max(MINUTE, self.now - MINUTE - start)
            offset = offset * room // DAY
        return min(start + offset, self.now - MINUTE)
