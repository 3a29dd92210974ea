"""Douyin shop (抖店): pushed trades and refunds. Signature, tags and fields from memory [M]: check them.

A push that names no buyer can't be put to anybody: it is put aside whole, and waits for replay.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import SECOND
from siyu.vendors import BadCallback, shops

_EVENTS = {"101": "order_paid", "206": "order_refunded"}
"""``doudian_trade_TradePaid`` and ``doudian_refund_RefundSuccess``; tag 0 is the address check."""
_TAKEN = b'{"code":0,"msg":"success"}'


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    app_key: Annotated[str, field("App Key", "App key", max_length=64)] = ""
    app_secret: Annotated[str, field("App Secret", "App secret", secret=True, max_length=128)] = ""
    shop: Annotated[str, field("店铺名", "Shop", "订单按店铺去重", "Orders are told apart by shop", max_length=60)] = (
        "douyin_shop"
    )


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


CONNECTOR = Connector(
    name="douyin_shop",
    zh="抖店",
    en="Douyin shop",
    about_zh="订单支付与退款成功推送，签名校验，按买家 open id 记到人。",
    about_en="Pushed orders and refunds, each with its signature checked, put to the buyer's open id.",
    grade="remembered",
    config=Config,
    needed=("app_key", "app_secret"),
    category="shop/douyin_shop",
    doors={"": Door(_read, taken=_TAKEN)},
)
