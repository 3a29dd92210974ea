"""The rule language as a typed tree. Nodes are frozen and hashable, so that equal clauses are computed once."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Reading: TypeAlias = Literal["text", "number", "time", "any"]
"""How a value of unknown type is read before it is compared."""

Verb: TypeAlias = Literal[
    "in", "contains", "starts_with", "gt", "gte", "lt", "lte", "between", "exists", "recent", "upcoming", "recurs"
]

Aggregate: TypeAlias = Literal["count", "distinct", "sum", "min", "max", "avg", "first", "last"]
FROM_NOTHING: tuple[Aggregate, ...] = ("count", "distinct", "sum")
"""Aggregates that are 0 where there are no events."""

Unit: TypeAlias = Literal["minutes", "hours", "days", "weeks", "months"]


class Test(msgspec.Struct, frozen=True):
    """One comparison, ``negate`` applied last: a missing value fails every test, and so passes a negated one.

    ``in`` holds texts and numbers, any of which may equal the value. A time test (``reading`` time) is ``between``
    with (from, before): epoch ms, half open, None where unbounded; ``recent`` and ``upcoming`` hold a number of days.
    ``recurs`` holds how many days ahead the day of the year may lie, today being 0; 29 February falls on the 28th in
    years without one.
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    verb: Verb
    reading: Reading
    values: tuple[str | float | None, ...] = ()
    negate: bool = False


class Where(msgspec.Struct, frozen=True):
    """A condition on a property of an event; ``amount`` is the amount in fen, anything else a path in the props."""

    property: str
    test: Test


class Span(msgspec.Struct, frozen=True):
    """A length of time back from now. A month ends on the same day of the month, or on its last."""

    number: float
    unit: Unit


class Anchor(msgspec.Struct, frozen=True):
    """The person's own first or last event of a name; what happened later counts, without it nothing does."""

    which: Literal["first", "last"]
    name: str


class Window(msgspec.Struct, frozen=True):
    """When events count: from ``start`` until before ``end``, each epoch ms, so long ago, or None for unbounded.

    ``since`` bounds them by another event of the person instead.
    """

    start: int | Span | None = None
    end: int | Span | None = None
    since: Anchor | None = None


class Trait(msgspec.Struct, frozen=True):
    name: str
    test: Test


class Tag(msgspec.Struct, frozen=True):
    """The value a tag gives the person. ``pointer`` is where the clause stands, for messages (empty once expanded)."""

    tag: str
    test: Test
    pointer: str = ""


class Event(msgspec.Struct, frozen=True):
    """An aggregate over a person's events of one name. ``property`` empty: the time of the first or last one.

    ``usual``: the test's number is a share of the person's own usual, which is the aggregate over that window, for
    counts and sums brought to the length of ``window``. Nobody without a usual above 0 passes.
    """

    name: str
    aggregate: Aggregate
    property: str
    where: tuple[Where, ...]
    window: Window | None
    test: Test
    usual: Window | None = None


class Step(msgspec.Struct, frozen=True):
    name: str
    where: tuple[Where, ...]


class Sequence(msgspec.Struct, frozen=True):
    """Steps one after the other, each later than the one before by at least a millisecond, all within ``within`` ms.

    ``window`` says when the first step happened. ``absent``: the last of two steps did not follow within that time,
    which holds once the time is over.
    """

    steps: tuple[Step, ...]
    within: int
    window: Window | None
    absent: bool


class Consent(msgspec.Struct, frozen=True):
    """What the person said about a channel for a purpose; ``unknown`` is nothing so far."""

    channel: str
    purpose: str
    state: Literal["granted", "withdrawn", "unknown"]


class Random(msgspec.Struct, frozen=True):
    """So many of a hundred persons, always the same for the same ``salt``."""

    percent: float
    salt: str


class Stage(msgspec.Struct, frozen=True):
    names: tuple[str, ...]


class Reachable(msgspec.Struct, frozen=True):
    channel: str


class Entered(msgspec.Struct, frozen=True):
    """When the person entered the private domain."""

    test: Test


class Member(msgspec.Struct, frozen=True):
    """Belongs to another audience. ``pointer`` is where the clause stands, for messages (empty once expanded)."""

    audience: str
    pointer: str


class All(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...]


class Any(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...]


class Not(msgspec.Struct, frozen=True):
    rule: Rule


Known: TypeAlias = Trait | Stage | Reachable | Entered | Consent | Random
"""What is known of a person."""
Happened: TypeAlias = Event | Sequence
Leaf: TypeAlias = Known | Tag | Happened
Rule: TypeAlias = "Leaf | Member | All | Any | Not"

MAX_DEPTH = 12
MAX_CLAUSES = 200
MAX_CHOICES = 500
MAX_TEXT = 500
MAX_DAYS = 3_650
MAX_STEPS = 5
"""Limits of one rule, nested audiences counted in."""


def children(rule: Rule) -> tuple[Rule, ...]:
    if isinstance(rule, All | Any):
        return rule.rules
    return (rule.rule,) if isinstance(rule, Not) else ()


def leaves(rule: Rule) -> list[Leaf | Member]:
    """Every clause, groups taken apart, in reading order."""
    if isinstance(rule, All | Any | Not):
        return [leaf for child in children(rule) for leaf in leaves(child)]
    return [rule]
