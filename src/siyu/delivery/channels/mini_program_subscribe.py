"""Mini Program subscribe message (订阅消息): one consent to one template is one send."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated, Literal

from siyu.delivery.channels import wechat_account
from siyu.delivery.channels.contract import Channel, Session
from siyu.delivery.types import Capabilities, Parcel
from siyu.kit import field
from siyu.vendors import Access, wechat


class SubscribeConfig(wechat_account.WechatConfig, frozen=True, forbid_unknown_fields=True):
    state: Annotated[
        Literal["formal", "trial", "developer"],
        field("小程序版本", "Mini Program version", "点开消息进入的版本", "The one a message opens"),
    ] = "formal"


def _open(config: SubscribeConfig, allow_private: bool) -> AbstractContextManager[Session]:
    name = "mini_program_subscribe"
    return wechat_account.opened(name, config, allow_private, lambda api, one: _call(config, api, one))


def _call(config: SubscribeConfig, api: Access, parcel: Parcel) -> str:
    content = parcel.content
    wechat.send_subscribe(api, parcel.address, content.template_id, content.fields, content.link, config.state)
    return ""


CHANNEL = Channel(
    name="mini_program_subscribe",
    zh="小程序订阅消息",
    en="Mini Program subscribe message",
    config=SubscribeConfig,
    capabilities=Capabilities(
        subject=False, html=False, unsubscribe=False, idempotent=False, max_chars=1000, template=True, uses_grant=True
    ),
    needed=("appid", "secret"),
    connector="wechat_mini",
    open=_open,
    address_fault=wechat_account.address_fault,
    reach="mini_program",
    identifier=wechat_account.identifier,
)
