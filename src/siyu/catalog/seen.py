"""What values look like as they arrive: a few records of every batch are looked into, and noted some seconds later.

However large the batch, at most ``_BUDGET`` records are decoded, spread over it, so that settling doesn't feel it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import msgspec

from siyu.catalog import notes_queries as queries
from siyu.catalog.infer import leaves, type_of
from siyu.catalog.notes_queries import Glimpse, Place
from siyu.store import Store

_BUDGET = 24
_MOST_WAITING = 5_000
_EXAMPLES = 5
_LONGEST = 60
_IDLE = 15.0


class _Op(Protocol):
    @property
    def verb(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...


class Arrived(Protocol):
    """A record as far as it is looked into."""

    @property
    def event(self) -> str: ...
    @property
    def props(self) -> str: ...
    @property
    def traits(self) -> Sequence[_Op]: ...


Mask = Callable[[str, Any, bool], Any]
"""(dotted name, value, is it a trait) → the value with what is personal masked, None to keep no example."""

_waiting: WeakKeyDictionary[Store, dict[Place, Glimpse]] = WeakKeyDictionary()
_leaving: WeakKeyDictionary[Store, dict[Place, Glimpse]] = WeakKeyDictionary()
"""What is being written down, shown from here until it is."""
_turns = itertools.count()
_lock = threading.Lock()


def notice(store: Store, records: Sequence[Arrived], sources: Sequence[str], now: int, mask: Mask) -> None:
    """Look into some of a batch's records. Writes nothing; ``note_seen`` does."""
    step = -(-len(records) // _BUDGET) or 1
    with _lock:
        waiting = _waiting.setdefault(store, {})
        for index in range(next(_turns) % step, len(records), step):
            for place, value in _values(records[index], sources[index]):
                if place in waiting or len(waiting) < _MOST_WAITING:
                    _add(waiting, place, value, now, mask)


def _decoded(text: str) -> Any:
    """None where a number is out of all range: the engine will refuse it, with its reason."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _values(record: Arrived, source: str) -> Iterator[tuple[Place, Any]]:
    if record.event and source != "siyu":
        for name, value in leaves(_decoded(record.props) or {}, ""):
            if kind := type_of(value):
                yield ("event", record.event, name, source, kind), value
    for op in record.traits:
        if op.verb in ("set", "set_once"):
            value = _decoded(op.value)
            if kind := type_of(value):
                yield ("trait", op.name, "", source, kind), value


def _add(waiting: dict[Place, Glimpse], place: Place, value: Any, now: int, mask: Mask) -> None:
    held = waiting.get(place)
    if held is None:
        held = waiting[place] = Glimpse(now, now, 0, [])
    held.last_at, held.seen = now, held.seen + 1
    if len(held.examples) < _EXAMPLES:
        shown = mask(place[2] or place[1], value, place[0] == "trait")
        text = "" if shown is None else str(shown)[:_LONGEST]
        if text and text not in held.examples:
            held.examples.append(text)


def note_seen(store: Store) -> float:
    """A step of the background loop: write down what was noticed. Answers the seconds to wait."""
    with _lock:
        found = _leaving[store] = _waiting.pop(store, {})
    try:
        if found:
            with store.state.write() as conn:
                queries.add_seen(conn, found)
    finally:
        with _lock:
            del _leaving[store]
    return _IDLE


def seen(store: Store, kind: str, name: str | None = None) -> dict[Place, Glimpse]:
    """What has been seen of a kind, or of one of its names; what waits to be written down is in it."""
    with _lock:  # before what is written: a moment's double is shown rather than a gap
        fresh = [
            (place, msgspec.structs.replace(one, examples=list(one.examples)))
            for held in (_leaving.get(store, {}), _waiting.get(store, {}))
            for place, one in held.items()
            if place[0] == kind and name in (None, place[1])
        ]
    with store.state.read() as conn:
        found = queries.seen_of(conn, kind, name)
    for place, one in fresh:
        found[place] = _joined(found[place], one) if place in found else one
    return found


def _joined(held: Glimpse, fresh: Glimpse) -> Glimpse:
    examples = list(dict.fromkeys([*held.examples, *fresh.examples]))[:_EXAMPLES]
    return Glimpse(held.first_at, fresh.last_at, held.seen + fresh.seen, examples)
