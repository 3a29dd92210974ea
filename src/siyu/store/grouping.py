"""Which rows go where when persons merge and split: pure arithmetic, no engine.

Rows of the engine carry the person number they were written under; an alias says that all rows under one number belong
to another. Moves speak of canonical persons, as they were at that moment. Played one after the other, they give for
every canonical person of before where its rows belong now: as a whole, and for single anchors otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

Move = tuple[int, int, Sequence[int] | None]
"""(source, target, anchors): rows of ``source`` with one of ``anchors`` come under ``target``; None: all of them."""


class Plan(msgspec.Struct, frozen=True):
    """``rows``: (number, anchor, new number) to rewrite. ``aliases``: number → the number its rows count for."""

    rows: list[tuple[int, int, int]]
    aliases: dict[int, int]


class Grouping:
    """Where the rows of each canonical person of before belong after the moves."""

    def __init__(self, moves: Iterable[Move]) -> None:
        self._whole: dict[int, int] = {}
        self._parts: dict[int, dict[int, int]] = {}
        self._holds: dict[int, set[int]] = {}
        for source, target, anchors in moves:
            self._meet(source)
            self._meet(target)
            if source != target:
                self._play(source, target, anchors)
        self._live = set(self._whole.values()) | {one for parts in self._parts.values() for one in parts.values()}

    @property
    def persons(self) -> list[int]:
        """Every person a move named."""
        return list(self._whole)

    def to_read(self, owner: Mapping[int, int]) -> list[int]:
        """Numbers whose rows may have to be rewritten; ``owner``: number → canonical person before the moves."""
        return [number for number in owner if self._parts.get(owner[number]) or self._revived(number, owner[number])]

    def plan(self, owner: Mapping[int, int], present: Iterable[tuple[int, int]]) -> Plan:
        """``present``: (number, anchor) of the rows there are under the numbers of ``to_read``."""
        points = {number: self._points_to(number, person) for number, person in owner.items()}
        leaving: dict[tuple[int, int], int] = {}
        for number, anchor in present:
            person = owner[number]
            belongs = self._parts.get(person, {}).get(anchor, self._whole_of(person))
            if belongs != points[number]:
                leaving[number, anchor] = belongs
        rows = [(*pair, _at_rest(leaving, *pair)) for pair in leaving]
        return Plan(rows, {number: now for number, now in points.items() if now != owner[number]})

    def _whole_of(self, person: int) -> int:
        """A number that moves name may have counted for a person they don't name."""
        return self._whole.get(person, person)

    def _points_to(self, number: int, person: int) -> int:
        return number if number in self._live else self._whole_of(person)

    def _revived(self, number: int, person: int) -> bool:
        """A number that counted for another person and now names a person of its own."""
        return number in self._live and self._whole_of(person) != number

    def _meet(self, person: int) -> None:
        if person not in self._whole:
            self._whole[person] = person
            self._holds.setdefault(person, set()).add(person)

    def _play(self, source: int, target: int, anchors: Sequence[int] | None) -> None:
        holders = self._holds.get(source, set())
        self._holds.setdefault(target, set()).update(holders)
        for person in holders:
            parts = self._parts.setdefault(person, {})
            whole = self._whole[person]
            named = parts if anchors is None else anchors
            parts |= {anchor: target for anchor in named if parts.get(anchor, whole) == source}
            if anchors is None and whole == source:
                self._whole[person] = target
        if anchors is None:
            self._holds[source] = set()


def _at_rest(leaving: Mapping[tuple[int, int], int], number: int, anchor: int) -> int:
    """Where rows come to rest. A number that others with this anchor leave is no place to arrive at: a plan that is
    repeated would take the newcomers along. An anchor belongs to one person, so this only bends inconsistent moves."""
    seen = {number}
    target = leaving[number, anchor]
    while (target, anchor) in leaving and target not in seen:
        seen.add(target)
        target = leaving[target, anchor]
    return target
