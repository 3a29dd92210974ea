"""Ad platforms: which identifiers they take, hashed how. What this stands on is in docs/packages.md."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from siyu.packages.types import Ad, Words

Takes = Mapping[str, Mapping[str, str]]


class Platform(msgspec.Struct, frozen=True):
    """``takes``: identifier → hash → what the platform calls this type of id."""

    label: Words
    takes: Takes


def _takes(**kinds: dict[str, str]) -> Takes:
    return MappingProxyType(kinds)


PLATFORMS: Mapping[str, Platform] = {
    "tencent": Platform(
        Words("腾讯广告", "Tencent Ads"),
        _takes(
            mobile={"md5": "HASH_MOBILE_PHONE", "sha256": "SHA256_MOBILE_PHONE"},
            idfa={"md5": "HASH_IDFA"},
            oaid={"md5": "HASH_OAID"},
            imei={"md5": "HASH_IMEI"},
        ),
    ),
    "oceanengine": Platform(
        Words("巨量引擎", "Ocean Engine"),
        _takes(
            mobile={"sha256": "MOBILE_HASH_SHA256"},
            idfa={"md5": "IDFA_MD5"},
            oaid={"md5": "OAID_MD5"},
            imei={"md5": "IMEI_MD5"},
        ),
    ),
    "kuaishou": Platform(
        Words("快手磁力引擎", "Kuaishou"),
        _takes(
            mobile={"md5": "MOBILE_MD5"},
            idfa={"md5": "IDFA_MD5"},
            oaid={"md5": "OAID_MD5"},
            imei={"md5": "IMEI_MD5"},
        ),
    ),
    "baidu": Platform(
        Words("百度营销", "Baidu"),
        _takes(mobile={"md5": "4"}, idfa={"md5": "5"}, imei={"md5": "6"}),
    ),
    "other": Platform(
        Words("其他平台", "Other"),
        _takes(**{name: {"sha256": "SHA256", "md5": "MD5"} for name in ("mobile", "idfa", "oaid", "imei")}),
    ),
}

_CHINA = re.compile(r"\+86(1\d{10})")
_IDFA = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_IMEI = re.compile(r"[0-9a-f]{14,15}")


def hashed(ad: Ad, values: Iterable[str]) -> Iterator[str]:
    """The hashes of a person's identifiers, each once; values that can't be one are left out."""
    plain = {norm for value in values if (norm := normal(ad, value.strip())) is not None}
    for value in sorted(plain):
        yield hashlib.new(ad.hash, value.encode(), usedforsecurity=False).hexdigest()


def normal(ad: Ad, value: str) -> str | None:
    """An identifier as platforms write it before hashing: mobiles as 11 digits (or +86…), IDFA upper, IMEI lower."""
    if ad.identifier == "mobile":
        found = _CHINA.fullmatch(value)
        return value if ad.digits == "e164" and value.startswith("+") else found[1] if found else None
    if not value.strip("0-"):
        return None
    if ad.identifier == "idfa":
        return value.upper() if _IDFA.fullmatch(value.upper()) else None
    if ad.identifier == "imei":
        return value.lower() if _IMEI.fullmatch(value.lower()) else None
    return value if 16 <= len(value) <= 64 else None
