"""Identifiers as every door writes them: ``type:value``, normalised, with the values that name nobody dropped.

What a kind of identifier means is a definition that operators may edit (``definitions.py``). Doors run under the
definitions in force; code that says nothing gets those Siyu comes with.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Literal

import msgspec
import xxhash
from msgspec import Meta

Normaliser = Literal["exact", "lower", "mobile", "email", "digits"]


class IdentifierKind(msgspec.Struct, frozen=True):
    """``limit``: at most so many on one person. ``merges``: sharing one joins two persons into one.

    ``scoped`` kinds carry the app or shop they are valid in: ``openid.wx1234:oAbc``. ``shared_after``: an identifier
    seen with more persons' worth of identifiers of one kind names nobody in particular. ``blocked`` values name nobody
    from the start.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[A-Za-z0-9_-]{1,60})?$")]
    zh: Annotated[str, Meta(max_length=40)]
    en: Annotated[str, Meta(max_length=40)]
    limit: Annotated[int, Meta(ge=1, le=1000)]
    merges: bool
    scoped: bool = False
    shared_after: Annotated[int, Meta(ge=1, le=1000)] = 3
    normaliser: Normaliser = "exact"
    blocked: Annotated[tuple[Annotated[str, Meta(max_length=255)], ...], Meta(max_length=1000)] = ()


PLACEHOLDER_MOBILES = (
    "+8613800138000", "+8613800138001", "+8613888888888", "+8613000000000", "+8613900000000", "+8618888888888",
)  # fmt: skip

KINDS: dict[str, IdentifierKind] = {
    kind.name: kind
    for kind in (
        IdentifierKind("unionid", "UnionID", "UnionID", 1, True),
        IdentifierKind("mobile", "手机号", "Mobile", 3, True, False, 5, "mobile", PLACEHOLDER_MOBILES),
        IdentifierKind("user_id", "用户 ID", "User id", 1, True),
        IdentifierKind("member_card", "会员卡号", "Member card", 3, True),
        IdentifierKind("external_userid", "企微外部联系人", "WeCom external user", 5, True),
        IdentifierKind("openid", "OpenID", "OpenID", 1, True, scoped=True),
        IdentifierKind("buyer_id", "买家 ID", "Buyer id", 1, True, scoped=True),
        IdentifierKind("email", "邮箱", "Email", 5, True, False, 5, "email"),
        IdentifierKind("custom", "自定义", "Custom", 5, True, scoped=True),
        IdentifierKind("device", "设备 / Cookie", "Device / cookie", 50, True),
    )
}
"""What Siyu comes with. The order is the join-key order: the first is the strongest."""
UNKNOWN = IdentifierKind("unknown", "其他", "Other", 5, True)
"""Kinds nobody has defined."""


class Definitions:
    """The definitions of one moment. ``of(scope)`` answers for ``openid.wx1``: its own definition or its family's."""

    def __init__(self, version: int, kinds: tuple[IdentifierKind, ...]) -> None:
        self.version = version
        self.kinds = kinds
        self._named = {kind.name: (rank, kind) for rank, kind in enumerate(kinds)}
        self._scopes: dict[str, tuple[int, IdentifierKind]] = {}
        self._blocked = {
            kind.name: frozenset(value.lower() for value in kind.blocked) for kind in kinds if kind.blocked
        }

    def of(self, scope: str) -> IdentifierKind:
        return self._look_up(scope)[1]

    def rank(self, scope: str) -> int:
        """0 is the strongest."""
        return self._look_up(scope)[0]

    def blocks(self, scope: str, value: str) -> bool:
        blocked = self._blocked.get(self.of(scope).name)
        return blocked is not None and value.lower() in blocked

    def _look_up(self, scope: str) -> tuple[int, IdentifierKind]:
        found = self._scopes.get(scope)
        if found is None:
            found = self._named.get(scope) or self._named.get(scope.partition(".")[0]) or (99, UNKNOWN)
            if len(self._scopes) < 10_000:
                self._scopes[scope] = found
        return found


DEFAULTS = Definitions(0, tuple(KINDS.values()))
_in_force: ContextVar[Definitions] = ContextVar("identifier_definitions", default=DEFAULTS)


@contextmanager
def in_force(definitions: Definitions) -> Iterator[None]:
    """Normalise under these definitions."""
    token = _in_force.set(definitions)
    try:
        yield
    finally:
        _in_force.reset(token)


def known_kind(scope: str) -> IdentifierKind | None:
    """The kind defined for ``openid.wx1``, under the definitions in force; None when nobody has defined it."""
    found = _in_force.get().of(scope)
    return None if found is UNKNOWN else found


MAX_LENGTH = 255
MAX_IDENTIFIERS = 50
"""Of one record: more is no person but a list."""

BLOCKED = frozenset(
    ("", "-1", "null", "none", "undefined", "nan", "anonymous", "unknown", "nil", "n/a", "na", "false", "true", "test",
     "00000000-0000-0000-0000-000000000000", "object object", "null null", "default", "guest", "empty", "void",
     "无", "空", "未知", "匿名", "游客", "测试")
)  # fmt: skip
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_CHINA_MOBILE = re.compile(r"1[3-9]\d{9}")
_NOT_DIGIT = re.compile(r"[\s\-().·]")
_FRAME = " ()[]<>{}\"'`*#\\/.,;:_-"
_LOOKALIKE = str.maketrans("аеіорсухѕԁոսӏαινοτκ", "aeiopcyxsdnulaivotk")
"""Cyrillic, Armenian and Greek letters that pass for Latin ones: ``nuӏӏ`` names nobody either."""


def anchor_of(key: str) -> int:
    """The 63-bit number that what a record says is kept under, for the identifier key the record came with."""
    return xxhash.xxh3_64_intdigest(key.encode()) >> 1


def family(key: str) -> str:
    """The kind of an identifier key: ``openid.wx1:oA`` is an ``openid``."""
    return key.partition(":")[0].partition(".")[0]


Refusal = tuple[str, str, str]
"""Kind, value and why it names nobody: too_long, bad_text, blocked_identifier or bad_identifier."""
_refusals: ContextVar[list[Refusal] | None] = ContextVar("refused_identifiers", default=None)


@contextmanager
def noting() -> Iterator[list[Refusal]]:
    """Lists what ``key_of`` refuses inside the block."""
    refused: list[Refusal] = []
    token = _refusals.set(refused)
    try:
        yield refused
    finally:
        _refusals.reset(token)


def key_of(kind: str, raw: str) -> str | None:
    """``type:value`` for a raw identifier, or None when it names nobody (placeholder, too long, malformed).

    ``kind`` is a name of ``KINDS``, with its scope after a dot where it has one (``openid.wx1234``).
    """
    normal, fault = _normal(kind, raw)
    if fault:
        refused = _refusals.get()
        if refused is not None and raw and not raw.isspace():
            refused.append((kind, raw, fault))
        return None
    return f"{kind}:{normal}"


def refusal(kind: str, raw: str) -> str:
    """Why ``key_of`` answers None."""
    return _normal(kind, raw)[1]


def _normal(kind: str, raw: str) -> tuple[str, str]:
    """The value as it is compared; or the reason why it names nobody."""
    if len(raw) > 4 * MAX_LENGTH:
        return "", "too_long"
    value = raw.strip() if raw.isascii() else unicodedata.normalize("NFKC", raw).strip()
    if not value.isprintable():
        return "", "bad_text"
    if len(value) > MAX_LENGTH:
        return "", "too_long"
    if _names_nobody(value):
        return "", "blocked_identifier"
    definitions = _in_force.get()
    normal = _NORMAL[definitions.of(kind).normaliser](value)
    if normal is None:
        return "", "bad_identifier"
    return normal, "blocked_identifier" if definitions.blocks(kind, normal) else ""


def _names_nobody(value: str) -> bool:
    lower = value.lower()
    if lower in BLOCKED or not value.strip("0"):
        return True
    bare = lower.strip(_FRAME)
    if not bare.isascii():
        bare = bare.translate(_LOOKALIKE)
    return bare in BLOCKED


def normal_mobile(value: str) -> str | None:
    """E.164 with China as the default country; None for placeholders, masked and impossible numbers."""
    digits = _NOT_DIGIT.sub("", value)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        local = digits.removeprefix("86") if len(digits) == 13 else digits
        digits = f"+86{local}"
    if not digits[1:].isdecimal() or not digits.isascii() or not 8 <= len(digits) - 1 <= 15:
        return None
    if digits.startswith("+86") and not _CHINA_MOBILE.fullmatch(digits[3:]):
        return None
    if digits in PLACEHOLDER_MOBILES or len(set(digits[4:])) == 1:
        return None
    return digits


def like_mobile(value: str) -> bool:
    """Whether it is a mobile number, or has the shape of one of China and is a placeholder."""
    value = unicodedata.normalize("NFKC", value)
    bare = _NOT_DIGIT.sub("", value).removeprefix("+86")
    return bool(normal_mobile(value) or _CHINA_MOBILE.fullmatch(bare))


def _email(value: str) -> str | None:
    email = value.lower()
    return email if _EMAIL.fullmatch(email) else None


def _digits(value: str) -> str | None:
    return "".join(letter for letter in value if letter.isdecimal()) or None


_NORMAL: dict[str, Callable[[str], str | None]] = {
    "exact": str,
    "lower": str.lower,
    "mobile": normal_mobile,
    "email": _email,
    "digits": _digits,
}


def ordered(keys: set[str]) -> tuple[str, ...]:
    """Identifier keys of one record, strongest first, in an order that never changes."""
    if len(keys) == 1:
        return tuple(keys)
    rank = _in_force.get().rank
    return tuple(sorted(keys, key=lambda key: (rank(key.partition(":")[0]), key)))
