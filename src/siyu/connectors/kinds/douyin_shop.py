"""Douyin shop (抖店): pushed trades and refunds, and the history of them. Tags and fields from memory [M]: check them.

Calls are signed as another's client signs them (its vectors are in the tests) [P]: ``order.searchList``,
``afterSale.List``, ``order.orderDetail``, ``token.create`` for an application of one's own.

A push that names no buyer can't be put to anybody: it is put aside whole, and waits for replay.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.kinds import shop_history
from siyu.connectors.kinds.shop_history import HistoryDays, Listing, Rows
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import SECOND, Conflict
from siyu.vendors import BadCallback, doudian, shops

_EVENTS = {"101": "order_paid", "206": "order_refunded"}
"""``doudian_trade_TradePaid`` and ``doudian_refund_RefundSuccess``; tag 0 is the address check."""
_TAKEN = b'{"code":0,"msg":"success"}'


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    app_key: Annotated[str, field("App Key", "App key", max_length=64)] = ""
    app_secret: Annotated[str, field("App Secret", "App secret", secret=True, max_length=128)] = ""
    shop: Annotated[str, field("店铺名", "Shop", "订单按店铺去重", "Orders are told apart by shop", max_length=60)] = (
        "douyin_shop"
    )
    shop_id: Annotated[
        str, field("授权店铺 ID", "Shop id", "读历史订单时需要", "Needed to read past orders", max_length=32)
    ] = ""  # fmt: skip
    history_days: HistoryDays = 180
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = doudian.API


class _Push(msgspec.Struct):
    tag: str = ""
    msg_id: str = ""
    data: dict[str, Any] | str = ""


class _NoBuyer(Exception):
    """The push names no buyer."""


def _read(session: Session, call: Call) -> Told:
    """Raises BadCallback."""
    config: Config = session.config
    shops.check_douyin_shop(config.app_key, config.app_secret, call.body, call.headers.get("event-sign", ""))
    if call.headers.get("app-id", config.app_key) != config.app_key:
        raise BadCallback(detail="it is for another application.")
    pushes = msgspec.json.decode(call.body, type=list[_Push])
    items = [_item(config, push, call.now) for push in pushes if push.tag in _EVENTS]
    return Told(items, answer=_TAKEN, media_type="application/json")


def _item(config: Config, push: _Push, now: int) -> Item:
    """Paid: the whole order. Refunded: one after-sale of it. Money in fen, times in seconds."""
    said: dict[str, Any] = msgspec.json.decode(push.data) if isinstance(push.data, str) else push.data
    buyer, event = str(said.get("doudian_open_id") or said.get("open_id") or ""), _EVENTS[push.tag]
    if not buyer:
        raise _NoBuyer
    order, refund = str(said["p_id"]), str(said.get("aftersale_id") or "")
    paid = event == "order_paid"
    props: dict[str, Any] = {"order_id": order, "shop": config.shop, "currency": "CNY", "refund_id": refund}
    props["amount_fen"] = int(said["pay_amount" if paid else "refund_amount"])
    at = int(said.get("pay_time" if paid else "success_time") or said.get("update_time") or 0) * SECOND
    id = f"{order} paid" if paid else f"refund {refund or push.msg_id}"
    ids = ((f"buyer_id.{config.shop}", buyer),)
    return Item(id, at or now, ids, event, {name: value for name, value in props.items() if value != ""})


# --- history

_PAGE = 50
_REFUNDED = 3
"""``refund_status`` of money that has gone back."""


def _api(session: Session) -> doudian.Shop:
    """Raises Conflict."""
    config: Config = session.config
    if not config.shop_id:
        raise Conflict(detail="Fill in the shop's id to read from Douyin shop.")
    base = config.api_url.rstrip("/")
    return doudian.Shop(
        session.outbound, base, config.app_key, config.app_secret, config.shop_id, session.now_ms
    )  # fmt: skip


def _orders(session: Session, start: int, end: int, page: str) -> Rows:
    """Orders that were made in a window and paid, the oldest first."""
    number = int(page or 0)
    asked = {"create_time_start": start, "create_time_end": end, "page": number, "size": _PAGE}
    found = _api(session).call("order.searchList", asked | {"order_by": "create_time", "order_asc": True})
    rows = found.get("shop_order_list") or ()
    pushes = [_Push("101", data=row | {"p_id": row["order_id"]}) for row in rows if row.get("pay_time")]
    return _rows(session, pushes, number, len(rows), int(found.get("total") or 0))


def _refunds(session: Session, start: int, end: int, page: str) -> Rows:
    """After-sales that were asked for in a window and paid back. Who bought is asked of each order."""
    api, number = _api(session), int(page or 0)
    asked = {"start_time": start, "end_time": end, "page": number, "size": _PAGE}
    found = api.call("afterSale.List", asked)
    rows = found.get("items") or ()
    gone = [row for row in rows if row["aftersale_info"].get("refund_status") == _REFUNDED]
    orders = sorted({str(row["order_info"]["shop_order_id"]) for row in gone})
    buyers = {order: _buyer(api, order) for order in orders}
    pushes = [_Push("206", data=_refund(row, buyers)) for row in gone]
    return _rows(session, pushes, number, len(rows), int(found.get("total") or 0), len(orders))


def _rows(session: Session, pushes: list[_Push], number: int, read: int, total: int, more_calls: int = 0) -> Rows:
    items = [_item(session.config, push, session.now_ms()) for push in pushes]
    return Rows(items, str(number + 1) if read and (number + 1) * _PAGE < total else "", total, 1 + more_calls)


def _buyer(api: doudian.Shop, order: str) -> str:
    detail = api.call("order.orderDetail", {"shop_order_id": order})["shop_order_detail"]
    return str(detail.get("doudian_open_id") or "")


def _refund(row: dict[str, Any], buyers: dict[str, str]) -> dict[str, Any]:
    """As the push of it would be."""
    sale, order = row["aftersale_info"], str(row["order_info"]["shop_order_id"])
    said = {"p_id": order, "aftersale_id": sale["aftersale_id"], "doudian_open_id": buyers[order]}
    return said | {"refund_amount": sale["real_refund_amount"], "update_time": sale.get("update_time")}


def _test(session: Session) -> str:
    _api(session).token()
    return str(session.config.shop_id)


CONNECTOR = Connector(
    name="douyin_shop",
    zh="抖店",
    en="Douyin shop",
    about_zh="订单支付与退款成功推送；历史订单与退款；按买家 open id 记到人。",
    about_en="Pushed orders and refunds, and those of the past, put to the buyer's open id.",
    grade="remembered",
    config=Config,
    needed=("app_key", "app_secret"),
    category="shop/douyin_shop",
    doors={"": Door(_read, taken=_TAKEN)},
    pulls=(
        shop_history.past_orders(
            Listing(_orders, 7 * shop_history.DAY_SECONDS, most=10_000),
            Listing(_refunds, 7 * shop_history.DAY_SECONDS, most=10_000),
            per_minute=300,
        ),
    ),
    test=_test,
)
