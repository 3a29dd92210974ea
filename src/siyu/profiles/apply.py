"""What a batch changes in what is known of persons: traits, orders, channels, entry into the private domain.

Every fact is kept by the anchor it came with, and every rule gives the same outcome whatever the order of arrival: what
holds of a person is folded from the anchors, and counted afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog import STANDARD
from siyu.collect import ORDER_EVENTS, Record, TraitOp
from siyu.identity import Move
from siyu.profiles import settle_queries as queries
from siyu.profiles.fold import Said
from siyu.profiles.regroup import regroup, sides
from siyu.profiles.sensitive import APART
from siyu.profiles.sensitive_queries import classes
from siyu.profiles.settle_queries import Fact, Spot
from siyu.profiles.statements import Held, take

_SPECIAL = {name for name, event in STANDARD.items() if event.effect or event.enters} | ORDER_EVENTS
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Part(msgspec.Struct):
    """The records of a batch that say something about a person, with who, by which identifier, and whence."""

    person: int
    anchor: int
    source_id: str
    record: Record


def telling(
    records: Sequence[Record], persons: Sequence[int], anchors: Sequence[int], sources: Sequence[str]
) -> list[Part]:
    """Those records that change what is known, oldest first."""
    parts = [
        Part(person, anchor, source, record)
        for record, person, anchor, source in zip(records, persons, anchors, sources, strict=True)
        if record.traits or record.event in _SPECIAL
    ]
    parts.sort(key=lambda part: (part.record.time, part.record.key))
    return parts


def apply(
    conn: Connection,
    parts: Sequence[Part],
    created: Mapping[int, tuple[int, str]],
    moves: Sequence[Move],
    now: int,
) -> set[int]:
    """Take a batch over into what is known, in its transaction. Answers the canonical persons that changed.

    ``parts`` from ``telling``, with canonical persons; ``created``: new persons → (first seen ms, source id);
    ``moves``: which anchors changed person, in order.
    """
    fresh = set(created) - sides(conn, moves)[1]
    queries.add_persons(conn, [(person, created[person][0], now) for person in sorted(fresh)])
    moved = regroup(conn, moves, now)
    changed = moved | fresh
    changed |= _traits(conn, [part for part in parts if part.record.traits])
    changed |= _channels(conn, parts)
    changed |= _entries(conn, parts)
    changed |= _orders(conn, [part for part in parts if part.record.event in ORDER_EVENTS])
    queries.bump(conn, changed - fresh - moved, now)
    return changed


def _traits(conn: Connection, parts: Sequence[Part]) -> set[int]:
    apart = classes(conn)
    if not parts or not apart:
        return _said(conn, parts, "profiles_traits")
    plain = [_only(part, lambda op: op.name not in apart) for part in parts]
    closed = [_only(part, lambda op: op.name in apart or op.verb in ("delete", "retract")) for part in parts]
    _said(conn, [part for part in closed if part.record.traits], APART)
    _said(conn, [part for part in plain if part.record.traits], "profiles_traits")
    return {part.person for part in parts}


def _only(part: Part, wanted: Callable[[TraitOp], bool]) -> Part:
    record = msgspec.structs.replace(part.record, traits=tuple(op for op in part.record.traits if wanted(op)))
    return msgspec.structs.replace(part, record=record)


def _said(conn: Connection, parts: Sequence[Part], table: str) -> set[int]:
    if not parts:
        return set()
    people = {part.person for part in parts}
    held: Held = {row.place: row for row in queries.said_of(conn, people, table)}
    before = dict(held)
    barriers = _barriers(held, parts)
    for part in parts:
        for op in part.record.traits:
            said = Said(part.person, op.name, part.anchor, op.verb, part.source_id, op.value, part.record.time)
            take(held, said, barriers.get((part.person, op.name), ()))
    queries.save_said(conn, [row for place, row in held.items() if before.get(place) is not row], table)
    queries.drop_said(conn, before.keys() - held.keys(), table)
    return people


def _barriers(held: Held, parts: Sequence[Part]) -> dict[tuple[int, str], set[int]]:
    """(person, trait) → the moments it was set or removed, for traits that are counted in these parts."""
    counted = {(part.person, op.name) for part in parts for op in part.record.traits if op.verb == "increment"}
    found: dict[tuple[int, str], set[int]] = {key: set() for key in counted}
    if not counted:
        return found
    people = {person for person, _ in counted}
    moments = [(row.person, row.name, at) for row in held.values() if row.verb in ("set", "once", "unset", "gone")
               and row.person in people for at in (row.at, row.first_at)]  # fmt: skip
    moments += [(part.person, "" if op.verb == "delete" else op.name, part.record.time) for part in parts
                for op in part.record.traits if op.verb not in ("increment", "append")]  # fmt: skip
    forgotten: dict[int, set[int]] = {}
    for person, name, at in moments:
        if not name:
            forgotten.setdefault(person, set()).add(at)
        elif (person, name) in found:
            found[person, name].add(at)
    return {key: fences | forgotten.get(key[0], set()) for key, fences in found.items()}


def _channels(conn: Connection, parts: Sequence[Part]) -> set[int]:
    said: dict[Spot, Fact] = {}
    for part in parts:
        event = STANDARD.get(part.record.event)
        if event and event.effect:
            fact = ("on" if event.effect.on else "off", part.record.time, part.record.event)
            spot = (part.person, part.anchor, event.effect.channel)
            if spot not in said or queries.heavier(fact, said[spot]):
                said[spot] = fact
    if not said:
        return set()
    people = {person for person, _, _ in said}
    held = queries.channel_facts(conn, people)
    queries.save_channels(
        conn,
        [(*spot, *fact) for spot, fact in said.items() if spot not in held or queries.heavier(fact, held[spot])],
    )
    return people


def _entries(conn: Connection, parts: Sequence[Part]) -> set[int]:
    first: dict[tuple[int, int], tuple[int, str, str]] = {}
    for part in parts:
        event = STANDARD.get(part.record.event)
        if event and event.enters:
            spot, entry = (part.person, part.anchor), (part.record.time, event.name, part.source_id)
            first[spot] = min(entry, first.get(spot, entry))
    if not first:
        return set()
    people = {person for person, _ in first}
    queries.save_entries(conn, [(*spot, *entry) for spot, entry in first.items()])
    queries.fold_entries(conn, people)
    return people


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
                (shop, order_id, part.person, part.anchor, record.time, record.amount, currency, _units(props),
                 part.source_id, record.props)
            )  # fmt: skip
        else:
            refunds.append((shop, order_id, part.person, part.anchor, record.amount, part.source_id, record.props))
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
