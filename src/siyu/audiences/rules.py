"""The rule language as a typed tree. Nodes are frozen and hashable, so that equal clauses are computed once."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Reading: TypeAlias = Literal["text", "number", "time", "any"]
"""How a value of unknown type is read before it is compared."""

Verb: TypeAlias = Literal["in", "contains", "starts_with", "gt", "gte", "lt", "lte", "between", "exists", "recent"]

Aggregate: TypeAlias = Literal["count", "sum", "min", "max", "avg", "first", "last"]


class Test(msgspec.Struct, frozen=True):
    """One comparison, ``negate`` applied last: a missing value fails every test, and so passes a negated one.

    ``in`` holds texts and numbers, any of which may equal the value. A time test (``reading`` time) is ``between``
    with (from, before): epoch ms, half open, None where unbounded; ``recent`` holds a number of days.
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


class Window(msgspec.Struct, frozen=True):
    """When events count: the last ``days``, or from ``start`` (epoch ms) until before ``end``; None is unbounded."""

    days: float | None = None
    start: int | None = None
    end: int | None = None


class Trait(msgspec.Struct, frozen=True):
    name: str
    test: Test


class Event(msgspec.Struct, frozen=True):
    """An aggregate over a person's events of one name. ``property`` empty: the time of the first or last one."""

    name: str
    aggregate: Aggregate
    property: str
    where: tuple[Where, ...]
    window: Window | None
    test: Test


class Stage(msgspec.Struct, frozen=True):
    names: tuple[str, ...]


class Reachable(msgspec.Struct, frozen=True):
    channel: str


class Entered(msgspec.Struct, frozen=True):
    """When the person entered the private domain."""

    test: Test


class Member(msgspec.Struct, frozen=True):
    """Belongs to another audience. ``pointer`` is where the clause stands, for messages."""

    audience: str
    pointer: str


class All(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...]


class Any(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...]


class Not(msgspec.Struct, frozen=True):
    rule: Rule


Leaf: TypeAlias = Trait | Event | Stage | Reachable | Entered
Rule: TypeAlias = "Leaf | Member | All | Any | Not"

MAX_DEPTH = 12
MAX_CLAUSES = 200
MAX_CHOICES = 500
MAX_TEXT = 500
MAX_DAYS = 3_650
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
