"""Orders inside events: which money, which order."""

from __future__ import annotations

from typing import Any

import msgspec

from siyu.collect.money import money_of

ORDER_EVENTS = frozenset({"order_paid", "order_refunded"})


class OrderRead(msgspec.Struct, frozen=True):
    """``amount`` is fen."""

    order_id: str
    shop: str
    amount: int


_decode = msgspec.json.Decoder(dict[str, Any]).decode


def read_order(event: str, props: str) -> OrderRead:
    """Order id, shop and amount out of an event's properties (JSON text).

    ``order_id``/``orderId``/``tid`` name the order, ``shop``/``affiliation`` the shop.
    """
    found = _decode(props)
    order_id = found.get("order_id") or found.get("orderId") or found.get("tid") or ""
    shop = found.get("shop") or found.get("affiliation") or ""
    return OrderRead(str(order_id)[:255], str(shop)[:255], money_of(event, found))
