"""Official Account customer message (客服消息): only inside the windows that a follower's own action opens."""

from __future__ import annotations

from contextlib import AbstractContextManager

from siyu.delivery.channels import wechat_account
from siyu.delivery.channels.contract import Channel, Session
from siyu.delivery.channels.wechat_account import AccountConfig
from siyu.delivery.types import Capabilities, Parcel
from siyu.vendors import Access, wechat


def _open(config: AccountConfig, allow_private: bool) -> AbstractContextManager[Session]:
    return wechat_account.opened("wechat_customer", config, allow_private, _call)


def _call(api: Access, parcel: Parcel) -> str:
    wechat.send_customer_message(api, parcel.address, parcel.content.text)
    return ""


CHANNEL = Channel(
    name="wechat_customer",
    zh="公众号客服消息",
    en="Official Account customer message",
    config=AccountConfig,
    capabilities=Capabilities(subject=False, html=False, unsubscribe=False, idempotent=False, max_chars=600),
    needed=("appid", "secret"),
    connector="wechat_oa",
    open=_open,
    address_fault=wechat_account.address_fault,
    reach="official_account",
    identifier=wechat_account.identifier,
    inbound=wechat_account.read,
)
