"""WeChat Pay v3 notices (微信支付): payments and refunds, signature checked and resource opened [D].

Proven against wechatpayv3 2.0.4, which opens the same notices. A refund names no payer: it is put to whom the order is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Page, Task, Told
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import parse_iso
from siyu.vendors import BadCallback, NotTaken, shops

_TAKEN = b'{"code":"SUCCESS","message":""}'


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mchid: Annotated[str, field("商户号", "Merchant id", max_length=32)] = ""
    api_key: Annotated[str, field("APIv3 密钥", "APIv3 key", secret=True, max_length=32)] = ""
    public_key: Annotated[
        str, field("微信支付公钥（PEM）", "WeChat Pay public key (PEM)", long=True, max_length=2000)
    ] = ""
    key_id: Annotated[str, field("公钥 ID", "Public key id", max_length=80)] = ""


class _Resource(msgspec.Struct):
    ciphertext: str
    nonce: str
    associated_data: str = ""


class _Notice(msgspec.Struct):
    id: str
    event_type: str
    resource: _Resource


def _read(session: Session, call: Call) -> Told:
    """Raises BadCallback."""
    config: Config = session.config
    if config.key_id and call.headers.get("wechatpay-serial", "") != config.key_id:
        raise BadCallback(detail="it is signed with another key.")
    shops.check_wechat_pay(config.public_key, call.headers, call.body, call.now)
    notice = msgspec.json.decode(call.body, type=_Notice)
    part = notice.resource
    said = msgspec.json.decode(shops.open_wechat_pay(config.api_key, part.nonce, part.associated_data, part.ciphertext))
    if said.get("mchid") not in (None, config.mchid):
        raise BadCallback(detail="it is for another merchant.")
    tasks = _refunds(said) if notice.event_type == "REFUND.SUCCESS" else []
    return Told(_items(config, notice.event_type, said), tasks, _TAKEN, "application/json")


def _refunds(said: dict[str, Any]) -> list[Task]:
    id, order = str(said.get("refund_id", "")), str(said.get("out_trade_no", ""))
    fen, at = int(said["amount"]["refund"]), parse_iso(str(said["success_time"]))
    return [Task("refund", id, {"id": id, "order": order, "fen": fen, "at": at})] if id and order else []


def _refund(session: Session, payload: Mapping[str, Any]) -> Page:
    """Waits for the payment where that comes later."""
    shop, order = session.config.mchid, str(payload["order"])
    payer = session.payer_of(shop, order)
    if payer is None:
        raise NotTaken(f"the payment of order {order[:40]} has not come yet")
    props = {"order_id": order, "shop": shop, "currency": "CNY", "amount_fen": int(payload["fen"])}
    props["refund_id"] = str(payload["id"])
    return Page(items=[Item(f"refund {payload['id']}", int(payload["at"]), (payer,), "order_refunded", props)])


def _items(config: Config, kind: str, said: dict[str, Any]) -> list[Item]:
    openid, order = str((said.get("payer") or {}).get("openid", "")), str(said.get("out_trade_no", ""))
    if kind != "TRANSACTION.SUCCESS" or not openid or not order:
        return []
    props: dict[str, Any] = {"order_id": order, "shop": config.mchid, "currency": "CNY"}
    props["amount_fen"] = int(said["amount"]["total"])
    ids = ((f"openid.{said['appid']}", openid),)
    return [Item(f"{order} paid", parse_iso(str(said["success_time"])), ids, "order_paid", props)]


CONNECTOR = Connector(
    name="wechat_pay",
    zh="微信支付",
    en="WeChat Pay",
    about_zh="支付与退款成功通知，验签并解密；支付按 openid 记到人，退款按订单记到人。",
    about_en="Notices of payments and refunds, verified and decrypted; refunds are put to who paid the order.",
    grade="proven",
    config=Config,
    needed=("mchid", "api_key", "public_key"),
    category="payment/wechat_pay",
    doors={"": Door(_read, taken=_TAKEN)},
    tasks={"refund": _refund},
)
