"""What the connectors of WeChat and WeCom share: the address check, the envelope, refusals, audiences as tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call
from siyu.delivery import field
from siyu.kit import SECOND
from siyu.vendors import BadCallback, Crypto, callbacks

_MOST = 65_536
"""Bytes of a callback; a message of 2,048 characters in its encrypted envelope is a tenth of it."""


class AudienceTag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever is in the audience has the tag at the vendor."""

    audience: Annotated[str, field("人群", "Audience", max_length=40, widget="audience")] = ""
    tag: Annotated[str, field("标签", "Tag", max_length=30)] = ""


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    word: Annotated[str, field("关键词", "Keyword", max_length=60)] = ""
    text: Annotated[str, field("回复", "Reply", long=True, max_length=600)] = ""


def check_size(call: Call) -> str:
    """The body as text. Raises BadCallback."""
    if len(call.body) > _MOST:
        raise BadCallback(detail="it is too long.")
    return call.body.decode("utf-8", "replace")


def unwrapped(call: Call, crypto: Crypto) -> dict[str, str]:
    """The fields inside an encrypted callback. Raises BadCallback."""
    query = call.query
    callbacks.check_fresh(query.get("timestamp", ""), call.now)
    outer = callbacks.fields_of(check_size(call))
    text = crypto.open(
        outer.get("Encrypt", ""), query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", "")
    )
    return callbacks.fields_of(text)


def leaves_of(text: str) -> dict[str, str]:
    """The leaves of a push, XML or JSON, as the platform was told to send it. Raises BadCallback."""
    return _leaves(json_of(text)) if is_json(text) else callbacks.fields_of(text)


def is_json(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def json_of(text: str) -> dict[str, Any]:
    """Raises BadCallback."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise BadCallback(detail="it is neither XML nor JSON.") from error


def _leaves(part: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in part.items():
        found |= _leaves(value) if isinstance(value, dict) else {name: str(value)}
    return found


def moment(fields: dict[str, str], now: int) -> int:
    """When it happened, epoch ms."""
    seconds = fields.get("CreateTime", "")
    return int(seconds) * SECOND if seconds.isascii() and seconds.isdigit() and len(seconds) < 12 else now


def cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
