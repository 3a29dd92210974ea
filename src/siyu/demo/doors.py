"""Two connectors and three printed codes: who scanned, who followed, who left again, whose parcel was recognised.

All of it comes by the doors: callbacks as the vendors sign them, and the pages behind the codes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec

from siyu.demo.account import Fan
from siyu.demo.crowd import Plan, lives
from siyu.demo.serving import DemoFailed, Serving
from siyu.demo.story import SHOPS, Life
from siyu.kit import DAY, HOUR, SECOND, iso
from siyu.vendors import callbacks

APPID = "wx0a11ce"
_NAME, _TILL = "澄颜公众号", "静安门店收银"
_TOKEN, _SECRET = "demo-callback-token", "demo-secret-of-the-till-in-jingan"
_LOOKED_AT, _JOINERS, _LEAVERS, _VISITS = 600, 45, 6, 5

_CODES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("静安门店立牌", "store", {"tags": ["静安门店"], "text": "欢迎来到静安门店，回复「试用」领小样"}),
    ("春季包裹卡", "parcel", {"tags": ["包裹卡"], "text": "感谢回购，凭订单领小样", "gift": "玫瑰精华小样 5 ml"}),
    ("小红书博主合作", "campaign", {"tags": ["小红书"], "text": "博主同款礼盒在这里"}),
)


def _cast(plan: Plan) -> list[Life]:
    """Customers whose WeChat the Mini Program knows: whoever follows is somebody already."""
    known = (life for life in islice(lives(plan), _LOOKED_AT) if life.home == "mini" and life.linked and life.orders)
    return list(islice(known, _JOINERS))


def _fan(plan: Plan, place: int, life: Life) -> Fan:
    at = plan.now - (place * 7 % 20) * DAY // 2 - (place % 9 + 1) * HOUR
    return Fan(life.who.secret("oa", head="oA"), life.who.secret("union", head="oU"), at // SECOND)


def fans(plan: Plan) -> list[Fan]:
    """Who follows the account by a code, those who left again not."""
    found = [_fan(plan, place, life) for place, life in enumerate(_cast(plan))]
    return found[: max(0, len(found) - _LEAVERS)]


def point(server: Serving, url: str) -> dict[str, Any]:
    """The account's connector, made where it is missing, asking at ``url``."""
    config: dict[str, Any] = {"appid": APPID, "secret": "demo", "token": _TOKEN, "mode": "plain", "api_url": url}
    config |= {
        "follow_reply": "欢迎关注澄颜，回复「礼」领新人礼",
        "replies": [{"word": "礼", "text": "新人礼券 ¥20：NEW20"}],
    }
    held = _install(server, _NAME, "wechat_oa", config, "微信生态/公众号")
    if held["config"]["api_url"] != url:
        path, version = f"/api/connectors/{held['id']}", held["version"]
        held = server.call("PATCH", path, {"config": config}, version)
    return held


def _install(server: Serving, name: str, connector: str, config: dict[str, Any], category: str) -> dict[str, Any]:
    for one in server.call("GET", "/api/connectors")["items"]:
        if one["name"] == name:
            return dict(one)
    body = {"connector": connector, "name": name, "config": config}
    made: dict[str, Any] = server.call("POST", "/api/connectors", body)
    path = f"/api/sources/{made['source_id']}"
    server.call("PATCH", path, {"category": category}, server.call("GET", path)["version"])
    return made


def open_up(server: Serving, plan: Plan, url: str) -> None:
    """Set all of it up and let it happen. Done before: nothing happens twice."""
    account = point(server, url)
    till = _install(server, _TILL, "pos", {"secret": _SECRET, "shop": SHOPS["store"]}, "线下/门店")
    cast = _cast(plan)
    _visits(server, till, plan, cast)
    held = {one["name"]: one for one in server.call("GET", "/api/codes?limit=200")["items"]}
    if all(name in held for name, _, _ in _CODES):
        return
    codes = [
        held.get(name)
        or server.call(
            "POST", "/api/codes", {"install_id": account["id"], "name": name, "kind": kind, "config": config}
        )
        for name, kind, config in _CODES
    ]
    orders = [life.order_id(*life.orders[-1][:2]) for life in cast]
    if orders:
        server.call("POST", f"/api/codes/{codes[1]['id']}/orders", {"orders": orders[: len(orders) * 4 // 5]})
    _scans(server, account, codes, plan, cast)


def _scans(server: Serving, account: dict[str, Any], codes: list[dict[str, Any]], plan: Plan, cast: list[Life]) -> None:
    for place, life in enumerate(cast):
        code, fan = codes[(place + place // 4) % len(codes)], _fan(plan, place, life)
        for _ in range(1 + place % 3):
            server.client.get(urlsplit(code["url"]).path)
        _tell(server, account, fan, fan.at, "subscribe", f"qrscene_{code['state']}")
        if place >= len(cast) - _LEAVERS:
            _tell(server, account, fan, fan.at + HOUR // SECOND // 2, "unsubscribe", "")


def _tell(server: Serving, account: dict[str, Any], fan: Fan, at: int, event: str, key: str) -> None:
    """A callback in plain mode, as the platform makes it."""
    stamp = str(int(time.time()))
    fields = {"ToUserName": "gh_demo", "FromUserName": fan.openid, "UnionId": fan.unionid, "CreateTime": str(at)}
    fields |= {"MsgType": "event", "Event": event, "EventKey": key}
    body = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    query = {"timestamp": stamp, "nonce": "demo", "signature": callbacks.signed(_TOKEN, stamp, "demo")}
    _post(server, account, f"<xml>{body}</xml>".encode(), query, {})


def _visits(server: Serving, till: dict[str, Any], plan: Plan, cast: list[Life]) -> None:
    """Members who came to the store, as the till pushes them."""
    came = [
        {"type": "visit", "id": f"visit-{place}", "at": iso(plan.now - (place + 1) * 5 * HOUR), "store": SHOPS["store"],
         "ids": {"unionid": life.who.secret("union", head="oU")}, "staff": "林店长"}
        for place, life in enumerate(cast[:_VISITS])
    ]  # fmt: skip
    stamp, body = str(int(time.time())), msgspec.json.encode({"events": came})
    made = hmac.new(_SECRET.encode(), f"visits.{stamp}.".encode() + body, hashlib.sha256).digest()
    signed = {"webhook-id": "visits", "webhook-timestamp": stamp}
    _post(server, till, body, {}, signed | {"webhook-signature": f"v1,{base64.b64encode(made).decode()}"})


def _post(
    server: Serving, install: dict[str, Any], body: bytes, query: dict[str, str], headers: dict[str, str]
) -> None:
    path = urlsplit(install["doors"][0]["url"]).path
    answer = server.client.post(path, params=query, content=body, headers=headers)
    if answer.is_error:
        raise DemoFailed(detail=f"{install['name']} answered {answer.status_code} {answer.text[:200]}")
