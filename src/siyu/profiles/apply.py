"""What a batch changes in what is known of persons: traits, orders, channels, entry into the private domain.

Every rule gives the same outcome whatever the order of arrival: the latest time wins a trait or a channel, the
earliest an entry, and order facts are counted afresh from the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog import STANDARD
from siyu.collect import ORDER_EVENTS, Record
from siyu.profiles import settle_queries as queries
from siyu.profiles.settle_queries import Held, Key

_SPECIAL = {name for name, event in STANDARD.items() if event.effect or event.enters} | ORDER_EVENTS
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Part(msgspec.Struct):
    """The records of a batch that say something about a person, with who and whence."""

    person: int
    source_id: str
    record: Record


def telling(records: Sequence[Record], persons: Sequence[int], sources: Sequence[str]) -> list[Part]:
    """Those records that change what is known, oldest first."""
    parts = [
        Part(person, source, record)
        for record, person, source in zip(records, persons, sources, strict=True)
        if record.traits or record.event in _SPECIAL
    ]
    parts.sort(key=lambda part: (part.record.time, part.record.key))
    return parts


def apply(
    conn: Connection,
    parts: Sequence[Part],
    created: Mapping[int, tuple[int, str]],
    merged: Mapping[int, int],
    now: int,
) -> set[int]:
    """Take a batch over into what is known, in its transaction. Answers the canonical persons that changed.

    ``parts`` from ``telling``, with canonical persons; ``created``: new persons → (first seen ms, source id), absorbed
    ones among them left out; ``merged``: absorbed → canonical.
    """
    queries.add_persons(conn, [(person, at, now) for person, (at, _) in created.items() if person not in merged])
    changed = set(created) - set(merged)
    if merged:
        changed |= _merge(conn, dict(merged))
    changed |= _traits(conn, [part for part in parts if part.record.traits])
    changed |= _channels(conn, parts)
    changed |= _entries(conn, parts)
    changed |= _orders(conn, [part for part in parts if part.record.event in ORDER_EVENTS])
    queries.bump(conn, changed - set(created), now)
    return changed


def _traits(conn: Connection, parts: Sequence[Part]) -> set[int]:
    if not parts:
        return set()
    people = {part.person for part in parts}
    held = queries.traits_of(conn, people)
    before = dict(held)
    for part in parts:
        for op in part.record.traits:
            _VERBS[op.verb](held, part, op.name, op.value)
    queries.save_traits(
        conn, [(*key, value, at, source) for key, (value, at, source) in held.items() if before.get(key) != held[key]]
    )
    queries.drop_traits(conn, [key for key in before if key not in held])
    return people


def _set(held: dict[Key, Held], part: Part, name: str, value: str) -> None:
    key = (part.person, name)
    if key not in held or held[key][1] <= part.record.time:
        held[key] = (value, part.record.time, part.source_id)


def _set_once(held: dict[Key, Held], part: Part, name: str, value: str) -> None:
    held.setdefault((part.person, name), (value, part.record.time, part.source_id))


def _increment(held: dict[Key, Held], part: Part, name: str, value: str) -> None:
    key = (part.person, name)
    step = msgspec.json.decode(value)
    old = msgspec.json.decode(held[key][0]) if key in held else 0
    if isinstance(step, int | float) and isinstance(old, int | float):
        at = max(part.record.time, held[key][1] if key in held else 0)
        held[key] = (msgspec.json.encode(old + step).decode(), at, part.source_id)


def _append(held: dict[Key, Held], part: Part, name: str, value: str) -> None:
    key = (part.person, name)
    new = msgspec.json.decode(value)
    old = msgspec.json.decode(held[key][0]) if key in held else []
    old = old if isinstance(old, list) else [old]
    items = new if isinstance(new, list) else [new]
    joined = old + [item for item in items if item not in old]
    at = max(part.record.time, held[key][1] if key in held else 0)
    held[key] = (msgspec.json.encode(joined[:500]).decode(), at, part.source_id)


def _unset(held: dict[Key, Held], part: Part, name: str, value: str) -> None:
    key = (part.person, name)
    if key in held and held[key][1] <= part.record.time:
        del held[key]


def _delete(held: dict[Key, Held], part: Part, name: str, value: str) -> None:
    for key in [key for key in held if key[0] == part.person and held[key][1] <= part.record.time]:
        del held[key]


_VERBS: dict[str, Callable[[dict[Key, Held], Part, str, str], None]] = {
    "set": _set,
    "set_once": _set_once,
    "increment": _increment,
    "append": _append,
    "unset": _unset,
    "delete": _delete,
}


def _channels(conn: Connection, parts: Sequence[Part]) -> set[int]:
    said: dict[Key, Held] = {}
    for part in parts:
        event = STANDARD.get(part.record.event)
        if event and event.effect:
            state = "on" if event.effect.on else "off"
            said[(part.person, event.effect.channel)] = (state, part.record.time, part.record.event)
    if not said:
        return set()
    held = queries.channels_of(conn, {person for person, _ in said})
    queries.save_channels(
        conn, [(*key, *fact) for key, fact in said.items() if key not in held or held[key][1] <= fact[1]]
    )
    return {person for person, _ in said}


def _entries(conn: Connection, parts: Sequence[Part]) -> set[int]:
    first: dict[int, tuple[int, str, str, int]] = {}
    for part in parts:
        event = STANDARD.get(part.record.event)
        if event and event.enters and part.person not in first:
            first[part.person] = (part.record.time, event.name, part.source_id, part.person)
    queries.enter(conn, first.values())
    return set(first)


def _orders(conn: Connection, parts: Sequence[Part]) -> set[int]:
    if not parts:
        return set()
    payments, refunds = [], []
    for part in parts:
        record = part.record
        props = _decode(record.props)
        shop = str(props.get("shop") or props.get("affiliation") or "")
        order_id = record.order or f"#{record.key:x}"
        if record.event == "order_paid":
            currency = str(props.get("currency") or "CNY")[:8]
            payments.append(
                (shop, order_id, part.person, record.time, record.amount, currency, _units(props), part.source_id,
                 record.props)
            )  # fmt: skip
        else:
            refunds.append((shop, order_id, part.person, record.amount, part.source_id, record.props))
    queries.save_payments(conn, payments)
    queries.save_refunds(conn, refunds)
    touched = {(row[0], row[1]) for row in payments} | {(row[0], row[1]) for row in refunds}
    people = queries.owners_of_orders(conn, touched)
    queries.save_counts(conn, queries.count_orders(conn, people))
    return people


def _units(props: Mapping[str, Any]) -> int:
    units = props.get("units") or props.get("quantity")
    if isinstance(units, int | float):
        return max(0, min(int(units), 1_000_000))
    products = props.get("products")
    if isinstance(products, list):
        return sum(int(item.get("quantity") or 1) for item in products if isinstance(item, dict)) or 1
    return 1


def _merge(conn: Connection, merged: dict[int, int]) -> set[int]:
    """Give the canonical persons what the absorbed ones had."""
    people = set(merged) | set(merged.values())
    _merge_facts(conn, merged, people)
    traits = queries.traits_of(conn, people)
    moved = _newer(traits, merged)
    queries.save_traits(conn, [(*key, *held) for key, held in moved.items()])
    channels = _newer(queries.channels_of(conn, people), merged)
    queries.save_channels(conn, [(*key, *held) for key, held in channels.items()])
    queries.drop_persons(conn, list(merged))
    return set(merged.values())


def _newer(held: Mapping[Key, Held], merged: Mapping[int, int]) -> dict[Key, Held]:
    """The rows absorbed persons bring that are newer than what their canonical person has."""
    best: dict[Key, Held] = {}
    for (person, name), fact in held.items():
        keep = merged.get(person)
        if keep is None:
            continue
        current = best.get((keep, name)) or held.get((keep, name))
        if current is None or (fact[1], fact[0]) > (current[1], current[0]):
            best[(keep, name)] = fact
    return best


def _merge_facts(conn: Connection, merged: dict[int, int], people: set[int]) -> None:
    rows = queries.persons_of(conn, people)
    entries, ages = [], []
    for row in rows:
        keep = merged.get(row.person_id)
        if keep is not None:
            ages.append((row.created_at, keep))
            if row.entered_at:
                entries.append((row.entered_at, row.entered_via, row.entered_source_id, keep))
    queries.age_created(conn, ages)
    queries.enter(conn, sorted(entries))
    queries.move_orders(conn, merged)
    queries.save_counts(conn, queries.count_orders(conn, set(merged.values())))
