"""Lifecycle as the API shows it. Dates are calendar days of the brand's zone; a day counts as it ended (today: now)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog import Label
from siyu.profiles import PersonItem
from siyu.settings import Kpi, Preset


class StageDay(msgspec.Struct, frozen=True):
    """Persons in each stage as the day ended."""

    date: str
    stages: dict[str, int]


class History(msgspec.Struct, frozen=True):
    days: list[StageDay]


class Flow(msgspec.Struct, frozen=True):
    """Persons in stage ``source`` on the first date and ``target`` on the second; ``source`` empty: not known yet."""

    source: str
    target: str
    persons: int


class Flows(msgspec.Struct, frozen=True):
    """``stayed``: in the same stage on both dates. ``first``: the first day there is anybody, null for nobody."""

    start: str
    end: str
    flows: list[Flow]
    persons: int
    stayed: int
    moved: int
    came: int
    first: str | None


class FlowPersons(msgspec.Struct, frozen=True):
    items: list[PersonItem]
    total: int


class Figure(msgspec.Struct, frozen=True):
    """``value`` is a share (0 to 1), a count, or fen, as ``unit`` says; null where nothing can be divided."""

    name: Kpi
    label: Label
    formula: Label
    unit: str
    value: float | None
    of: int


class Step(msgspec.Struct, frozen=True):
    """``persons`` came at least so far; ``here``: and no further."""

    name: str
    label: Label
    meaning: Label
    persons: int
    here: int


class Quarter(msgspec.Struct, frozen=True):
    """Buyers by how often they buy and how dear; ``playbook`` says what to do with such a trade."""

    name: str
    label: Label
    playbook: Label
    persons: int
    revenue_fen: int


class Quadrant(msgspec.Struct, frozen=True):
    """``frequent``: orders in a year, ``dear_fen``: mean price of an order, from which a buyer counts as such.

    ``here``: the quarter the shop as a whole lies in, by the means ``orders_a_year`` and ``price_fen``; null without
    buyers.
    """

    frequent: int
    dear_fen: int
    quarters: list[Quarter]
    here: str | None
    orders_a_year: float
    price_fen: int
    buyers: int


class Relations(msgspec.Struct, frozen=True):
    """``head``: the figure this industry looks at first."""

    preset: Preset
    head: Kpi
    figures: list[Figure]
    funnel: list[Step]
    quadrant: Quadrant


class StageChange(msgspec.Struct, frozen=True):
    """``until`` is null for the stage somebody is in."""

    stage: str
    since: str
    until: str | None


class Move(msgspec.Struct, frozen=True):
    stage: str
    other: str
    persons: int


class WindowsPreview(msgspec.Struct, frozen=True):
    """What other windows would do today: persons by stage now and then, and who would move where."""

    now: dict[str, int]
    then: dict[str, int]
    moves: list[Move]
    moved: int
    persons: int


Withdrawn = Callable[[Connection, Sequence[int]], Mapping[int, frozenset[str]]]
