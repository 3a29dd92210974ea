"""Identifiers as every door writes them: ``type:value``, normalised, with the values that name nobody dropped.

The order of ``KINDS`` is the join-key order: the first is the strongest.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec
import xxhash


class IdentifierKind(msgspec.Struct, frozen=True):
    """``limit``: at most so many on one person. ``merges``: sharing one joins two persons into one.

    ``scoped`` kinds carry the app or shop they are valid in: ``openid.wx1234:oAbc``.
    """

    name: str
    zh: str
    en: str
    limit: int
    merges: bool
    scoped: bool = False


KINDS: dict[str, IdentifierKind] = {
    kind.name: kind
    for kind in (
        IdentifierKind("unionid", "UnionID", "UnionID", 1, True),
        IdentifierKind("mobile", "手机号", "Mobile", 3, True),
        IdentifierKind("user_id", "用户 ID", "User id", 1, True),
        IdentifierKind("member_card", "会员卡号", "Member card", 3, True),
        IdentifierKind("external_userid", "企微外部联系人", "WeCom external user", 5, True),
        IdentifierKind("openid", "OpenID", "OpenID", 1, True, scoped=True),
        IdentifierKind("buyer_id", "买家 ID", "Buyer id", 1, True, scoped=True),
        IdentifierKind("email", "邮箱", "Email", 5, True),
        IdentifierKind("custom", "自定义", "Custom", 5, True, scoped=True),
        IdentifierKind("device", "设备 / Cookie", "Device / cookie", 50, True),
    )
}
PRIORITY: dict[str, int] = {name: rank for rank, name in enumerate(KINDS)}

MAX_LENGTH = 255

BLOCKED = frozenset(
    ("", "-1", "null", "none", "undefined", "nan", "anonymous", "unknown", "nil", "n/a", "false", "true", "test",
     "00000000-0000-0000-0000-000000000000", "[object object]")
)  # fmt: skip
PLACEHOLDER_MOBILES = frozenset(
    {"+8613800138000", "+8613800138001", "+8613888888888", "+8613000000000", "+8613900000000", "+8618888888888"}
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_CHINA_MOBILE = re.compile(r"1[3-9]\d{9}")
_NOT_DIGIT = re.compile(r"[\s\-().·]")


def family(key: str) -> str:
    """The kind of an identifier key: ``openid.wx1:oA`` is an ``openid``."""
    return key.partition(":")[0].partition(".")[0]


def anchor_of(key: str) -> int:
    """The 63-bit number that what a record says is kept under, for the identifier key the record came with."""
    return xxhash.xxh3_64_intdigest(key.encode()) >> 1


def key_of(kind: str, raw: str) -> str | None:
    """``type:value`` for a raw identifier, or None when it names nobody (placeholder, too long, malformed).

    ``kind`` is a name of ``KINDS``, with its scope after a dot where it has one (``openid.wx1234``).
    """
    value = raw.strip() if raw.isascii() else unicodedata.normalize("NFKC", raw).strip()
    if len(value) > MAX_LENGTH or value.lower() in BLOCKED or not value.strip("0") or not value.isprintable():
        return None
    if kind == "mobile":
        mobile = normal_mobile(value)
        return f"mobile:{mobile}" if mobile else None
    if kind == "email":
        email = value.lower()
        return f"email:{email}" if _EMAIL.fullmatch(email) else None
    return f"{kind}:{value}"


def normal_mobile(value: str) -> str | None:
    """E.164 with China as the default country; None for placeholders, masked and impossible numbers."""
    digits = _NOT_DIGIT.sub("", value)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        local = digits.removeprefix("86") if len(digits) == 13 else digits
        digits = f"+86{local}"
    if not digits[1:].isdigit() or not 8 <= len(digits) - 1 <= 15:
        return None
    if digits.startswith("+86") and not _CHINA_MOBILE.fullmatch(digits[3:]):
        return None
    if digits in PLACEHOLDER_MOBILES or len(set(digits[4:])) == 1:
        return None
    return digits


def ordered(keys: set[str]) -> tuple[str, ...]:
    """Identifier keys of one record, strongest first, in an order that never changes."""
    if len(keys) == 1:
        return tuple(keys)
    return tuple(sorted(keys, key=lambda key: (PRIORITY.get(family(key), 99), key)))
