"""Stores and tills (门店 POS): visits, orders, refunds and members, pushed by whatever till there is.

Signed as Standard Webhooks (standardwebhooks.com) sign, so that any of its libraries can send: ``webhook-id``,
``webhook-timestamp``, ``webhook-signature`` with HMAC-SHA256 over ``id.timestamp.body``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import BadInput, parse_iso
from siyu.vendors import callbacks, shops

_EVENTS = {"visit": "store_visited", "order": "order_paid", "refund": "order_refunded", "member": "member_registered"}
_Text = Annotated[str, msgspec.Meta(max_length=200)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secret: Annotated[
        str,
        field("签名密钥", "Signing secret", "以 whsec_ 开头的 Base64，或任意不少于 24 位的文字",
              "Base64 behind whsec_, or any text of 24 letters or more", secret=True, max_length=120),
    ] = ""  # fmt: skip
    shop: Annotated[
        str, field("订单前缀", "Shop", "小票号在这个名字内不重复", "Receipts are told apart by it", max_length=60)
    ] = "pos"


class Happening(msgspec.Struct, frozen=True):
    """One thing that happened in a store. ``amount`` is yuan, as text or number; ``ids`` are kind → value, such as
    ``{"mobile": "138…", "member_card": "C1"}``."""

    type: Literal["visit", "order", "refund", "member"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    at: datetime
    ids: Annotated[dict[_Text, _Text], msgspec.Meta(min_length=1, max_length=20)]
    store: _Text = ""
    staff: _Text = ""
    order_id: _Text = ""
    amount: str | int | float = ""
    products: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=200)] = []
    name: _Text = ""


class _Batch(msgspec.Struct, frozen=True):
    events: Annotated[list[Happening], msgspec.Meta(max_length=500)]


def _read(session: Session, call: Call) -> Told:
    """Raises BadCallback, or BadInput for what is signed right and can't be understood."""
    config: Config = session.config
    headers = call.headers
    id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    callbacks.check_fresh(stamp, call.now)
    shops.check_standard(config.secret, id, stamp, call.body, headers.get("webhook-signature", ""))
    try:
        batch = msgspec.json.decode(call.body, type=_Batch)
    except msgspec.MsgspecError as error:
        raise BadInput(detail=str(error)[:200]) from error
    items = [_item(config, one) for one in batch.events]
    return Told(items, answer=b'{"ok":true}', media_type="application/json")


def _item(config: Config, one: Happening) -> Item:
    if one.type in ("order", "refund") and not (one.order_id and one.amount != ""):
        raise BadInput(detail=f"{one.id}: an {one.type} needs `order_id` and `amount`.")
    props: dict[str, Any] = {"store": one.store, "staff": one.staff, "products": one.products}
    if one.type in ("order", "refund"):
        props |= {"order_id": one.order_id, "shop": config.shop, "total": one.amount, "currency": "CNY"}
    traits = {"name": one.name} if one.name else {}
    kept = {name: value for name, value in props.items() if value not in ("", [])}
    at = parse_iso(one.at.isoformat()) if one.at.tzinfo else parse_iso(f"{one.at.isoformat()}+08:00")
    return Item(f"{one.type} {one.id}", at, tuple(one.ids.items()), _EVENTS[one.type], kept, traits)


CONNECTOR = Connector(
    name="pos",
    zh="门店 POS",
    en="Stores and tills",
    about_zh="到店、小票、退款与开卡，按 Standard Webhooks 签名，任何收银系统都能推送。",
    about_en="Visits, receipts, refunds and new members, signed as Standard Webhooks: any till can push.",
    grade="proven",
    config=Config,
    needed=("secret",),
    category="offline/store",
    doors={"": Door(_read)},
)
