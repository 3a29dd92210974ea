"""Happenings in the words of the clients that would send them: Segment's libraries and the Sensors SDKs."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from siyu.demo.cast import Ids
from siyu.demo.story import Happening
from siyu.kit import iso

Protocol = Literal["segment", "sensors"]


class Door(msgspec.Struct, frozen=True):
    """A source of the demo. ``client`` is the library whose requests it sends, ``category`` its place in the tree."""

    key: str
    name: str
    protocol: Protocol
    category: str
    client: tuple[str, str]


DOORS = {
    door.key: door
    for door in (
        Door("mini", "微信小程序商城", "sensors", "微信生态/小程序", ("MiniProgram", "1.22.7")),
        Door("web", "品牌官网", "sensors", "自有渠道/官网", ("js", "1.27.11")),
        Door("oa", "微信公众号", "sensors", "微信生态/公众号", ("python", "1.11.0")),
        Door("tmall", "天猫旗舰店订单", "sensors", "电商平台/天猫", ("python", "1.11.0")),
        Door("app", "品牌 App", "segment", "自有渠道/App", ("analytics-swift", "1.7.3")),
        Door("wecom", "企业微信", "segment", "微信生态/企业微信", ("segment-analytics-python", "2.4.0")),
        Door("store", "门店 POS", "segment", "线下/门店", ("@segment/analytics-node", "2.3.0")),
        Door("crm", "会员中心", "segment", "自有渠道/会员中心", ("rudder-sdk-python", "2.1.9")),
    )
}

_SEGMENT_NAMES = {
    "product_viewed": "Product Viewed",
    "cart_added": "Product Added",
    "order_paid": "Order Completed",
    "order_refunded": "Order Refunded",
    "coupon_used": "Coupon Applied",
    "member_registered": "Signed Up",
    "app_installed": "Application Installed",
    "app_uninstalled": "Application Uninstalled",
    "app_opened": "Application Opened",
    "opted_out": "Unsubscribed",
}
_SENSORS_NAMES = {
    "page_viewed": "$pageview",
    "mp_visited": "$MPShow",
    "product_viewed": "ViewProduct",
    "cart_added": "addToCart",
    "order_paid": "payOrder",
}
_IDENTITIES = {
    "user_id": "$identity_login_id",
    "mobile": "$identity_mobile",
    "openid_mp": "$identity_mp_wx5ea0de_openid",
    "openid_oa": "$identity_mp_wx0a11ce_openid",
    "unionid": "$identity_mp_unionid",
    "device": "$identity_cookie_id",
    "tmall_buyer": "$identity_tmall_buyer",
}
_PRESETS = {"url": "$url", "title": "$title", "path": "$url_path", "scene": "$scene"}
_FORM = str.maketrans({"+": "%2B", "/": "%2F", "=": "%3D"})
"""All that has to be quoted in base64."""

_encode = msgspec.json.Encoder().encode


def mark_of(one: Happening) -> str:
    """The same happening has the same mark on every run, so that sending it again changes nothing."""
    about = one.props.get("product_id") or one.props.get("channel") or ""
    text = f"{one.door}/{one.at}/{one.event}/{sorted(one.ids.items())}/{about}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def segment_items(one: Happening) -> list[dict[str, Any]]:
    """Calls of a Segment library: identify when traits come with it, track when something happened."""
    name, version = DOORS[one.door].client
    mark = mark_of(one)
    context: dict[str, Any] = {"library": {"name": name, "version": version}, "locale": "zh-CN"}
    if foreign := [kind for kind in one.ids if kind not in ("user_id", "device")]:
        context["externalIds"] = [{"type": kind, "id": one.ids[kind], "encoding": "none"} for kind in foreign]
    item: dict[str, Any] = {
        "userId": one.ids.get("user_id"),
        "anonymousId": one.ids.get("device"),
        "timestamp": iso(one.at),
        "context": context,
        "integrations": {},
    }
    items = []
    if one.traits:
        items.append(item | {"type": "identify", "messageId": f"i-{mark}", "traits": one.traits})
    if one.event:
        event = _SEGMENT_NAMES.get(one.event, one.event)
        items.append(item | {"type": "track", "messageId": f"t-{mark}", "event": event, "properties": one.props})
    return items


def sensors_items(one: Happening) -> list[dict[str, Any]]:
    """Records of a Sensors client. The first identity also stands as distinct_id, the way each client writes it."""
    name, version = DOORS[one.door].client
    record: dict[str, Any] = {
        "distinct_id": _distinct(one.ids),
        "identities": {_IDENTITIES[kind]: value for kind, value in one.ids.items()},
        "time": one.at,
        "lib": {"$lib": name, "$lib_version": version, "$lib_method": "code"},
        "_track_id": int(mark_of(one)[:8], 16),
    }
    items = []
    if one.traits:
        items.append(record | {"type": "profile_set", "properties": one.traits})
    if one.event:
        presets = {"$lib": name, "$lib_version": version, "$is_first_day": False}
        props = {_PRESETS.get(name, name): value for name, value in one.props.items()}
        event = _SENSORS_NAMES.get(one.event, one.event)
        items.append(record | {"type": "track", "event": event, "properties": presets | props})
    return items


def _distinct(ids: Ids) -> str:
    if "user_id" in ids:
        return ids["user_id"]
    kind, value = next(iter(ids.items()))
    return value if kind == "device" else f"{_IDENTITIES[kind]}+{value}"


ITEMS: dict[Protocol, Callable[[Happening], list[dict[str, Any]]]] = {
    "segment": segment_items,
    "sensors": sensors_items,
}


class Request(msgspec.Struct, frozen=True):
    """A request to a collect door, ready to send; ``count`` is the records in it."""

    path: str
    body: bytes
    headers: dict[str, str]
    count: int


def request(door: Door, key: str, items: Sequence[dict[str, Any]], now: int) -> Request:
    """One request as the door's client makes it; ``now`` is when the client sends, epoch ms."""
    if door.protocol == "segment":
        credentials = base64.b64encode(f"{key}:".encode()).decode()
        body = gzip.compress(_encode({"batch": items, "sentAt": iso(now)}), 1, mtime=0)
        headers = {
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        return Request("/v1/batch", body, headers, len(items))
    text = _encode([item | {"_flush_time": now} for item in items])
    web = door.client[0] == "js"
    packed = base64.b64encode(text if web else gzip.compress(text, 1, mtime=0)).decode()
    form = f"data_list={packed.translate(_FORM)}" + ("" if web else "&gzip=1")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request(f"/sa?project=default&token={key}", form.encode(), headers, len(items))
