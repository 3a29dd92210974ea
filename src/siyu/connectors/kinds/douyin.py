"""Douyin open platform (抖音企业号): the address check, follows, private messages, leads. By documentation [D].

Leads (留资卡片, from a live room or a chat) come as messages of type ``retain_consult_card``; where in them the number
stands is from memory [M], so several places are looked at.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import SECOND
from siyu.vendors import BadCallback, shops

_EVENTS = {"new_follow_action": "douyin_followed", "im_receive_msg": "douyin_message_received",
           "im_enter_direct_msg": "douyin_chat_opened", "enter_im": "douyin_chat_opened",
           "new_video_digg": "douyin_liked", "item_comment_reply": "douyin_commented",
           "life_trade_order_pay": "order_paid"}  # fmt: skip


_LEAD = "retain_consult_card"
_PHONES = frozenset(("phone", "mobile", "telephone", "phone_number", "电话", "手机", "手机号", "联系电话"))


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client_key: Annotated[str, field("Client Key", "Client key", max_length=64)] = ""
    client_secret: Annotated[str, field("Client Secret", "Client secret", secret=True, max_length=128)] = ""


class _Push(msgspec.Struct):
    """``content`` is an object in the address check and JSON text otherwise."""

    event: str = ""
    client_key: str = ""
    from_user_id: str = ""
    content: dict[str, Any] | str = ""
    log_id: str = ""


def _read(session: Session, call: Call) -> Told:
    """Raises BadCallback."""
    config: Config = session.config
    shops.check_douyin(config.client_secret, call.body, call.headers.get("x-douyin-signature", ""))
    push = msgspec.json.decode(call.body, type=_Push)
    content = msgspec.json.decode(push.content) if isinstance(push.content, str) and push.content else push.content
    said: dict[str, Any] = content if isinstance(content, dict) else {}
    if push.event == "verify_webhook":
        return Told(answer=msgspec.json.encode({"challenge": said.get("challenge")}), media_type="application/json")
    if push.client_key and push.client_key != config.client_key:
        raise BadCallback(detail="it is for another application.")
    return Told(_items(config, push, said, call))


def _items(config: Config, push: _Push, said: dict[str, Any], call: Call) -> list[Item]:
    lead = said.get("message_type") == _LEAD
    name = "lead_left" if lead else _EVENTS.get(push.event, "")
    if not (name and push.from_user_id):
        return []
    seconds = said.get("create_time") or said.get("action_time") or 0
    at = int(seconds) * SECOND if int(seconds) < 10_000_000_000 else int(seconds)
    id = call.headers.get("msg-id") or f"{push.event} {push.from_user_id} {seconds}"
    ids = ((f"openid.{config.client_key}", push.from_user_id), ("mobile", _phone(said) if lead else ""))
    props = {"msg_type": said.get("message_type"), "item": said.get("item_id"), "room": said.get("room_id")}
    if name == "order_paid":
        props |= {"order_id": said.get("order_id"), "amount_fen": said.get("pay_amount"), "shop": "douyin"}
    return [Item(id, at or call.now, ids, name, {key: value for key, value in props.items() if value})]


def _phone(said: dict[str, Any]) -> str:
    """The number somebody left, by its name or by the label of the card's line it stands in."""
    lines = said.get("card_data") or (said.get(_LEAD) or {}).get("card_data") or []
    labelled = [(one.get("label_name"), one.get("label_value")) for one in lines if isinstance(one, dict)]
    return next((str(value) for name, value in [*said.items(), *labelled] if name in _PHONES and value), "")


CONNECTOR = Connector(
    name="douyin",
    zh="抖音企业号",
    en="Douyin",
    about_zh="关注、私信、留资、互动与订单推送，签名校验。",
    about_en="Follows, messages, leads, likes and orders, each with its signature checked.",
    grade="documented",
    config=Config,
    needed=("client_key", "client_secret"),
    category="douyin/account",
    doors={"": Door(_read)},
)
