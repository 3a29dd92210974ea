"""Personal data inside traits, event properties and raw payloads, masked by the name it goes under."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from siyu.kit import mask_email, mask_middle, mask_name

_WORD = re.compile(r"[^a-z0-9一-鿿]+")

# fmt: off
_NAMES = frozenset((
    "name", "fullname", "realname", "truename", "firstname", "lastname", "nickname", "nick", "receivername",
    "receiver", "consignee", "buyername", "buyernick", "contactname", "姓名", "昵称", "收货人", "收件人", "真实姓名",
))
_NUMBERS = frozenset((
    "phone", "mobile", "phonenumber", "mobilenumber", "tel", "telephone", "cellphone", "receiverphone",
    "receivermobile", "buyerphone", "buyermobile", "idcard", "idnumber", "idcardno", "unionid", "openid",
    "externaluserid", "wechat", "wechatid", "wxid", "qq", "pushtoken", "ip", "clientip", "bankcard",
    "手机", "手机号", "电话", "联系电话", "身份证", "身份证号", "微信号",
))
_MAILS = frozenset(("email", "mail", "buyeremail", "邮箱", "电子邮箱"))
_PLACES = frozenset((
    "address", "street", "detailaddress", "receiveraddress", "shippingaddress", "地址", "收货地址", "详细地址",
))
# fmt: on

_PEOPLE = ("person", "user", "traits", "buyer", "receiver", "customer", "shipping", "address", "收货人")
"""Objects in which a plain ``name`` is a person's; elsewhere it is a product's, a page's or a library's."""


def mask_trait(name: str, value: Any) -> Any:
    """A trait's value with what is personal masked."""
    return _mask(name, value, "traits")


def mask_leaf(path: str, value: Any, trait: bool) -> Any:
    """A value by its dotted name, as a trait or as a property of an event."""
    parts = path.split(".")
    return _mask(parts[-1], value, _plain(parts[-2]) if len(parts) > 1 else "traits" if trait else "")


def is_personal(name: str) -> bool:
    """Does a trait of this name hold personal data?"""
    return _plain(name) in _NAMES | _NUMBERS | _MAILS | _PLACES


def mask_json(text: str) -> Any:
    """JSON text decoded, personal data masked; text that is no JSON is answered as text."""
    try:
        return _walk(msgspec.json.decode(text), "")
    except (msgspec.DecodeError, RecursionError):
        return text


def _plain(name: str) -> str:
    return _WORD.sub("", name.lower())


def _walk(value: Any, inside: str) -> Any:
    if isinstance(value, dict):
        return {name: _mask(name, held, inside) for name, held in value.items()}
    if isinstance(value, list):
        return [_walk(held, inside) for held in value]
    return value


def _mask(name: str, value: Any, inside: str) -> Any:
    if isinstance(value, dict | list):
        return _walk(value, _plain(name))
    if value is None or isinstance(value, bool) or value == "":
        return value
    plain, text = _plain(name), str(value)
    if plain in _MAILS:
        return mask_email(text) if "@" in text else mask_middle(text)
    if plain in _NUMBERS:
        return mask_middle(text)
    if plain in _PLACES:
        return mask_middle(text, 6, 0)
    if plain in _NAMES and (plain != "name" or inside in _PEOPLE):
        return mask_name(text)
    return value
