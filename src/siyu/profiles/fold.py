"""One person's traits out of what several identifiers said. Pure: any order of arrival gives the same traits.

Every anchor keeps its own statements. Setting keeps the latest and the earliest of each source, counters keep their
steps, lists their items, and a removal only its time, so nothing is ever added up or thrown away by a merge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from siyu.profiles.types import TraitRules

MOST_ITEMS = 500
"""Items of a list, the newest; steps of a counter whose moments are kept apart are fewer."""
MOST_STEPS = 100
_NEVER = -(1 << 62)

Key = tuple[int, str]
"""Person, trait."""
Place = tuple[int, str, int, str, str]
"""Person, trait, anchor, verb, source id."""


class Said(NamedTuple):
    """What one anchor said of one trait with one verb through one source.

    ``set`` and ``once``: the latest value, and the earliest where it is another. ``sum`` and ``add``: a JSON list of
    [time, step] or [time, item]. ``unset``: a removal; with the name empty, of everything. ``gone``: what this anchor
    had said through this source is taken back and not kept; it holds nobody else's word away.
    """

    person: int
    name: str
    anchor: int
    verb: str
    source_id: str
    value: str
    at: int
    first_value: str = ""
    first_at: int = 0

    @property
    def place(self) -> Place:
        return self[:5]


class Told(NamedTuple):
    """What holds: ``value`` is JSON text, with when it was said, through which source and by which anchor."""

    value: str
    at: int
    source_id: str
    anchor: int


_decode = msgspec.json.decode
_encode = msgspec.json.encode


def fold(rows: Iterable[Said], rules: TraitRules) -> dict[Key, Told]:
    """(person, trait) → what holds, over all anchors of each person."""
    groups: dict[Key, list[Said]] = {}
    for row in rows:
        if row[3] != "gone":
            groups.setdefault((row[0], row[1]), []).append(row)
    forgotten = {person: max(row.at for row in said) for (person, name), said in groups.items() if not name}
    found: dict[Key, Told] = {}
    for key, said in groups.items():
        if not forgotten and len(said) == 1 and said[0].verb == "set" and rules.strategies.get(key[1]) != "first":
            found[key] = Told(said[0].value, said[0].at, said[0].source_id, said[0].anchor)
        elif key[1] and (told := _fold_one(said, rules, key[1], forgotten.get(key[0], _NEVER))):
            found[key] = told
    return found


def _fold_one(said: Sequence[Said], rules: TraitRules, name: str, since: int) -> Told | None:
    since = max([since, *(row.at for row in said if row.verb == "unset")])
    alive = [row for row in said if row.verb != "unset" and row.at > since]
    by_verb: dict[str, list[Said]] = {}
    for row in alive:
        by_verb.setdefault(row.verb, []).append(row)
    told = _base(by_verb, rules, rules.strategies.get(name, "latest"), since)
    began = told.at if told else _NEVER
    told = _with_steps(told, by_verb.get("sum", ()), since, began)
    return _with_items(told, by_verb.get("add", ()), since, began)


def _base(by_verb: Mapping[str, Sequence[Said]], rules: TraitRules, strategy: str, since: int) -> Told | None:
    """The value that was set, by the trait's strategy; only where none was, the one set for want of any."""
    once = [_earliest(row, since) for row in by_verb.get("once", ())]
    sets = by_verb.get("set", ())
    if strategy == "first" or not sets:
        first = once + [_earliest(row, since) for row in sets]
        return min(first, key=lambda told: (told.at, told.value, told.source_id, told.anchor), default=None)
    return max((_latest(row) for row in sets), key=_WEIGHTS[strategy](rules))


def _latest(row: Said) -> Told:
    return Told(row.value, row.at, row.source_id, row.anchor)


def _earliest(row: Said, since: int) -> Told:
    if row.first_value and row.first_at > since:
        return Told(row.first_value, row.first_at, row.source_id, row.anchor)
    return _latest(row)


Weight = Callable[[Told], tuple[Any, ...]]


def _by_time(_rules: TraitRules) -> Weight:
    return lambda told: (told.at, told.value, told.source_id, told.anchor)


def _by_trust(rules: TraitRules) -> Weight:
    rank = {source: -place for place, source in enumerate(rules.trust)}
    return lambda told: (rank.get(told.source_id, -len(rank)), told.at, told.value, told.source_id, told.anchor)


def _by_length(_rules: TraitRules) -> Weight:
    return lambda told: (_length(told.value), told.at, told.value, told.source_id, told.anchor)


def _length(value: str) -> int:
    held = _decode(value)
    return len(held) if isinstance(held, list) else 1


_WEIGHTS: dict[str, Callable[[TraitRules], Weight]] = {
    "latest": _by_time,
    "trusted": _by_trust,
    "longest": _by_length,
}


def _newest(told: Told | None, row: Said, at: int, value: Any) -> Told:
    """``value``, said when and by whom the newest part of it was."""
    text = _encode(value).decode()
    if told is not None and told.at > at:
        return Told(text, told.at, told.source_id, told.anchor)
    return Told(text, at, row.source_id, row.anchor)


def _with_steps(told: Told | None, rows: Sequence[Said], since: int, began: int) -> Told | None:
    """The value with every step since it was set added, whichever anchor brought it."""
    total = _decode(told.value) if told else 0
    if not rows or isinstance(total, bool) or not isinstance(total, int | float):
        return told
    for row in sorted(rows, key=lambda row: (row.at, row.source_id, row.anchor)):
        steps = [(at, step) for at, step in _decode(row.value) if at > since and at >= began]
        if steps:
            total += sum(step for _, step in steps)
            told = _newest(told, row, steps[-1][0], total)
    return told


def _with_items(told: Told | None, rows: Sequence[Said], since: int, began: int) -> Told | None:
    """The list with every item added since it was set, in the order of time."""
    added: dict[str, int] = {}
    newest: Said | None = None
    for row in sorted(rows, key=lambda row: (row.at, row.source_id, row.anchor)):
        for at, item in _decode(row.value):
            if at > since and at >= began:
                text = _encode(item).decode()
                added[text] = max(at, added.get(text, _NEVER))
                newest = row
    if newest is None:
        return told
    held = _decode(told.value) if told else []
    items = held if isinstance(held, list) else [held]
    fresh = [_decode(text) for at, text in sorted((at, text) for text, at in added.items())]
    joined = items + [item for item in fresh if item not in items]
    return _newest(told, newest, newest.at, joined[-MOST_ITEMS:])
