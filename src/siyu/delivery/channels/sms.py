"""What both SMS providers' channels share: the settings form, the address, the fields of a text."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from siyu.delivery.channels.contract import Receipt, Reply
from siyu.delivery.types import Capabilities, Parcel
from siyu.kit import field
from siyu.vendors import aliyun_sms

_MOBILE = re.compile(r"\+[1-9]\d{6,14}")
CAPABILITIES = Capabilities(
    subject=False, html=False, unsubscribe=False, idempotent=False, max_chars=500, template=True, receipts=True
)
REACH = "sms"


class SmsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sign_name: Annotated[
        str, field("短信签名", "Signature", "审核通过的签名，不带【】", "As approved, without 【】", max_length=50)
    ] = ""
    template_id: Annotated[
        str,
        field(
            "默认模板", "Default template", "消息没有指定模板时用它", "Used where a message names none", max_length=50
        ),
    ] = ""
    per_minute: Annotated[
        int, field("每分钟上限", "Limit per minute", "0 表示不限", "0 means no limit", ge=0, le=1_000_000)
    ] = 3000
    timeout_s: Annotated[int, field("超时（秒）", "Timeout (seconds)", ge=1, le=60)] = 10


def address_fault(address: str) -> bool:
    return not _MOBILE.fullmatch(address)


def fields_of(parcel: Parcel) -> dict[str, str]:
    """The template's variables; a template without any named takes the text as its one variable ``content``."""
    return dict(parcel.content.fields) or {"content": parcel.content.text}


def receipt(found: aliyun_sms.Receipt) -> Receipt:
    return Receipt(
        state="delivered" if found.delivered else "undelivered",
        ref=found.ref,
        key=found.out_id,
        code=found.code,
        detail=f"{found.code} {found.text}".strip(),
        at=found.at,
        bad_address=found.code in _DEAD,
    )


_DEAD = frozenset({"MOBILE_NOT_ON_SERVICE", "UNDELIV_EMPTY", "MK:0001", "NUM_NOT_EXIST", "UNKNOWN_MOBILE"})
"""Codes of networks that say the number does not exist."""


def reply(found: aliyun_sms.Reply) -> Reply:
    return Reply(found.mobile, found.text, found.at, f"{found.mobile} {found.id}")
