"""Youzan (有赞): pushed trades. Signature and fields from memory and nothing outside to test with: check them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.kinds.shop_times import china_ms
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.vendors import BadCallback, shops

_EVENTS = {"trade_TradePaid": "order_paid", "trade_refund_RefundSuccess": "order_refunded"}
_TAKEN = b'{"code":0,"msg":"success"}'


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client_id: Annotated[str, field("client_id", "client_id", max_length=64)] = ""
    client_secret: Annotated[str, field("client_secret", "client_secret", secret=True, max_length=128)] = ""
    shop: Annotated[str, field("店铺名", "Shop", "订单按店铺去重", "Orders are told apart by shop", max_length=60)] = (
        "youzan"
    )


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


CONNECTOR = Connector(
    name="youzan",
    zh="有赞",
    en="Youzan",
    about_zh="订单支付与退款推送。",
    about_en="Pushed orders and refunds.",
    grade="remembered",
    config=Config,
    needed=("client_id", "client_secret"),
    category="shop/youzan",
    doors={"": Door(_read, taken=_TAKEN)},
)
