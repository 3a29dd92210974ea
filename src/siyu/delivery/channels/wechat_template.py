"""Official Account template message (模板消息): notices of a service. The vendor reports how it went."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Annotated

from siyu.delivery.channels import wechat_account
from siyu.delivery.channels.contract import Channel, Session
from siyu.delivery.types import Capabilities, Parcel
from siyu.kit import field
from siyu.vendors import Access, wechat


class TemplateConfig(wechat_account.AccountConfig, frozen=True, forbid_unknown_fields=True):
    mini_program_appid: Annotated[
        str,
        field(
            "跳转小程序 AppID",
            "Opens Mini Program (AppID)",
            "消息的链接当作小程序页面打开；留空则打开网页",
            "A message's link is then a page of it; empty: a web page",
            max_length=64,
        ),
    ] = ""


def _open(config: TemplateConfig, allow_private: bool) -> AbstractContextManager[Session]:
    return wechat_account.opened("wechat_template", config, allow_private, lambda api, one: _call(config, api, one))


def _call(config: TemplateConfig, api: Access, parcel: Parcel) -> str:
    content = parcel.content
    mini: Mapping[str, str] = {}
    if config.mini_program_appid and content.link:
        mini = {"appid": config.mini_program_appid, "pagepath": content.link}
    answer = wechat.send_template(
        api, parcel.address, content.template_id, content.fields, "" if mini else content.link, mini, parcel.key[-32:]
    )
    return str(answer.get("msgid", ""))


CHANNEL = Channel(
    name="wechat_template",
    zh="公众号模板消息",
    en="Official Account template message",
    config=TemplateConfig,
    capabilities=Capabilities(
        subject=False, html=False, unsubscribe=False, idempotent=False, max_chars=1000, template=True, receipts=True
    ),
    needed=("appid", "secret"),
    connector="wechat_oa",
    open=_open,
    address_fault=wechat_account.address_fault,
    reach="official_account",
    identifier=wechat_account.identifier,
    inbound=wechat_account.read,
)
