"""WeChat shop (微信小店): pushes name an order, its detail is fetched. By documentation [D]; after-sales by memory [M].

A push is a WeChat callback, as JSON or XML, sealed or plain. It names order and status only; who bought and for how
much comes from the order, so a push that is repeated, late or out of order ends in the same order. So does the history:
its lists ``order/list/get`` and ``aftersale/getaftersalelist`` are of numbers [D].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Page, Task, Told
from siyu.connectors.kinds import shop_history, tencent
from siyu.connectors.kinds.shop_history import HistoryDays, Listing, Rows
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import SECOND
from siyu.vendors import Access, Crypto, callbacks, wechat

_PAID = frozenset((20, 21, 30, 100, 200))
"""Order statuses behind the payment: to ship, partly shipped, shipped, done, closed by after-sales [D]."""
_REFUNDED = frozenset(("MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS"))
_ORDERS = frozenset(f"channels_ec_order_{name}" for name in ("pay", "wait_shipping", "deliver", "confirm", "settle"))
_AFTERSALE = "channels_ec_aftersale_update"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    appid: Annotated[str, field("AppID", "AppID", max_length=64)] = ""
    secret: Annotated[str, field("AppSecret", "AppSecret", secret=True, max_length=128)] = ""
    token: Annotated[str, field("消息推送 Token", "Push token", secret=True, max_length=64)] = ""
    encoding_key: Annotated[
        str,
        field("EncodingAESKey", "EncodingAESKey", "明文模式可留空", "May be empty in plain mode", secret=True,
              max_length=43),
    ] = ""  # fmt: skip
    shop: Annotated[str, field("店铺名", "Shop", "订单按店铺去重", "Orders are told apart by shop", max_length=60)] = (
        "wechat_shop"
    )
    history_days: HistoryDays = 180
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = wechat.API


def _api(session: Session) -> Access:
    config = session.config
    return wechat.access(session.outbound, config.api_url.rstrip("/"), config.appid, config.secret)


def _read(session: Session, call: Call) -> Told:
    """The address check, or an order or after-sale to fetch. Raises BadCallback."""
    config: Config = session.config
    query = call.query
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    callbacks.check_fresh(stamp, call.now)
    if call.method == "GET":
        callbacks.check_signature(query.get("signature", ""), config.token, stamp, nonce)
        return Told(answer=query.get("echostr", "").encode()[:200])
    said = tencent.leaves_of(tencent.check_size(call))
    if config.encoding_key:
        crypto = Crypto(config.token, config.encoding_key, config.appid)
        said = tencent.leaves_of(crypto.open(said.get("Encrypt", ""), query.get("msg_signature", ""), stamp, nonce))
    else:
        callbacks.check_signature(query.get("signature", ""), config.token, stamp, nonce)
    event, order, sale = said.get("Event", ""), said.get("order_id", ""), said.get("after_sale_order_id", "")
    if event in _ORDERS and order:
        return Told(tasks=[Task("order", order, {"order": order})], answer=b"success")
    if event == _AFTERSALE and sale and said.get("status") in _REFUNDED:
        return Told(tasks=[Task("aftersale", sale, {"sale": sale})], answer=b"success")
    return Told(answer=b"success")


def _order(session: Session, payload: Mapping[str, Any]) -> Page:
    """An order that is paid, whichever push named it."""
    config: Config = session.config
    order = _api(session).call("/channels/ec/order/get", {"order_id": str(payload["order"])})["order"]
    if order.get("status") not in _PAID:
        return Page()
    detail = order["order_detail"]
    goods = [_good(one) for one in detail.get("product_infos") or ()]
    props = _props(config, order["order_id"], detail["price_info"]["order_price"])
    if goods:
        props |= {"products": goods, "product": goods[0]["name"]}
    paid = (detail.get("pay_info") or {}).get("pay_time") or order["create_time"]
    return Page(items=[Item(f"{order['order_id']} paid", int(paid) * SECOND, _ids(config, order), "order_paid", props)])


def _aftersale(session: Session, payload: Mapping[str, Any]) -> Page:
    """A refund that went through."""
    config: Config = session.config
    asked = {"after_sale_order_id": str(payload["sale"])}
    sale = _api(session).call("/channels/ec/aftersale/getaftersaleorder", asked)["after_sale_order"]
    if sale.get("status") not in _REFUNDED:
        return Page()
    props = _props(config, sale["order_id"], sale["refund_info"]["amount"])
    props["refund_id"] = str(payload["sale"])
    at = int(sale.get("update_time") or sale.get("create_time") or session.now_ms() // SECOND) * SECOND
    return Page(items=[Item(f"refund {payload['sale']}", at, _ids(config, sale), "order_refunded", props)])


def _props(config: Config, order: Any, fen: Any) -> dict[str, Any]:
    return {"order_id": str(order), "shop": config.shop, "currency": "CNY", "amount_fen": int(fen)}


def _good(said: Mapping[str, Any]) -> dict[str, Any]:
    found = {"product_id": str(said.get("product_id", "")), "name": said.get("title", "")}
    return found | {"quantity": said.get("sku_cnt", 1), "price": int(said.get("sale_price") or 0) / 100}


def _ids(config: Config, said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The receiver's phone is no key: it may be anybody's, and is often a number for one parcel."""
    return ((f"openid.{config.appid}", str(said.get("openid") or "")), ("unionid", str(said.get("unionid") or "")))


_ORDERS_A_PAGE = 20
"""Each is fetched; so many calls a step."""


def _orders(session: Session, start: int, end: int, page: str) -> Rows:
    """Orders that were made in a window of at most 7 days."""
    made = {"create_time_range": {"start_time": start, "end_time": end}}
    answer = _api(session).call(
        "/channels/ec/order/list/get", made | {"page_size": _ORDERS_A_PAGE, "next_key": page}
    )  # fmt: skip
    return _fetched(answer, [_order(session, {"order": one}) for one in answer.get("order_id_list") or ()])


def _aftersales(session: Session, start: int, end: int, page: str) -> Rows:
    """After-sales that were asked for in a window of at most 24 hours."""
    asked: dict[str, Any] = {"begin_create_time": start, "end_create_time": end}
    answer = _api(session).call("/channels/ec/aftersale/getaftersalelist", asked | ({"next_key": page} if page else {}))
    sales = answer.get("after_sale_order_id_list") or ()
    return _fetched(answer, [_aftersale(session, {"sale": one}) for one in sales])


def _fetched(answer: Mapping[str, Any], pages: list[Page]) -> Rows:
    items = [item for page in pages for item in page.items]
    return Rows(items, str(answer.get("next_key") or "") if answer.get("has_more") else "", calls=1 + len(pages))


def _test(session: Session) -> str:
    _api(session).token()
    return str(session.config.appid)


CONNECTOR = Connector(
    name="wechat_shop",
    zh="微信小店",
    en="WeChat shop",
    about_zh="订单支付与售后退款推送，按订单号取详情；历史订单与退款；按 openid 与 unionid 记到人。",
    about_en="Pushed orders and refunds, each fetched by its number, and those of the past; put to openid and unionid.",
    grade="documented",
    config=Config,
    needed=("appid", "secret", "token"),
    category="shop/wechat_shop",
    doors={"": Door(_read, taken=b"success")},
    pulls=(
        shop_history.past_orders(
            Listing(_orders, 7 * shop_history.DAY_SECONDS),
            Listing(_aftersales, shop_history.DAY_SECONDS),
            per_minute=600,
        ),
    ),
    tasks={"order": _order, "aftersale": _aftersale},
    test=_test,
)
