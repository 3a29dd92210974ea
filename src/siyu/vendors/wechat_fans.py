"""WeChat's lists: an Official Account's followers, tags and parameterised codes; a Mini Program's logins and phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from siyu.kit import Outbound
from siyu.vendors.calls import get_json
from siyu.vendors.tencent_access import Access, refused
from siyu.vendors.wechat import ERRORS

MOST_INFOS = 100
MOST_TAGGED = 50


class Fan(msgspec.Struct, frozen=True):
    """A follower as ``user/info`` tells them. Since 2021 WeChat tells neither nickname nor picture [D]."""

    openid: str
    subscribe: int = 0
    unionid: str = ""
    subscribe_time: int = 0
    subscribe_scene: str = ""
    qr_scene_str: str = ""
    remark: str = ""
    language: str = ""
    tagid_list: tuple[int, ...] = ()


def fans_after(api: Access, openid: str) -> tuple[list[str], int]:
    """Up to 10,000 openids that follow ``openid`` in the list, and how many followers there are."""
    path = "/cgi-bin/user/get" + (f"?{urlencode({'next_openid': openid})}" if openid else "")
    answer = api.ask(path)
    found = (answer.get("data") or {}).get("openid") or ()
    return [str(one) for one in found], int(answer.get("total", 0))


def fans(api: Access, openids: Sequence[str]) -> list[Fan]:
    """What WeChat tells of up to 100 followers."""
    asked = {"user_list": [{"openid": one, "lang": "zh_CN"} for one in openids]}
    answer = api.call("/cgi-bin/user/info/batchget", asked)
    return msgspec.convert(answer.get("user_info_list") or [], list[Fan])


def tags(api: Access) -> dict[int, str]:
    """The account's tags."""
    return {int(tag["id"]): str(tag["name"]) for tag in api.ask("/cgi-bin/tags/get").get("tags") or ()}


def create_tag(api: Access, name: str) -> int:
    return int(api.call("/cgi-bin/tags/create", {"tag": {"name": name[:30]}})["tag"]["id"])


def tag(api: Access, tag_id: int, openids: Sequence[str], on: bool = True) -> None:
    """Give up to 50 followers a tag, or take it."""
    name = "batchtagging" if on else "batchuntagging"
    api.call(f"/cgi-bin/tags/members/{name}", {"openid_list": list(openids), "tagid": tag_id})


def create_code(api: Access, scene: str) -> tuple[str, str]:
    """带参数二维码, for ever (100,000 an account [D]). Answers the picture's address and what the code says."""
    asked = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene[:64]}}}
    answer = api.call("/cgi-bin/qrcode/create", asked)
    ticket = quote(str(answer["ticket"]), safe="")
    return f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={ticket}", str(answer.get("url", ""))


class Login(msgspec.Struct, frozen=True):
    """Who opened the Mini Program. The session key is not kept: nothing here decrypts with it."""

    openid: str
    unionid: str = ""


def login(outbound: Outbound, base: str, appid: str, secret: str, code: str) -> Login:
    """小程序登录 (code2session). Raises NotTaken, VendorRefused."""
    query = {"appid": appid, "secret": secret, "js_code": code, "grant_type": "authorization_code"}
    answer = get_json(outbound, f"{base}/sns/jscode2session?{urlencode(query)}")
    if not answer.get("openid"):
        raise refused(answer, ERRORS)
    return Login(str(answer["openid"]), str(answer.get("unionid", "")))


def phone(api: Access, code: str) -> str:
    """手机号快速验证: the number behind a phone code, with its country's code."""
    info: Mapping[str, Any] = api.call("/wxa/business/getuserphonenumber", {"code": code}).get("phone_info") or {}
    country = str(info.get("countryCode") or "86")
    return f"+{country}{info.get('purePhoneNumber') or info.get('phoneNumber') or ''}"
