"""Who joined by which channel code, as settled events tell: counted, tagged, matched with orders of parcel cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.collect import PERSON_KIND, Record, TraitOp, enter, record_key
from siyu.connectors import code_queries as queries
from siyu.connectors.code_types import CodeConfig
from siyu.delivery import zone_named
from siyu.kit import SECOND
from siyu.pipeline import Settled
from siyu.profiles import order_ids_of
from siyu.settings import current_settings

JOINS = frozenset({"oa_followed", "wecom_friend_added", "group_joined"})
_COMES = JOINS | {"oa_scanned"}
_LEAVES = frozenset({"oa_unfollowed", "wecom_friend_removed", "group_left"})
_MATCHES = frozenset({"order_paid"})
_encode = msgspec.json.encode


class _Came(msgspec.Struct):
    state: str = ""
    staff: str = ""


class _Join(msgspec.Struct, frozen=True):
    code: Row[Any]
    person: int
    at: int
    staff: str
    event: str
    key: int


def day_of(conn: Connection, at: int) -> str:
    """The day on the shop's clock."""
    zone = zone_named(current_settings(conn).timezone, "Asia/Shanghai")
    return datetime.fromtimestamp(at / 1000, zone).strftime("%Y-%m-%d")


def on_settled(conn: Connection, settled: Settled) -> None:
    names = set(settled.events.event)
    if not (names & (_COMES | _LEAVES | _MATCHES) or settled.merged) or not queries.any_codes(conn):
        return
    came = list(_joins(conn, settled)) if names & _COMES else []
    queries.add_joins(conn, [(one.code.id, one.person, one.at) for one in came])
    _count(conn, settled, came)
    told = [_told(one) for one in came if one.event in JOINS]
    bought = _persons(settled, _MATCHES)
    queries.move_joins(conn, settled.merged)
    touched = {one.person for one in came} | bought | set(settled.merged.values())
    told += match_orders(conn, queries.unmatched(conn, touched), settled.now)
    enter(conn, "siyu", told, settled.now)


def _persons(settled: Settled, names: Collection[str]) -> set[int]:
    events = settled.events
    return {person for person, event in zip(events.person, events.event, strict=True) if event in names}


def _joins(conn: Connection, settled: Settled) -> Iterator[_Join]:
    events = settled.events
    found = []
    for place, event in enumerate(events.event):
        if event in _COMES and '"state"' in events.props[place]:
            try:
                said = msgspec.json.decode(events.props[place], type=_Came)
            except msgspec.ValidationError:
                continue
            found.append((place, said))
    codes = queries.codes_by_state(conn, {said.state for _, said in found if said.state})
    for place, said in found:
        if code := codes.get(said.state):
            yield _Join(
                code, events.person[place], events.time[place], said.staff, events.event[place], events.key[place]
            )


def _count(conn: Connection, settled: Settled, came: Sequence[_Join]) -> None:
    joined = Counter((one.code.id, day_of(conn, one.at), one.staff) for one in came if one.event in JOINS)
    day = day_of(conn, settled.now)
    lost = Counter(code for code, _ in queries.codes_joined(conn, _persons(settled, _LEAVES)))
    queries.count_up(conn, [(*place, 0, number, 0) for place, number in sorted(joined.items())])
    queries.count_up(conn, [(code, day, "", 0, 0, number) for code, number in sorted(lost.items())])


def _told(one: _Join) -> Record:
    """``code_joined``, and the code's tags for the person."""
    config = msgspec.json.decode(one.code.config, type=CodeConfig)
    props = {"code": one.code.id, "name": one.code.name, "kind": one.code.kind, "staff": one.staff, "by": one.event}
    props |= {"tags": list(config.tags)}
    tags = (TraitOp("append", "code_tags", _encode(list(config.tags)).decode()),) if config.tags else ()
    traits = (TraitOp("set_once", "first_code", _encode(one.code.name).decode()), *tags)
    return _record("code_joined", one.person, one.at, f"{one.code.id} {one.key}", props, traits)


def _record(
    event: str, person: int, at: int, key: str, props: dict[str, Any], traits: tuple[TraitOp, ...] = ()
) -> Record:
    id = record_key("siyu", f"{event} {key}")
    return Record(event, at, at // SECOND, id, (f"{PERSON_KIND}:{person}",), _encode(props).decode(), traits=traits)


def match_orders(conn: Connection, waiting: Sequence[tuple[str, int]], now: int) -> list[Record]:
    """Recognise who joined by a parcel card from an order of its batch; an order's gift is promised once."""
    told: list[Record] = []
    orders = order_ids_of(conn, {person for _, person in waiting})
    cards = queries.parcels_named(conn, {order for _, _, order in orders})
    for code, person in waiting:
        for who, shop, order in orders:
            card = cards.get(order)
            if who != person or card is None or card.code_id != code or card.shop not in ("", shop):
                continue
            props: dict[str, Any] = {"code": code, "order_id": order}
            row = queries.code_row(conn, code)
            gift = msgspec.json.decode(row.config, type=CodeConfig).gift if row is not None else ""
            if queries.match(conn, code, person, order, bool(gift), now):
                props["gift"] = gift
            told.append(_record("parcel_matched", person, now, f"{code} {person}", props))
            break
    return told
