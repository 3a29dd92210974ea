"""App push through one signed webhook: the shop's own push service, or a gateway before Apple's and the phone makers'.

The gateway answers ``{"result": "sent"}``, ``{"result": "invalid_token"}`` (never use the token again) or
``{"result": "failed", "detail": "…"}``; a repeated Idempotency-Key must be answered as the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import httpx
import msgspec

from siyu.delivery.channels.contract import Channel, Commit, NotConfigured
from siyu.delivery.channels.webhook import WebhookConfig, judge
from siyu.delivery.types import Capabilities, Parcel, Result
from siyu.kit import Outbound, OutboundRefused, SystemClock, field, iso, signature


class PushConfig(WebhookConfig, frozen=True, forbid_unknown_fields=True):
    collapse: Annotated[
        bool,
        field(
            "同一活动只留最新一条",
            "Keep only the newest of a campaign",
            "交给推送服务处理",
            "Left to the push service",
        ),
    ] = False


class _Answer(msgspec.Struct):
    result: str = "sent"
    detail: str = ""
    id: str = ""


@contextmanager
def _open(config: PushConfig, allow_private: bool) -> Iterator[_Pushing]:
    if not config.url or not config.secret:
        raise NotConfigured(channel="app_push", detail="address and signing secret are needed.")
    outbound = Outbound(allow_private, timeout=config.timeout_s)
    try:
        yield _Pushing(config, outbound)
    finally:
        outbound.close()


class _Pushing:
    def __init__(self, config: PushConfig, outbound: Outbound) -> None:
        self._config = config
        self._outbound = outbound

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        content = parcel.content
        body = msgspec.json.encode(
            {
                "id": parcel.key,
                "token": parcel.address,
                "title": content.subject,
                "body": content.text,
                "link": content.link,
                "data": content.fields,
                "collapse_key": parcel.campaign if self._config.collapse else "",
                "created_at": iso(parcel.at),
            }
        )
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key,
            "Siyu-Signature": signature(self._config.secret, SystemClock().now_ms() // 1000, body),
        }
        commit()
        try:
            return _judge(self._outbound.post(self._config.url, body, headers))
        except OutboundRefused as error:
            return Result("failed", "bad_config", error.message()[:300])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Result("retry", "no_peer", (str(error) or type(error).__name__)[:300])


def _judge(answer: httpx.Response) -> Result:
    if not answer.is_success:
        return judge(answer)
    try:
        said = msgspec.json.decode(answer.content or b"{}", type=_Answer)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Result("sent")
    match said.result:
        case "invalid_token":
            return Result("failed", "bad_address", said.detail[:300], bad_address=True)
        case "failed":
            return Result("failed", "refused_by_peer", said.detail[:300])
        case _:
            return Result("sent", ref=said.id[:200])


CHANNEL = Channel(
    name="app_push",
    zh="App 推送",
    en="App push",
    config=PushConfig,
    capabilities=Capabilities(subject=True, html=False, unsubscribe=False, idempotent=True, max_chars=500),
    needed=("url", "secret"),
    open=_open,
    address_fault=lambda address: not address or len(address) > 500,
    reach="app",
)
