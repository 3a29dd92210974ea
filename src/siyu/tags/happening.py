"""Values that a journey gives on the way: they arrive as the product's own events and hold with their batch."""

from __future__ import annotations

from collections import defaultdict

import msgspec
from sqlalchemy.engine import Connection

from siyu import audiences
from siyu.audiences import moment_of
from siyu.collect import EmittedEvent
from siyu.pipeline import Settled
from siyu.store import Store
from siyu.tags import compute
from siyu.tags.giving import say, value_fault
from siyu.tags.kinds import KINDS
from siyu.tags.queries import definitions
from siyu.tags.refresh import wake_dependents

_EVENT = "tag_given"
_OURS = "siyu"


class Gift(msgspec.Struct, frozen=True):
    """``tag`` by its id; an empty ``value`` takes it away. ``name`` is what operators call it, ``by`` who gives it."""

    tag: str
    value: str
    name: str
    by: str


def gift_event(person: int, at: int, key: str, gift: Gift) -> EmittedEvent:
    return EmittedEvent(_EVENT, person, at, key, msgspec.json.encode(gift).decode())


def gift_fault(conn: Connection, tag: str, value: str) -> str:
    """Why a value can't be given; empty where it can: unknown_tag, tag_not_given, value_long or value_not_offered."""
    row = definitions.one(conn, tag)
    if row is None:
        return "unknown_tag"
    if KINDS[row.kind].how != "said":
        return "tag_not_given"
    return value_fault(compute.config_of(row.kind, row.config), value)


def tag_names(conn: Connection) -> dict[str, str]:
    """Tags that can be given, by their id."""
    return {row.id: row.name for row in definitions.all_of(conn) if KINDS[row.kind].how == "said"}


def on_gifts(store: Store, conn: Connection, settled: Settled) -> None:
    """Write down what a batch gives, the last word of each person, and compute these tags for them."""
    events = settled.events
    if _EVENT not in events.event:
        return
    wanted: dict[str, dict[int, Gift]] = defaultdict(dict)
    ours = (place for place, name in enumerate(events.event) if name == _EVENT and events.source[place] == _OURS)
    for place in sorted(ours, key=lambda one: events.time[one]):
        gift = msgspec.json.decode(events.props[place], type=Gift)
        wanted[gift.tag][events.person[place]] = gift
    everything, moment = audiences.book(conn), moment_of(conn, max(settled.now, store.clock.now_ms()))
    for tag, gifts in wanted.items():
        row = definitions.one(conn, tag)
        if row is None or gift_fault(conn, tag, ""):
            continue
        for by in {gift.by for gift in gifts.values()}:
            say(store, conn, row, {who: gift.value for who, gift in gifts.items() if gift.by == by}, by)
        changed = compute.of_some(
            store, conn, [compute.ask_of(row, everything.zone)], frozenset(), moment, sorted(gifts)
        )
        definitions.update(conn, tag, {"fresh_at": moment.now})
        for name, change in changed.items():
            settled.tagged.add(name)
            settled.ahead.clear()  # what others read is older than these values
            definitions.gain(conn, name, change.gained)
            wake_dependents(conn, name, store.clock.now_ms(), {name})
