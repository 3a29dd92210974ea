"""Any system that takes a signed POST. It recognises the Idempotency-Key, so trying again is harmless."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import httpx
import msgspec

from siyu.delivery.channels.contract import Channel, Commit, NotConfigured
from siyu.delivery.types import Capabilities, Parcel, Result
from siyu.kit import Outbound, OutboundRefused, SystemClock, field, iso, signature

_TRY_LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class WebhookConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Annotated[str, field("地址", "Address", "收到消息的接口", "Where messages are posted to", max_length=2000)] = (
        ""
    )
    secret: Annotated[
        str,
        field(
            "签名密钥",
            "Signing secret",
            "接收方用它核对 Siyu-Signature",
            "The receiver checks Siyu-Signature with it",
            secret=True,
            max_length=1000,
        ),
    ] = ""
    per_minute: Annotated[
        int, field("每分钟上限", "Limit per minute", "0 表示不限", "0 means no limit", ge=0, le=1_000_000)
    ] = 6000
    timeout_s: Annotated[int, field("超时（秒）", "Timeout (seconds)", ge=1, le=60)] = 10


@contextmanager
def _open(config: WebhookConfig, allow_private: bool) -> Iterator[_Posting]:
    if not config.url or not config.secret:
        raise NotConfigured(channel="webhook", detail="address and signing secret are needed.")
    outbound = Outbound(allow_private, timeout=config.timeout_s)
    try:
        yield _Posting(config, outbound)
    finally:
        outbound.close()


class _Posting:
    def __init__(self, config: WebhookConfig, outbound: Outbound) -> None:
        self._config = config
        self._outbound = outbound

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        body = msgspec.json.encode(
            {
                "id": parcel.key,
                "person": parcel.person,
                "address": parcel.address,
                "campaign": parcel.campaign,
                "created_at": iso(parcel.at),
                "subject": parcel.content.subject,
                "text": parcel.content.text,
                "html": parcel.content.html,
                "coupon": parcel.content.coupon,
                "unsubscribe_url": parcel.content.unsubscribe,
            }
        )
        # The receiver compares this with its own clock, so it is the machine's and not the one tests hold still.
        now = SystemClock().now_ms() // 1000
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key,
            "Siyu-Signature": signature(self._config.secret, now, body),
        }
        commit()
        try:
            return judge(self._outbound.post(self._config.url, body, headers))
        except OutboundRefused as error:
            return Result("failed", "bad_config", error.message()[:300])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Result("retry", "no_peer", (str(error) or type(error).__name__)[:300])


def judge(answer: httpx.Response) -> Result:
    said = f"{answer.status_code} {answer.text[:200]}"
    if answer.is_success:
        return Result("sent")
    if answer.status_code in _TRY_LATER:
        wait = answer.headers.get("Retry-After", "")
        return Result("retry", "peer_busy", said, after_ms=min(int(wait), 86_400) * 1000 if wait.isdigit() else 0)
    return Result("failed", "refused_by_peer", said)


CHANNEL = Channel(
    name="webhook",
    zh="Webhook",
    en="Webhook",
    config=WebhookConfig,
    capabilities=Capabilities(
        subject=True, html=True, unsubscribe=False, idempotent=True, max_chars=100_000, side_by_side=8
    ),
    needed=("url", "secret"),
    open=_open,
    address_fault=lambda address: not address or len(address) > 500,
)
