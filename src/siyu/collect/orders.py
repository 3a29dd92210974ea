"""Orders inside events: which money, which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.collect.money import LENIENT, money_of
from siyu.collect.queries import record_key
from siyu.collect.types import Record

ORDER_EVENTS = frozenset({"order_paid", "order_refunded"})
_VALUED = ORDER_EVENTS | (LENIENT - {"product_viewed"})


class OrderRead(msgspec.Struct, frozen=True):
    """``amount`` is fen."""

    order_id: str
    shop: str
    amount: int
    refund_id: str = ""


_decode = msgspec.json.Decoder(dict[str, Any]).decode


def read_order(event: str, props: str) -> OrderRead:
    """Order id, shop and amount out of an event's properties (JSON text)."""
    return _read(event, _decode(props))


def _read(event: str, found: Mapping[str, Any]) -> OrderRead:
    """By the names that clients use.

    ``order_id``/``orderId``/``tid`` name the order, ``shop``/``affiliation`` the shop, ``refund_id`` a refund of it.
    """
    order_id = found.get("order_id") or found.get("orderId") or found.get("tid") or ""
    shop = found.get("shop") or found.get("affiliation") or ""
    refund_id = str(found.get("refund_id") or "")
    return OrderRead(str(order_id)[:255], str(shop)[:255], money_of(event, found), refund_id[:255])


def valued(record: Record, props: Mapping[str, Any] | None = None) -> Record:
    """The record with its money and its order; a paid order is known by its shop and number, whoever tells of it and
    whenever they say it was; so is a refund that has a number. ``props`` saves reading ``record.props``."""
    if record.event not in _VALUED:
        return record
    order = _read(record.event, _decode(record.props) if props is None else props)
    record.amount = order.amount
    if order.order_id and record.event in ORDER_EVENTS:
        record.order = order.order_id
    if record.order and (record.event == "order_paid" or order.refund_id):
        record.bucket = 0
        name = f"{record.event}/{order.order_id}" + (f"/{order.refund_id}" if record.event == "order_refunded" else "")
        record.key = record_key(f"order/{order.shop}", name)
    return record
