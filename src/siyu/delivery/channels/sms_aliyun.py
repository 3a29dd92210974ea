"""SMS by Aliyun. Sends by approved template; receipts and replies are pushed to the callback address."""

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
from siyu.vendors import BadCallback, aliyun_sms


class AliyunConfig(sms.SmsConfig, frozen=True, forbid_unknown_fields=True):
    access_key_id: Annotated[str, field("AccessKey ID", "AccessKey ID", max_length=128)] = ""
    access_key_secret: Annotated[str, field("AccessKey Secret", "AccessKey Secret", secret=True, max_length=256)] = ""
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = aliyun_sms.API


@contextmanager
def _open(config: AliyunConfig, allow_private: bool) -> Iterator[_Sending]:
    if not (config.access_key_id and config.access_key_secret and config.sign_name):
        raise NotConfigured(channel="sms_aliyun", detail="AccessKey and signature are needed.")
    outbound = Outbound(allow_private, timeout=config.timeout_s)
    try:
        yield _Sending(config, outbound)
    finally:
        outbound.close()


class _Sending:
    def __init__(self, config: AliyunConfig, outbound: Outbound) -> None:
        self._config = config
        self._outbound = outbound
        self._account = aliyun_sms.Account(config.access_key_id, config.access_key_secret, config.api_url.rstrip("/"))

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        template = parcel.content.template_id or self._config.template_id
        if not template:
            return Result("failed", "bad_template")

        def call() -> str:
            # The vendor compares the signature's time with its own clock.
            now = SystemClock().now_ms()
            fields = sms.fields_of(parcel)
            return aliyun_sms.send(
                self._outbound, self._account, parcel.address, self._config.sign_name, template, fields, parcel.key, now
            )

        return hand_over(call, commit)


def read(_config: AliyunConfig, inbound: Inbound) -> News:
    """A push of reports or of replies; both are arrays, told apart by their fields."""
    answer = msgspec.json.encode(aliyun_sms.RECEIVED)
    try:
        if b'"biz_id"' in inbound.body:
            found = [sms.receipt(row) for row in aliyun_sms.read_receipts(inbound.body)]
            return News(receipts=found, answer=answer, media_type="application/json")
        replies = [sms.reply(row) for row in aliyun_sms.read_replies(inbound.body)]
        return News(replies=replies, answer=answer, media_type="application/json")
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise BadCallback(detail=str(error)) from error


CHANNEL = Channel(
    name="sms_aliyun",
    zh="短信（阿里云）",
    en="SMS (Aliyun)",
    config=AliyunConfig,
    capabilities=sms.CAPABILITIES,
    needed=("access_key_id", "access_key_secret", "sign_name"),
    open=_open,
    address_fault=sms.address_fault,
    reach=sms.REACH,
    inbound=read,
)
