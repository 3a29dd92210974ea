"""SMS by Tencent Cloud. Sends by approved template; receipts and replies are pushed to the callback address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec

from siyu.delivery.channels import sms
from siyu.delivery.channels.contract import Channel, Commit, Inbound, News, NotConfigured
from siyu.delivery.channels.handing import hand_over
from siyu.delivery.types import Parcel, Result
from siyu.kit import Outbound, SystemClock, field
from siyu.vendors import BadCallback, tencent_sms


class TencentConfig(sms.SmsConfig, frozen=True, forbid_unknown_fields=True):
    secret_id: Annotated[str, field("SecretId", "SecretId", max_length=128)] = ""
    secret_key: Annotated[str, field("SecretKey", "SecretKey", secret=True, max_length=256)] = ""
    sdk_app_id: Annotated[str, field("SdkAppId", "SdkAppId", max_length=40)] = ""
    region: Annotated[str, field("地域", "Region", max_length=40)] = "ap-guangzhou"
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = tencent_sms.API


@contextmanager
def _open(config: TencentConfig, allow_private: bool) -> Iterator[_Sending]:
    if not (config.secret_id and config.secret_key and config.sdk_app_id and config.sign_name):
        raise NotConfigured(channel="sms_tencent", detail="SecretId, SecretKey, SdkAppId and signature are needed.")
    outbound = Outbound(allow_private, timeout=config.timeout_s)
    try:
        yield _Sending(config, outbound)
    finally:
        outbound.close()


class _Sending:
    def __init__(self, config: TencentConfig, outbound: Outbound) -> None:
        self._config = config
        self._outbound = outbound
        base = config.api_url.rstrip("/")
        self._account = tencent_sms.Account(config.secret_id, config.secret_key, config.sdk_app_id, config.region, base)

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        template = parcel.content.template_id or self._config.template_id
        if not template:
            return Result("failed", "bad_template")

        def call() -> str:
            # The vendor compares the signature's time with its own clock. Its variables have places, not names.
            now = SystemClock().now_ms()
            fields = list(sms.fields_of(parcel).values())
            return tencent_sms.send(
                self._outbound, self._account, parcel.address, self._config.sign_name, template, fields, parcel.key, now
            )

        return hand_over(call, commit)


def read(_config: TencentConfig, inbound: Inbound) -> News:
    """A push of reports (an array) or of one reply (an object)."""
    answer = msgspec.json.encode(tencent_sms.RECEIVED)
    try:
        if inbound.body.lstrip()[:1] == b"[":
            found = [sms.receipt(row) for row in tencent_sms.read_receipts(inbound.body)]
            return News(receipts=found, answer=answer, media_type="application/json")
        replies = [sms.reply(row) for row in tencent_sms.read_replies(inbound.body)]
        return News(replies=replies, answer=answer, media_type="application/json")
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise BadCallback(detail=str(error)) from error


CHANNEL = Channel(
    name="sms_tencent",
    zh="短信（腾讯云）",
    en="SMS (Tencent Cloud)",
    config=TencentConfig,
    capabilities=sms.CAPABILITIES,
    needed=("secret_id", "secret_key", "sdk_app_id", "sign_name"),
    open=_open,
    address_fault=sms.address_fault,
    reach=sms.REACH,
    inbound=read,
)
