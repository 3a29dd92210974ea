"""Aliyun SMS (dysmsapi 2017-05-25): SendSms signed by ACS3-HMAC-SHA256, pushed receipts and replies."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from siyu.kit import HOUR, MINUTE, SECOND, Outbound, iso
from siyu.vendors.calls import InDoubt, VendorRefused, Verdict, post_json

API = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
_ALGORITHM = "ACS3-HMAC-SHA256"
_CHINA = timezone(timedelta(hours=8))
ERRORS: dict[str, Verdict] = {
    "isv.BUSINESS_LIMIT_CONTROL": Verdict("retry", "too_frequent", HOUR),
    "isv.DAY_LIMIT_CONTROL": Verdict("retry", "vendor_quota", 12 * HOUR),
    "isv.MONTH_LIMIT_CONTROL": Verdict("failed", "vendor_quota"),
    "isv.MOBILE_NUMBER_ILLEGAL": Verdict("bad_address", "bad_address"),
    "isv.MOBILE_COUNT_OVER_LIMIT": Verdict("failed", "refused_by_peer"),
    "isv.BLACK_KEY_CONTROL_LIMIT": Verdict("failed", "bad_content"),
    "isv.PARAM_LENGTH_LIMIT": Verdict("failed", "bad_content"),
    "isv.PARAM_NOT_SUPPORT_URL": Verdict("failed", "bad_content"),
    "isv.TEMPLATE_MISSING_PARAMETERS": Verdict("failed", "bad_content"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": Verdict("failed", "bad_content"),
    "isv.INVALID_JSON_PARAM": Verdict("failed", "bad_content"),
    "isv.SMS_TEMPLATE_ILLEGAL": Verdict("failed", "bad_template"),
    "isv.SMS_SIGNATURE_ILLEGAL": Verdict("failed", "bad_config"),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": Verdict("failed", "bad_config"),
    "isv.ACCOUNT_NOT_EXISTS": Verdict("failed", "bad_config"),
    "isv.ACCOUNT_ABNORMAL": Verdict("failed", "bad_config"),
    "isv.AMOUNT_NOT_ENOUGH": Verdict("retry", "no_balance", HOUR),
    "isv.OUT_OF_SERVICE": Verdict("retry", "no_balance", HOUR),
    "isp.RAM_PERMISSION_DENY": Verdict("failed", "bad_config"),
    "SignatureDoesNotMatch": Verdict("failed", "bad_config"),
    "InvalidAccessKeyId.NotFound": Verdict("failed", "bad_config"),
    "InvalidTimeStamp.Expired": Verdict("failed", "bad_config"),
    "Throttling": Verdict("retry", "vendor_rate", 10 * SECOND),
    "Throttling.User": Verdict("retry", "vendor_rate", 10 * SECOND),
}
_LEVELS = {"分钟": MINUTE, "小时": HOUR, "天": 12 * HOUR}
"""``isv.BUSINESS_LIMIT_CONTROL`` says in its text which of its limits was met."""
_UNKNOWN = frozenset({"isp.SYSTEM_ERROR", "InternalError", "ServiceUnavailable"})
"""After these nobody can tell whether the message went."""


class Receipt(msgspec.Struct, frozen=True):
    """What an operator's network said about one text. ``out_id`` is our own key."""

    ref: str
    out_id: str
    mobile: str
    delivered: bool
    code: str
    text: str
    at: int


class Reply(msgspec.Struct, frozen=True):
    """What somebody answered by text."""

    mobile: str
    text: str
    at: int
    id: str


class Account(msgspec.Struct, frozen=True):
    key_id: str
    key_secret: str
    base: str = API


def sign(method: str, url: str, headers: Mapping[str, str], body: bytes, account: Account) -> str:
    """The Authorization header. ``headers`` are signed when they are host, content-type or ``x-acs-…``."""
    parts = urlsplit(url)
    chosen = {k.lower(): v.strip() for k, v in headers.items()}
    names = sorted(name for name in chosen if name in ("host", "content-type") or name.startswith("x-acs-"))
    canonical = "\n".join(
        (
            method,
            parts.path or "/",
            parts.query,
            "".join(f"{name}:{chosen[name]}\n" for name in names),
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        )
    )
    text = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(account.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={account.key_id},SignedHeaders={';'.join(names)},Signature={signature}"


def send(
    outbound: Outbound,
    account: Account,
    mobile: str,
    sign_name: str,
    template: str,
    fields: Mapping[str, str],
    key: str,
    now_ms: int,
) -> str:
    """SendSms to one number. Answers the BizId. Raises NotTaken, InDoubt, VendorRefused."""
    asked = {"PhoneNumbers": mobile.removeprefix("+86").removeprefix("+"), "SignName": sign_name}
    asked |= {"TemplateCode": template, "OutId": key}
    if fields:
        asked["TemplateParam"] = msgspec.json.encode(dict(fields)).decode()
    query = "&".join(f"{_quoted(name)}={_quoted(asked[name])}" for name in sorted(asked))
    url = f"{account.base}/?{query}"
    headers = {
        "host": urlsplit(url).netloc,
        "x-acs-action": "SendSms",
        "x-acs-version": VERSION,
        "x-acs-date": f"{iso(now_ms)[:19]}Z",
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    headers["Authorization"] = sign("POST", url, headers, b"", account)
    del headers["host"]  # the way out sets it
    return _taken(post_json(outbound, url, b"", headers))


def _taken(answer: Mapping[str, Any]) -> str:
    code, text = str(answer.get("Code", "")), str(answer.get("Message", ""))
    if code == "OK":
        return str(answer.get("BizId", ""))
    if code in _UNKNOWN or not code:
        raise InDoubt(f"{code} {text}"[:300])
    verdict = ERRORS.get(code, Verdict("failed", "refused_by_peer"))
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        wait = next((ms for level, ms in _LEVELS.items() if f"{level}级" in text), verdict.wait_ms)
        verdict = msgspec.structs.replace(verdict, wait_ms=wait)
    raise VendorRefused(code, text, verdict)


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


class _Report(msgspec.Struct):
    phone_number: str
    success: bool
    biz_id: str
    report_time: str = ""
    send_time: str = ""
    err_code: str = ""
    err_msg: str = ""
    out_id: str | None = None


class _Up(msgspec.Struct):
    phone_number: str
    content: str
    send_time: str = ""
    sequence_id: int | str = ""


def read_receipts(body: bytes) -> list[Receipt]:
    """A push of SmsReport. Raises msgspec.ValidationError or DecodeError."""
    return [
        Receipt(
            ref=row.biz_id,
            out_id=row.out_id or "",
            mobile=_e164(row.phone_number),
            delivered=row.success,
            code=row.err_code,
            text=row.err_msg[:200],
            at=_moment(row.report_time or row.send_time),
        )
        for row in msgspec.json.decode(body, type=list[_Report])
    ]


def read_replies(body: bytes) -> list[Reply]:
    """A push of SmsUp. Raises as ``read_receipts``."""
    rows: Sequence[_Up] = msgspec.json.decode(body, type=list[_Up])
    return [
        Reply(_e164(row.phone_number), row.content, _moment(row.send_time), str(row.sequence_id or row.send_time))
        for row in rows
    ]


def _e164(mobile: str) -> str:
    return mobile if mobile.startswith("+") else f"+86{mobile.removeprefix('86') if len(mobile) == 13 else mobile}"


def _moment(text: str) -> int:
    """Epoch ms of ``2026-03-02 10:00:00`` on China's clock; 0 when there is none."""
    try:
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_CHINA).timestamp() * 1000)
    except ValueError:
        return 0


RECEIVED: dict[str, Any] = {"code": 0, "msg": "成功"}
"""What a push is answered; anything else is pushed again."""
