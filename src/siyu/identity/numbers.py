"""Which number each group of identifiers has, and what has to move for it.

Every identifier remembers the number it was *born* under. A group's number is the smallest that it owns; a number is
owned by the group with the oldest identifier born under it. Identifiers that part from their number's owner forget it
and take their new group's. So a merge keeps all numbers in mind, and undoing it gives every one back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from siyu.collect import anchor_of
from siyu.identity.types import ANCHORED, Move, Rows


def person_anchor(number: int) -> int:
    """What is kept of a person that no identifier stands for: what the product itself recorded about that number."""
    return anchor_of(f"person:{number}")


class Numbering(msgspec.Struct):
    """The outcome. ``canonical``: numbers whose canonical number has changed → what it is now."""

    created: dict[int, tuple[int, str]]
    canonical: dict[int, int]
    moves: list[Move]


def renumber(groups: Sequence[Rows], fresh: Iterator[int]) -> Numbering:
    """Give each group its number, in ``person`` and ``born`` of its rows; take new numbers from ``fresh``.

    The rows must be whole persons: all identifiers of every person concerned. A void identifier is alone in its group,
    and belongs to nobody unless something is kept under it.
    """
    before = {row.id: row.person for group in groups for row in group}
    born = {row.id: row.born for group in groups for row in group}
    owner = _owners(groups)
    owned: dict[int, list[int]] = defaultdict(list)
    for number, index in owner.items():
        owned[index].append(number)
    result = Numbering({}, {}, [])
    canonical: dict[int, int] = {}
    for index, group in enumerate(groups):
        if index not in owned and _nobody(group):
            for row in group:
                row.person = row.born = 0
            continue
        number = min(owned[index]) if owned[index] else _create(group, fresh, result)
        for row in group:
            row.person = number
            row.born = row.born if owner.get(row.born) == index else number
        canonical |= dict.fromkeys([*owned[index], number], number)
    rows = [row for group in groups for row in group]
    was = {born[row.id]: before[row.id] for row in rows if born[row.id] and before[row.id]}
    result.canonical = {number: canonical[number] for number, old in was.items() if canonical[number] != old}
    result.moves = _moves(rows, before, was, result.canonical)
    return result


def _nobody(group: Rows) -> bool:
    return len(group) == 1 and group[0].void and not group[0].state & ANCHORED


def _owners(groups: Sequence[Rows]) -> dict[int, int]:
    """Number → index of the group that owns it. Groups of nobody own a number only where nobody else does."""
    best: dict[int, tuple[bool, int, str, int]] = {}
    for index, group in enumerate(groups):
        nobody = _nobody(group)
        for row in group:
            claim = (nobody, row.first_seen_at, row.key, index)
            if row.born and (row.born not in best or claim < best[row.born]):
                best[row.born] = claim
    return {number: claim[3] for number, claim in best.items()}


def _create(group: Rows, fresh: Iterator[int], result: Numbering) -> int:
    number = next(fresh)
    oldest = min(group, key=lambda row: (row.first_seen_at, row.key))
    result.created[number] = (oldest.first_seen_at, oldest.source_id)
    return number


def _moves(rows: Rows, before: dict[int, int], was: dict[int, int], canonical: dict[int, int]) -> list[Move]:
    """What changed person: parts first, then what goes whole. ``was``: number → its canonical number before."""
    parting: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in rows:
        old = before[row.id]
        if old and row.person and old != row.person:
            parting[old, row.person].append(row.anchor)
    for number, now in canonical.items():
        parting[was[number], now].append(person_anchor(number))
        if number == was[number]:
            continue
        for row in rows:  # written under this number in its own time, and not of the group it leads to now
            if before[row.id] == was[number] and row.person not in (0, now):
                parting[number, row.person].append(row.anchor)
    whole = {number: now for number, now in canonical.items() if number != now}
    parts = [
        Move(source, target, tuple(sorted(set(anchors))))
        for (source, target), anchors in sorted(parting.items())
        if whole.get(source) != target
    ]
    return parts + [Move(source, target, None) for source, target in sorted(whole.items())]
