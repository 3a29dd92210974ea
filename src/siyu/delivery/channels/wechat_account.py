"""What the WeChat channels share: an account's settings, its calls, its callbacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec

from siyu.delivery.channels.contract import Commit, Heard, Inbound, News, NotConfigured, Receipt
from siyu.delivery.channels.handing import hand_over
from siyu.delivery.types import Parcel, Result
from siyu.kit import SECOND, Outbound, field
from siyu.vendors import Access, BadCallback, Crypto, callbacks, wechat

_OPENID = re.compile(r"[\w-]{10,64}")


class WechatConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    connector: Annotated[
        str,
        field("使用连接器的凭据", "Use a connector's account", "选了就不用填下面的凭据，改一处即可",
              "Then its credentials are used and those below may stay empty", max_length=40),
    ] = ""  # fmt: skip
    appid: Annotated[str, field("AppID", "AppID", max_length=64)] = ""
    secret: Annotated[str, field("AppSecret", "AppSecret", secret=True, max_length=128)] = ""
    per_minute: Annotated[
        int, field("每分钟上限", "Limit per minute", "0 表示不限", "0 means no limit", ge=0, le=1_000_000)
    ] = 0
    timeout_s: Annotated[int, field("超时（秒）", "Timeout (seconds)", ge=1, le=60)] = 10
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = wechat.API


class AccountConfig(WechatConfig, frozen=True, forbid_unknown_fields=True):
    """An Official Account, which also tells what its followers do."""

    callback_token: Annotated[
        str,
        field(
            "回调 Token",
            "Callback token",
            "与公众平台「服务器配置」一致",
            "As in the platform's server settings",
            secret=True,
            max_length=64,
        ),
    ] = ""
    encoding_key: Annotated[
        str,
        field("EncodingAESKey", "EncodingAESKey", "明文模式留空", "Empty in plain mode", secret=True, max_length=43),
    ] = ""


Call = Callable[[Access, Parcel], str]


class Sending:
    """A session: one call a parcel."""

    def __init__(self, api: Access, call: Call) -> None:
        self._api = api
        self._call = call

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        return hand_over(lambda: self._call(self._api, parcel), commit, self._api.token)


@contextmanager
def opened(channel: str, config: WechatConfig, allow_private: bool, call: Call) -> Iterator[Sending]:
    if not (config.appid and config.secret):
        raise NotConfigured(channel=channel, detail="AppID and AppSecret are needed.")
    outbound = Outbound(allow_private, timeout=config.timeout_s)
    try:
        yield Sending(wechat.access(outbound, config.api_url.rstrip("/"), config.appid, config.secret), call)
    finally:
        outbound.close()


def identifier(config: WechatConfig) -> str:
    """An openid is worth something to its own account only."""
    return f"openid.{config.appid}" if config.appid else ""


def address_fault(address: str) -> bool:
    return not _OPENID.fullmatch(address)


_MOST = 65_536
"""Bytes of a callback; a message of 2,048 characters in its encrypted envelope is a tenth of it."""
_EVENTS = {
    "subscribe": "oa_followed",
    "unsubscribe": "oa_unfollowed",
    "SCAN": "oa_scanned",
    "CLICK": "oa_menu_clicked",
    "VIEW": "oa_menu_clicked",
}


def read(config: AccountConfig, inbound: Inbound) -> News:
    """The address check, a follower's message or act, or how a template message went."""
    query = dict(inbound.query)
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not config.callback_token:
        raise BadCallback(detail="the callback token is not set up.")
    callbacks.check_fresh(timestamp, inbound.now)
    if inbound.method == "GET":
        callbacks.check_signature(query.get("signature", ""), config.callback_token, timestamp, nonce)
        return News(answer=query.get("echostr", "").encode()[:200])
    if len(inbound.body) > _MOST:
        raise BadCallback(detail="it is too long.")
    text = inbound.body.decode("utf-8", "replace")
    if query.get("encrypt_type") == "aes":
        crypto = Crypto(config.callback_token, config.encoding_key, config.appid)
        text = crypto.open(
            callbacks.fields_of(text).get("Encrypt", ""), query.get("msg_signature", ""), timestamp, nonce
        )
    else:
        callbacks.check_signature(query.get("signature", ""), config.callback_token, timestamp, nonce)
        if config.encoding_key:
            raise BadCallback(detail="it came in plain, though encryption is set up.")
    return _news(config, callbacks.fields_of(text))


def _news(config: AccountConfig, said: dict[str, str]) -> News:
    """An empty answer is valid, and says the callback was taken."""
    openid, event = said.get("FromUserName", ""), said.get("Event", "")
    seconds = said.get("CreateTime", "")
    at = int(seconds) * SECOND if seconds.isascii() and seconds.isdigit() else 0
    if event == "TEMPLATESENDJOBFINISH":
        return News(receipts=[_job_receipt(said, at)])
    name = "oa_message_received" if not event else _EVENTS.get(event, "")
    if not (name and openid and at):
        return News()
    id = said.get("MsgId") or f"{openid} {seconds} {event}"
    props = {"msg_type": said.get("MsgType", ""), "key": said.get("EventKey", "")}
    heard = Heard(name, identifier(config), openid, at, id, {k: v[:500] for k, v in props.items() if v})
    return News(heard=[heard])


def _job_receipt(said: dict[str, str], at: int) -> Receipt:
    status = said.get("Status", "")
    return Receipt(
        state="delivered" if status == "success" else "undelivered",
        ref=said.get("MsgID", ""),
        code="" if status == "success" else status[:60],
        detail=status[:200],
        at=at,
    )
