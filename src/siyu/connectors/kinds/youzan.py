"""Youzan (有赞): pushed trades and the history of them.

Pushes: signature and fields from memory [M], nothing outside to test with. History: ``youzan.trades.sold.get`` 4.0.4,
``youzan.trade.refund.search`` 3.0.1 and ``youzan.trade.get`` 4.0.2 by documentation as others quote it [D].
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.kinds import shop_history
from siyu.connectors.kinds.shop_history import HistoryDays, Listing, Rows
from siyu.connectors.kinds.shop_times import CHINA, china_ms
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import Conflict
from siyu.vendors import BadCallback, shops, youzan

_EVENTS = {"trade_TradePaid": "order_paid", "trade_refund_RefundSuccess": "order_refunded"}
_TAKEN = b'{"code":0,"msg":"success"}'


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client_id: Annotated[str, field("client_id", "client_id", max_length=64)] = ""
    client_secret: Annotated[str, field("client_secret", "client_secret", secret=True, max_length=128)] = ""
    shop: Annotated[str, field("店铺名", "Shop", "订单按店铺去重", "Orders are told apart by shop", max_length=60)] = (
        "youzan"
    )
    kdt_id: Annotated[
        str, field("授权店铺 kdt_id", "Shop (kdt_id)", "读历史订单时需要", "Needed to read past orders", max_length=32)
    ] = ""  # fmt: skip
    history_days: HistoryDays = 180
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = youzan.API


class _Push(msgspec.Struct):
    """A push; ``test`` ones say nothing of anybody."""

    type: str = ""
    msg: str = ""
    sign: str = ""
    id: str | int = ""
    msg_id: str = ""
    test: bool = False


def _read(session: Session, call: Call) -> Told:
    """Raises BadCallback."""
    config: Config = session.config
    try:
        push = msgspec.json.decode(call.body, type=_Push)
    except msgspec.MsgspecError as error:
        raise BadCallback(detail="it is no push.") from error
    sign = push.sign or call.headers.get("event-sign", "")
    shops.check_youzan(config.client_id, config.client_secret, push.msg, sign)
    event = _EVENTS.get(push.type, "")
    items = [] if push.test or not event else [_order(config, event, msgspec.json.decode(unquote(push.msg)), call.now)]
    return Told(items, answer=_TAKEN, media_type="application/json")


def _order(config: Config, event: str, said: dict[str, Any], now: int) -> Item:
    """Paid: ``full_order_info``. Refunded: flat. Money in yuan as text."""
    info = said.get("full_order_info") or {}
    order, pay = info.get("order_info") or {}, info.get("pay_info") or {}
    buyer = info.get("buyer_info") or {}
    number = str(order.get("tid") or said["tid"])
    props: dict[str, Any] = {"order_id": number, "shop": config.shop, "currency": "CNY"}
    amount = str(pay.get("payment") or said.get("refunded_fee") or "0")
    props |= {"total": amount} if event == "order_paid" else {"refund": amount, "total": amount}
    props["refund_id"] = str(said.get("refund_id", ""))
    at = china_ms(str(order.get("pay_time") or said.get("update_time") or "")) or now
    ids = ((f"buyer_id.{config.shop}", str(buyer.get("yz_open_id") or said.get("yz_open_id") or "")),
           ("mobile", str(buyer.get("buyer_phone") or "")))  # fmt: skip
    id = f"{number} {event} {props['refund_id']}".strip()
    return Item(id, at, ids, event, {name: value for name, value in props.items() if value})


# --- history

_ORDERS_A_PAGE, _REFUNDS_A_PAGE = 100, 20
_UNPAID = frozenset(("WAIT_BUYER_PAY", "TRADE_PAID"))
"""TRADE_PAID passes within seconds; its push tells the rest."""


def _api(session: Session) -> youzan.Shop:
    """Raises Conflict."""
    config: Config = session.config
    if not config.kdt_id:
        raise Conflict(detail="Fill in the shop's kdt_id to read from Youzan.")
    base = config.api_url.rstrip("/")
    return youzan.Shop(session.outbound, base, config.client_id, config.client_secret, config.kdt_id)


def _orders(session: Session, start: int, end: int, page: str) -> Rows:
    """Orders that were made in a window, as they stand now; a closed one counts if it was paid."""
    number = int(page or 1)
    asked: dict[str, Any] = {"start_created": _written(start), "end_created": _written(end)}
    asked |= {"page_no": number, "page_size": _ORDERS_A_PAGE}
    found = _api(session).call("youzan.trades.sold.get", "4.0.4", asked)
    rows = [row["full_order_info"] for row in found.get("full_order_info_list") or ()]
    paid = [row for row in rows if row["order_info"]["status"] not in _UNPAID and row["order_info"].get("pay_time")]
    items = [_order(session.config, "order_paid", {"full_order_info": row}, session.now_ms()) for row in paid]
    total = int(found.get("total_results") or 0)
    return Rows(items, str(number + 1) if number * _ORDERS_A_PAGE < total and rows else "", total)


def _refunds(session: Session, start: int, end: int, page: str) -> Rows:
    """Refunds that were asked for in a window and went through. Who bought is asked of each order."""
    api, number = _api(session), int(page or 1)
    asked = {"create_time_start": start, "create_time_end": end, "status": "SUCCESS"}
    found = api.call("youzan.trade.refund.search", "3.0.1", asked | {"page_no": number, "page_size": _REFUNDS_A_PAGE})
    rows = found.get("refunds") or ()
    orders = sorted({str(row["tid"]) for row in rows})
    buyers = {tid: _buyer(api, tid) for tid in orders}
    items = [_order(session.config, "order_refunded", _refund(row, buyers), session.now_ms()) for row in rows]
    total = int(found.get("total") or 0)
    more = str(number + 1) if number * _REFUNDS_A_PAGE < total and rows else ""
    return Rows(items, more, total, 1 + len(orders))


def _buyer(api: youzan.Shop, tid: str) -> dict[str, Any]:
    info = api.call("youzan.trade.get", "4.0.2", {"tid": tid})["full_order_info"]
    return dict(info.get("buyer_info") or {})


def _refund(row: dict[str, Any], buyers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """As the push of it would be."""
    said = {"tid": row["tid"], "refund_id": row["refund_id"], "refunded_fee": row["refund_fee"]}
    return said | {"update_time": row.get("modified"), "full_order_info": {"buyer_info": buyers[str(row["tid"])]}}


def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _test(session: Session) -> str:
    _api(session).token()
    return str(session.config.kdt_id)


CONNECTOR = Connector(
    name="youzan",
    zh="有赞",
    en="Youzan",
    about_zh="订单支付与退款推送；历史订单与退款。",
    about_en="Pushed orders and refunds, and those of the past.",
    grade="remembered",
    config=Config,
    needed=("client_id", "client_secret"),
    category="shop/youzan",
    doors={"": Door(_read, taken=_TAKEN)},
    pulls=(
        shop_history.past_orders(
            Listing(_orders, 30 * shop_history.DAY_SECONDS, most=100 * _ORDERS_A_PAGE),
            Listing(_refunds, 30 * shop_history.DAY_SECONDS, most=100 * _REFUNDS_A_PAGE),
            per_minute=120,
        ),
    ),
    test=_test,
)
