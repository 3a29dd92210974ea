"""WeChat Pay v3 notices (微信支付): payments, signature checked and resource opened. By documentation [D]."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import parse_iso
from siyu.vendors import BadCallback, shops

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
    return Told(_items(config, notice.event_type, said), answer=_TAKEN, media_type="application/json")


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
    about_zh="支付成功通知，验签并解密，按 openid 记到人。",
    about_en="Payment notices, verified and decrypted, put to the payer's openid.",
    grade="documented",
    config=Config,
    needed=("mchid", "api_key", "public_key"),
    category="payment/wechat_pay",
    doors={"": Door(_read, taken=_TAKEN)},
)
