"""WeChat: what an Official Account and a Mini Program may send, and what their refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.kit import HOUR, Outbound
from siyu.vendors.calls import Verdict, post_json
from siyu.vendors.tencent_access import ERRORS as COMMON
from siyu.vendors.tencent_access import Access, refused
from siyu.vendors.tokens import TOKENS, Tokens

API = "https://api.weixin.qq.com"
ERRORS: dict[int, Verdict] = COMMON | {
    40037: Verdict("failed", "bad_template"),
    41028: Verdict("failed", "bad_template"),
    41029: Verdict("failed", "bad_template"),
    41030: Verdict("failed", "bad_content"),
    43004: Verdict("failed", "not_following"),
    43019: Verdict("failed", "blocked_by_person"),
    43101: Verdict("failed", "grant_used"),
    43107: Verdict("failed", "bad_config"),
    43116: Verdict("failed", "not_following"),
    43117: Verdict("retry", "too_frequent", 24 * HOUR),
    45002: Verdict("failed", "bad_content"),
    45015: Verdict("failed", "reply_window_closed"),
    45047: Verdict("failed", "reply_window_used"),
    47001: Verdict("failed", "bad_content"),
    47003: Verdict("failed", "bad_content"),
}
"""WeChat's codes. 43117: too frequent for this openid [D]. 45015: past the window; 45047: its messages used up."""


def access(outbound: Outbound, base: str, appid: str, secret: str, tokens: Tokens = TOKENS) -> Access:
    """Calls in the name of one account. Asks for the *stable* token: fetching it leaves other processes' valid."""

    def fetch() -> tuple[str, int]:
        asked = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": False}
        answer = post_json(outbound, f"{base}/cgi-bin/stable_token", msgspec.json.encode(asked))
        if not answer.get("access_token"):
            raise refused(answer, ERRORS)
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))

    return Access(outbound, base, appid, secret, fetch, ERRORS, tokens)


def send_customer_message(api: Access, openid: str, text: str) -> dict[str, Any]:
    """客服消息: only within the windows a customer's own action opens."""
    return api.call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})


def send_template(
    api: Access, openid: str, template: str, fields: Mapping[str, str], link: str, mini: Mapping[str, str], key: str
) -> dict[str, Any]:
    """模板消息. ``key`` makes a repeat within ten minutes harmless [D: client_msg_id]."""
    body: dict[str, Any] = {"touser": openid, "template_id": template, "data": _data(fields), "client_msg_id": key[:32]}
    if link:
        body["url"] = link
    if mini:
        body["miniprogram"] = dict(mini)
    return api.call("/cgi-bin/message/template/send", body)


def send_subscribe(
    api: Access, openid: str, template: str, fields: Mapping[str, str], page: str, state: str
) -> dict[str, Any]:
    """小程序订阅消息: uses up one consent of this person to this template."""
    body: dict[str, Any] = {"touser": openid, "template_id": template, "data": _data(fields)}
    body |= {"miniprogram_state": state, "lang": "zh_CN"} | ({"page": page} if page else {})
    return api.call("/cgi-bin/message/subscribe/send", body)


def _data(fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in fields.items()}
