"""CDNOW's real purchases, re-dated and in yuan. ``data/NOTICE`` says where they come from and what is changed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from random import Random

import msgspec

from siyu.demo.season import Season, day_number

CUSTOMERS = 23_570
YUAN_PER_DOLLAR = 7
"""One cent is so many fen, so every sum stays exact."""

FIRST_DAY = day_number(date(1997, 1, 1))
LAST_DAY = day_number(date(1998, 6, 30))


class Purchase(msgspec.Struct, frozen=True, gc=False):
    """``day`` counts from 1970-01-01, ``fen`` is what was paid; 80 of the purchases were free."""

    day: int
    units: int
    fen: int


class Customer(msgspec.Struct, frozen=True):
    """``number`` is the customer's in the source; purchases are in order of time."""

    number: int
    purchases: list[Purchase]


def customers(count: int = CUSTOMERS) -> Iterator[Customer]:
    """``count`` customers with their purchases as they were, spread evenly over the set."""
    count = min(count, CUSTOMERS)
    for number, lines in groupby(_lines(), key=lambda line: line[0]):
        place = int(number) - 1
        if place * count // CUSTOMERS != (place - 1) * count // CUSTOMERS:
            yield Customer(place, [_purchase(line) for line in lines])


def _lines() -> Iterator[list[str]]:
    packed = files("siyu.demo").joinpath("data/cdnow.txt.gz")
    with packed.open("rb") as raw, gzip.open(raw, "rt", encoding="ascii") as text:
        next(text)
        for line in text:
            yield line.split()


def _purchase(line: list[str]) -> Purchase:
    _, day, units, dollars = line
    when = day_number(date(int(day[:4]), int(day[4:6]), int(day[6:])))
    return Purchase(when, int(units), int(Decimal(dollars) * 100) * YUAN_PER_DOLLAR)


def season_until(today: int) -> Season:
    """The calendar the purchases are moved into."""
    return Season(today - (LAST_DAY - FIRST_DAY), today)


def redated(customer: Customer, season: Season, chance: Random) -> list[Purchase]:
    """The purchases moved into the season: all by the same number of days, none past its end."""
    shift = season.last - LAST_DAY
    first, last = customer.purchases[0].day + shift, customer.purchases[-1].day + shift
    move = shift + season.draw(chance, first, first + season.last - last) - first
    return [Purchase(one.day + move, one.units, one.fen) for one in customer.purchases]
