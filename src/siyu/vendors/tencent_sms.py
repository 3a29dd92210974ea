"""Tencent Cloud SMS (2021-01-11): SendSms signed by TC3-HMAC-SHA256, pushed receipts and replies."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import msgspec

from siyu.kit import HOUR, MINUTE, SECOND, Outbound
from siyu.vendors.aliyun_sms import Receipt, Reply
from siyu.vendors.calls import InDoubt, VendorRefused, Verdict, post_json

API = "https://sms.tencentcloudapi.com"
VERSION = "2021-01-11"
_ALGORITHM = "TC3-HMAC-SHA256"
_CHINA = timezone(timedelta(hours=8))
ERRORS: dict[str, Verdict] = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": Verdict("retry", "too_frequent", 31 * SECOND),
    "LimitExceeded.PhoneNumberOneHourLimit": Verdict("retry", "too_frequent", HOUR),
    "LimitExceeded.PhoneNumberDailyLimit": Verdict("retry", "too_frequent", 12 * HOUR),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": Verdict("failed", "too_frequent"),
    "LimitExceeded.DeliveryFrequencyLimit": Verdict("retry", "too_frequent", MINUTE),
    "LimitExceeded.AppDailyLimit": Verdict("retry", "vendor_quota", 12 * HOUR),
    "LimitExceeded.AppMainlandChinaDailyLimit": Verdict("retry", "vendor_quota", 12 * HOUR),
    "LimitExceeded.DailyLimit": Verdict("retry", "vendor_quota", 12 * HOUR),
    "RequestLimitExceeded": Verdict("retry", "vendor_rate", 2 * SECOND),
    "FailedOperation.InsufficientBalanceInSmsPackage": Verdict("retry", "no_balance", HOUR),
    "FailedOperation.PhoneNumberInBlacklist": Verdict("bad_address", "blocked_by_person"),
    "FailedOperation.ContainSensitiveWord": Verdict("failed", "bad_content"),
    "FailedOperation.MarketingSendTimeConstraint": Verdict("retry", "vendor_quota", 8 * HOUR),
    "FailedOperation.SignatureIncorrectOrUnapproved": Verdict("failed", "bad_config"),
    "FailedOperation.MissingSignature": Verdict("failed", "bad_config"),
    "FailedOperation.TemplateIncorrectOrUnapproved": Verdict("failed", "bad_template"),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Verdict("failed", "bad_content"),
    "FailedOperation.TemplateUnapprovedOrNotExist": Verdict("failed", "bad_template"),
    "InvalidParameterValue.IncorrectPhoneNumber": Verdict("bad_address", "bad_address"),
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": Verdict("failed", "bad_content"),
    "InvalidParameterValue.TemplateParameterLengthLimit": Verdict("failed", "bad_content"),
    "InvalidParameterValue.TemplateParameterFormatError": Verdict("failed", "bad_content"),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Verdict("failed", "bad_config"),
    "UnauthorizedOperation.RequestIpNotInWhitelist": Verdict("failed", "bad_config"),
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": Verdict("failed", "refused_by_peer"),
    "AuthFailure.SignatureFailure": Verdict("failed", "bad_config"),
    "AuthFailure.SignatureExpire": Verdict("failed", "bad_config"),
    "AuthFailure.SecretIdNotFound": Verdict("failed", "bad_config"),
}


class Account(msgspec.Struct, frozen=True):
    secret_id: str
    secret_key: str
    app_id: str
    region: str = "ap-guangzhou"
    base: str = API


def sign(host: str, content_type: str, body: bytes, at_seconds: int, account: Account) -> str:
    """The Authorization header of a POST to the root, with content type and host signed."""
    day = datetime.fromtimestamp(at_seconds, UTC).strftime("%Y-%m-%d")
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            f"content-type:{content_type}\nhost:{host}\n",
            "content-type;host",
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{day}/sms/tc3_request"
    text = f"{_ALGORITHM}\n{at_seconds}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{account.secret_key}".encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return (
        f"{_ALGORITHM} Credential={account.secret_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
    )


def send(
    outbound: Outbound,
    account: Account,
    mobile: str,
    sign_name: str,
    template: str,
    fields: Sequence[str],
    key: str,
    now_ms: int,
) -> str:
    """SendSms to one number. Answers the SerialNo. Raises NotTaken, InDoubt, VendorRefused."""
    body = msgspec.json.encode(
        {
            "PhoneNumberSet": [mobile],
            "SmsSdkAppId": account.app_id,
            "SignName": sign_name,
            "TemplateId": template,
            "TemplateParamSet": list(fields),
            "SessionContext": key,
        }
    )
    host, kind = urlsplit(account.base).netloc, "application/json; charset=utf-8"
    headers = {
        "Content-Type": kind,
        "X-TC-Action": "SendSms",
        "X-TC-Version": VERSION,
        "X-TC-Region": account.region,
        "X-TC-Timestamp": str(now_ms // 1000),
        "Authorization": sign(host, kind, body, now_ms // 1000, account),
    }
    return _taken(post_json(outbound, f"{account.base}/", body, headers))


def _taken(answer: Mapping[str, Any]) -> str:
    response = answer.get("Response") or {}
    if error := response.get("Error"):
        raise _refused(str(error.get("Code", "")), str(error.get("Message", "")))
    statuses = response.get("SendStatusSet") or []
    if len(statuses) != 1:
        raise InDoubt(f"{len(statuses)} results for one message")
    if statuses[0].get("Code") == "Ok":
        return str(statuses[0].get("SerialNo", ""))
    raise _refused(str(statuses[0].get("Code", "")), str(statuses[0].get("Message", "")))


def _refused(code: str, text: str) -> Exception:
    if code.startswith("InternalError") or not code:
        return InDoubt(f"{code} {text}"[:300])
    if code.startswith("LimitExceeded.") and code not in ERRORS:
        return VendorRefused(code, text, Verdict("retry", "vendor_quota", HOUR))
    return VendorRefused(code, text, ERRORS.get(code, Verdict("failed", "refused_by_peer")))


class _Report(msgspec.Struct):
    mobile: str
    report_status: str
    sid: str
    nationcode: str = "86"
    user_receive_time: str = ""
    errmsg: str = ""
    description: str = ""


class _Up(msgspec.Struct):
    mobile: str
    text: str
    nationcode: str = "86"
    time: int = 0
    sign: str = ""
    extend: str = ""


def read_receipts(body: bytes) -> list[Receipt]:
    """A push of delivery reports. Raises msgspec.ValidationError or DecodeError."""
    return [
        Receipt(
            ref=row.sid,
            out_id="",
            mobile=f"+{row.nationcode}{row.mobile}",
            delivered=row.report_status == "SUCCESS",
            code="" if row.report_status == "SUCCESS" else row.errmsg,
            text=row.description[:200],
            at=_moment(row.user_receive_time),
        )
        for row in msgspec.json.decode(body, type=list[_Report])
    ]


def read_replies(body: bytes) -> list[Reply]:
    """A push of one reply. Raises as ``read_receipts``."""
    row = msgspec.json.decode(body, type=_Up)
    return [Reply(f"+{row.nationcode}{row.mobile}", row.text, row.time * SECOND, str(row.time))]


def _moment(text: str) -> int:
    try:
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_CHINA).timestamp() * 1000)
    except ValueError:
        return 0


RECEIVED: dict[str, Any] = {"result": 0, "errmsg": "OK"}
"""What a push is answered; anything else is pushed again."""
