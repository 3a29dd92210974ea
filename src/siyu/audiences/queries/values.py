"""A number for every person, to rank them by."""

# ruff: noqa: S608 - what is put into the text are our own words, numbers and checked paths; all texts are bound

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap64

from siyu.audiences.queries.leaves import source_of
from siyu.audiences.queries.terms import EventTerms, Moment, Terms, value_at
from siyu.audiences.rules import Event, Trait
from siyu.store import EventEngine


def highest(engine: EventEngine, by: Event | Trait, among: BitMap64, count: int, moment: Moment) -> BitMap64:
    """The ``count`` persons of ``among`` with the highest value; of equal ones those with the lower number.

    Persons without a value are not ranked.
    """
    people, values = _values(engine, by, moment)
    kept = np.isin(people, np.asarray(among.to_array(), dtype=np.uint64), assume_unique=True)
    people, values = people[kept], values[kept]
    order = np.lexsort((people, -values))[:count]
    return BitMap64(people[order].tolist())


def _values(engine: EventEngine, by: Event | Trait, moment: Moment) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    terms = Terms(moment)
    if isinstance(by, Trait):
        number = value_at("traits", by.name).number
        rows = f"SELECT person AS who, {number} AS value FROM persons FINAL WHERE deleted = 0"
    else:
        reading = EventTerms(terms, [by])
        cell = reading.cell(by, named=False, window=by.window).sql
        source = source_of(terms, reading, [by], engine.canonical(), "1")
        rows = f"SELECT who, {cell} AS value FROM ({source}) GROUP BY who"
    sql = f"SELECT groupArray(who), groupArray(toFloat64(value)) FROM ({rows}) WHERE isNotNull(value)"
    people, values = engine.query(sql, terms.params).one()
    return np.asarray(people, dtype=np.uint64), np.asarray(values, dtype=np.float64)
