"""Decoding errors in words for people: which field, and what to mend."""

from __future__ import annotations

import re
from typing import NamedTuple

from siyu.kit import FieldError


class _Wording(NamedTuple):
    pattern: re.Pattern[str]
    code: str
    en: str
    zh: str


def _wording(pattern: str, code: str, en: str, zh: str) -> _Wording:
    return _Wording(re.compile(pattern), code, en, zh)


_WORDINGS = (
    _wording(r"missing required field", "required", "is required", "必填"),
    _wording(r"^'data'$", "required", "a JSON body is required", "缺少 JSON 请求体"),
    _wording(r"`str` of length >= (\d+)", "too_short", "needs at least {0} characters", "至少 {0} 个字符"),
    _wording(r"`str` of length <= (\d+)", "too_long", "takes at most {0} characters", "最多 {0} 个字符"),
    _wording(r"`\w+` of length >= (\d+)", "too_few", "needs at least {0} entries", "至少 {0} 项"),
    _wording(r"`\w+` of length <= (\d+)", "too_many_entries", "takes at most {0} entries", "最多 {0} 项"),
    _wording(r"`(?:int|float)` >=? (\S+)", "too_small", "must be at least {0}", "不能小于 {0}"),
    _wording(r"`(?:int|float)` <=? (\S+)", "too_big", "must be at most {0}", "不能大于 {0}"),
    _wording(r"matching regex", "wrong_format", "has the wrong format", "格式不正确"),
    _wording(r"Invalid enum value (\S+)", "unknown_choice", "{0} is not one of the choices", "{0} 不在可选范围内"),
    _wording(r"Expected `([^`]+)`, got `([^`]+)`", "wrong_type", "must be {0}, not {1}", "应为 {0}，而不是 {1}"),
)
_PLACE = re.compile(r" - at `\$\.?(.*?)`$")
_MISSING = re.compile(r"Object missing required field `(.+?)`")


def field_error(message: str, key: str, language: str) -> FieldError:
    """The field a decoding error speaks of: ``Expected `str` … - at `$.a.b``` → ``a.b``, with its fault in words."""
    place = _PLACE.search(message)
    parts = [place.group(1) if place else key]
    text = _PLACE.sub("", message)
    if missing := _MISSING.search(text):
        parts.append(missing.group(1))
    field = ".".join(part for part in parts if part)
    for wording in _WORDINGS:
        if found := wording.pattern.search(text):
            template = wording.zh if language == "zh" else wording.en
            return FieldError(field, template.format(*found.groups()), wording.code)
    return FieldError(field, text[:300])
