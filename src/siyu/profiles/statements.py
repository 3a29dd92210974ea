"""How a statement about a trait joins those its anchor has made. Pure, and the same in any order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from siyu.profiles.fold import MOST_ITEMS, MOST_STEPS, Place, Said

Held = dict[Place, Said]

_decode = msgspec.json.decode
_encode = msgspec.json.encode


def take(held: Held, said: Said, barriers: Collection[int]) -> None:
    """Put one statement to what is held. ``said.verb`` is the verb as it came: ``increment``, ``append``, …

    ``barriers``: the moments the trait was set or removed, by any anchor of the person; steps of a counter that lie on
    two sides of one are never added up. What was taken back of a later moment does not come in again.
    """
    back = [held.get(said._replace(verb="gone", name=name).place) for name in (said.name, "")]
    if said.verb == "retract" or not any(gone is not None and gone.at >= said.at for gone in back):
        _VERBS[said.verb](held, said, barriers)


def _set(held: Held, said: Said, _barriers: Collection[int]) -> None:
    _span(held, said)


def _set_once(held: Held, said: Said, _barriers: Collection[int]) -> None:
    _span(held, said._replace(verb="once"))


def _span(held: Held, said: Said) -> None:
    """Keep the latest statement and the earliest."""
    old = held.get(said.place)
    if old is None:
        held[said.place] = said
        return
    seen = [(said.at, said.value), (old.at, old.value)]
    if old.first_value:
        seen.append((old.first_at, old.first_value))
    (first_at, first), (at, value) = min(seen), max(seen)
    if (first_at, first) == (at, value):
        first_at, first = 0, ""
    held[said.place] = said._replace(value=value, at=at, first_value=first, first_at=first_at)


def _unset(held: Held, said: Said, _barriers: Collection[int]) -> None:
    gone = said._replace(verb="unset", value="null", name=said.name if said.verb == "unset" else "")
    old = held.get(gone.place)
    if old is None or old.at < gone.at:
        held[gone.place] = gone


def _retract(held: Held, said: Said, _barriers: Collection[int]) -> None:
    """Take back what the anchor said through the source until then. Nothing of it is kept but the moment."""
    for row in [row for row in held.values() if row[0] == said.person and row[2] == said.anchor]:
        if row.source_id != said.source_id or row.verb == "gone" or (said.name and row.name != said.name):
            continue
        del held[row.place]
        if (left := _after(row, said.at)) is not None:
            held[row.place] = left
    gone = said._replace(verb="gone", value="null")
    old = held.get(gone.place)
    if old is None or old.at < gone.at:
        held[gone.place] = gone


def _after(row: Said, at: int) -> Said | None:
    """What is left of a row when all until ``at`` is taken back."""
    if row.at <= at:
        return None
    if row.verb in ("sum", "add"):
        return row._replace(value=_encode([part for part in _decode(row.value) if part[0] > at]).decode())
    return row._replace(first_value="", first_at=0) if row.first_at <= at else row


def _increment(held: Held, said: Said, barriers: Collection[int]) -> None:
    step = _decode(said.value)
    if isinstance(step, bool) or not isinstance(step, int | float):
        return
    place = said._replace(verb="sum")
    old = held.get(place.place)
    steps: dict[int, Any] = dict(_decode(old.value)) if old else {}
    steps[said.at] = steps.get(said.at, 0) + step
    kept = _compact(sorted(steps.items()), barriers)
    held[place.place] = place._replace(value=_encode(kept).decode(), at=kept[-1][0])


def _compact(steps: list[tuple[int, Any]], barriers: Collection[int]) -> list[tuple[int, Any]]:
    """Add up the oldest steps while there are too many, never across a barrier."""
    fences = sorted(barriers)
    place = 0
    while len(steps) > MOST_STEPS and place + 1 < len(steps):
        (one, first), (other, second) = steps[place], steps[place + 1]
        if any(one <= fence <= other for fence in fences):
            place += 1
        else:
            steps[place : place + 2] = [(other, first + second)]
    return steps


def _append(held: Held, said: Said, _barriers: Collection[int]) -> None:
    new = _decode(said.value)
    place = said._replace(verb="add")
    old = held.get(place.place)
    items: dict[str, int] = {}
    for at, item in _decode(old.value) if old else ():
        items[_encode(item).decode()] = at
    for item in new if isinstance(new, list) else [new]:
        text = _encode(item).decode()
        items[text] = max(said.at, items.get(text, said.at))
    kept = sorted((at, text) for text, at in items.items())[-MOST_ITEMS:]
    if kept:
        value = _encode([(at, _decode(text)) for at, text in kept]).decode()
        held[place.place] = place._replace(value=value, at=kept[-1][0])


_VERBS: dict[str, Callable[[Held, Said, Collection[int]], None]] = {
    "set": _set,
    "set_once": _set_once,
    "increment": _increment,
    "append": _append,
    "unset": _unset,
    "delete": _unset,
    "retract": _retract,
}
