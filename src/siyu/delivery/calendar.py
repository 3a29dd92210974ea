"""China's public holidays and make-up workdays. Years nobody has announced yet know weekends only."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from importlib import resources

import msgspec

_SATURDAY = 5


class Calendar(msgspec.Struct, frozen=True):
    """Holidays with their names, weekend days that are workdays, and the years they are known for."""

    holidays: dict[date, str]
    workdays: frozenset[date]
    years: frozenset[int]

    def is_holiday(self, day: date) -> bool:
        return day in self.holidays

    def is_workday(self, day: date) -> bool:
        """Make-up days count; holidays don't."""
        return day in self.workdays or (day.weekday() < _SATURDAY and day not in self.holidays)

    def allows(self, day: date, on: str) -> bool:
        """Whether a rule of ``days`` lets messages out on ``day``."""
        if on == "workdays":
            return self.is_workday(day)
        return on != "not_holidays" or not self.is_holiday(day)

    def changed(self, holidays: Iterable[str], workdays: Iterable[str]) -> Calendar:
        """With an operator's days on top; a day of work is no holiday any more. Raises ValueError for no date."""
        off = {date.fromisoformat(day): "holiday" for day in holidays}
        on = {date.fromisoformat(day) for day in workdays}
        kept = {day: name for day, name in (self.holidays | off).items() if day not in on}
        years = self.years | {day.year for day in (*off, *on)}
        return Calendar(kept, frozenset((self.workdays | on) - set(off)), years)


class _Year(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    holidays: dict[str, list[str]]
    workdays: list[str]


@cache
def national_calendar() -> Calendar:
    """The calendar in ``data/holidays_cn.toml``."""
    text = resources.files("siyu.delivery").joinpath("data/holidays_cn.toml").read_text("utf-8")
    years = msgspec.convert(tomllib.loads(text), dict[str, _Year])
    holidays = {
        day: name
        for year, told in years.items()
        for name, ends in told.holidays.items()
        for day in _days(f"{year}-{ends[0]}", f"{year}-{ends[-1]}")
    }
    workdays = frozenset(date.fromisoformat(f"{year}-{day}") for year, told in years.items() for day in told.workdays)
    return Calendar(holidays, workdays, frozenset(int(year) for year in years))


def _days(first: str, last: str) -> Iterator[date]:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        yield day
        day += timedelta(days=1)
