"""Money as it comes, in yuan, made exact fen; and which property of an order event is the money.

Rules for an order event, first one present wins:

1. ``amount_fen``: whole fen.
2. ``revenue``, ``total``, ``value``, then the names common in Chinese tracking plans (``YUAN``): yuan.
3. ``price`` × ``quantity`` (1 when absent).
4. the sum of ``price`` × ``quantity`` over ``products``.
5. nothing of these: 0.

More than two decimals are rounded half up once, at the end. Other currencies keep their own minor unit and the event's
``currency``; a currency sign other than the yuan's is refused rather than read as yuan.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from siyu.collect.sources.common import BadRecord

YUAN = (
    "revenue",
    "total",
    "value",
    "amount",
    "order_amount",
    "orderAmount",
    "pay_amount",
    "payAmount",
    "paid_amount",
    "order_total",
    "total_price",
    "total_amount",
)
"""Properties that hold an order's money in yuan, best first."""

STRICT = frozenset({"order_paid", "order_refunded"})
LENIENT = frozenset({"cart_added", "cart_removed", "checkout_started", "coupon_used", "product_viewed"})
_MOST = 10**15
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_PLAIN = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,3})?")
_MARKS = re.compile(r"^(CNY|RMB|CN¥|¥|人民币)|(CNY|RMB|元|圆)$", re.IGNORECASE)


class NotMoney(BadRecord):
    """A value that can't be read as money; the detail says why."""

    def __init__(self, detail: str) -> None:
        super().__init__("bad_amount", detail)


def decimal_of(value: Any) -> Decimal:
    """The number a value stands for: int, float, Decimal or text such as ``¥1,234.50``, ``12元``, ``(5.00)`` (minus 5).

    Raises NotMoney.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise NotMoney(f"{str(value)[:60]!r} is not an amount")
    text = _bare(value) if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise NotMoney(f"{str(value)[:60]!r} is not an amount") from error
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise NotMoney(f"{str(value)[:60]!r} is not an amount")
    return number


def _bare(value: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", value[:80]).split())
    text = text.replace("−", "-")
    negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1] if negative else text
    sign = text[:1] if text[:1] in "+-" else ""
    text = sign + _MARKS.sub("", _MARKS.sub("", text.removeprefix(sign)))
    if not _PLAIN.fullmatch(text) or not any(letter.isdigit() for letter in text):
        raise NotMoney(f"{value[:60]!r} is not an amount")
    text = text.replace(",", "")
    return f"-{text}" if negative else text


def fen_of(value: Any) -> int:
    """Exact fen of an amount in yuan. Raises NotMoney."""
    return _fen(decimal_of(value))


def whole_fen(value: Any) -> int:
    """An amount that is in fen already. Raises NotMoney when it isn't whole."""
    number = decimal_of(value)
    if number != number.to_integral_value():
        raise NotMoney(f"{str(value)[:60]!r} is not a whole number of fen")
    return _bounded(int(number))


def _fen(number: Decimal) -> int:
    return _bounded(int((number * 100).quantize(Decimal(1), context=_EXACT)))


def _bounded(fen: int) -> int:
    if abs(fen) > _MOST:
        raise NotMoney("the amount is larger than any order")
    return fen


def money_of(event: str, props: Mapping[str, Any]) -> int:
    """Fen of an event (by its standard name).

    Only order events must be right: raises NotMoney when theirs can't be read or a payment is negative (a refund's
    sign doesn't matter). Any other event has an amount when one can be read.
    """
    if event in STRICT:
        amount = order_money(props)
        if amount < 0 and event == "order_paid":
            raise NotMoney("a paid order can't be negative; send a refund as order_refunded")
        return abs(amount)
    try:
        return order_money(props) if event in LENIENT else 0
    except NotMoney:
        return 0


def order_money(props: Mapping[str, Any]) -> int:
    """Fen by the rules above. Raises NotMoney."""
    if (fen := props.get("amount_fen")) is not None:
        return whole_fen(fen)
    for name in YUAN:
        if (value := props.get(name)) is not None and value != "":
            return fen_of(value)
    if props.get("price") is not None:
        return _fen(_line(props))
    products = props.get("products")
    if isinstance(products, list):
        lines = [_line(item) for item in products if isinstance(item, dict) and item.get("price") is not None]
        return _fen(sum(lines, Decimal(0)))
    return 0


def _line(item: Mapping[str, Any]) -> Decimal:
    quantity = item.get("quantity")
    return decimal_of(item["price"]) * (decimal_of(quantity) if quantity is not None else 1)
