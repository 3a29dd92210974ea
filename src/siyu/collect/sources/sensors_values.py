"""Names and values of the Sensors protocol: limits, presets, placeholder texts, times.

A record that breaks a limit is refused as a whole, as the vendor does it, and waits in quarantine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from siyu.collect.sources.common import BadRecord

MAX_TEXT = 8191
MAX_ID = 255
_MAX_NAME = 100
_NAME = re.compile(r"[a-zA-Z_$][\w$]*", re.ASCII)
_RESERVED = frozenset(
    ("distinct_id", "original_id", "time", "properties", "id", "first_id", "second_id", "users", "events", "event",
     "event_id", "device_id", "user_id", "date", "datetime")
)  # fmt: skip
_RESERVED_HEADS = ("user_group", "user_tag")

PLACEHOLDERS = frozenset(
    {
        "未取到值",
        "取值异常",
        "未取到值_直接打开",
        "未取到值_非http的url",
        "未知搜索引擎",
        "url的domain解析失败",
        "url解析失败",
        "hostname解析异常",
        "url_host取值异常",
        "referrer的domain解析失败",
        "referrer_host取值异常",
        "获取url异常",
        "参数解析不合法",
        "转换unicode错误",
    }
)
"""What the web client sends when it has nothing to say (read in sa-sdk-javascript 1.27.11)."""
_PLACEHOLDER_HEADS = ("取值异常_", "url_domain异常_", "url的domain解析失败")

FLAGS = frozenset({"$is_login_id", "$token", "$project", "$time"})
"""Properties that steer the protocol and say nothing about the person."""

PAGE_EVENTS = frozenset({"$pageview", "$MPViewScreen", "$MPShow", "$MPLaunch", "$AppViewScreen", "$WebClick"})
PAGE_PROPS = {
    "$url": "url",
    "$url_path": "path",
    "$title": "title",
    "$referrer": "referrer",
    "$screen_name": "screen",
}
"""Presets of page events that other protocols send as properties; both then filter alike."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?")
_CHINA_MINUTES = 480
_INT64 = 1 << 63
_LATEST = 10**14


def check_name(name: str, what: str) -> str:
    """The name, when the protocol allows it. Raises BadRecord."""
    if len(name) > _MAX_NAME or not _well_formed(name):
        raise BadRecord("bad_name", f"the {what} {name[:60]!r} must be letters, digits, _ and $, at most 100 of them.")
    if _reserved(name):
        raise BadRecord("bad_name", f"the {what} {name[:60]!r} is reserved.")
    return name


@lru_cache(8192)
def _well_formed(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


@lru_cache(8192)
def _reserved(name: str) -> bool:
    lower = name.lower()
    return lower in _RESERVED or lower.startswith(_RESERVED_HEADS)


def check_id(value: str, what: str) -> str:
    if len(value) > MAX_ID:
        raise BadRecord("too_long", f"`{what}` has more than {MAX_ID} characters.")
    return value


def text_of(value: str | int | float | None) -> str:
    """An id as text; a whole number that came as a float has no ``.0``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def epoch_ms(value: int | float | str | None) -> int | None:
    """Epoch ms of a time in ms, or in seconds (10 digits); None when there is none. Raises BadRecord."""
    if value is None or value == "":
        return None
    try:
        number = int(float(value))
    except (ValueError, OverflowError) as error:
        raise BadRecord("bad_time", f"{str(value)[:40]!r} is not a time in milliseconds.") from error
    if abs(number) > _LATEST:
        raise BadRecord("bad_time", f"{str(value)[:40]!r} is not a time in milliseconds.")
    return number * 1000 if 10**9 <= number < 10**10 else number


def split(event: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Custom properties, and the presets (``$…``) that make up the context."""
    props: dict[str, Any] = {}
    context: dict[str, Any] = {}
    for name, value in cleaned(given).items():
        if name not in FLAGS:
            (context if name[0] == "$" else props)[name] = value
    if event in PAGE_EVENTS:
        for preset, name in PAGE_PROPS.items():
            if (value := context.get(preset)) is not None:
                props.setdefault(name, value)
    return props, context


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """Properties within the limits: placeholders are null, times ISO 8601. Raises BadRecord."""
    offset = given.get("$timezone_offset")
    return {check_name(name, "property name"): _value(name, value, offset) for name, value in given.items()}


def _value(name: str, value: Any, offset: Any) -> Any:
    if isinstance(value, str):
        return _text(name, value, offset)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise BadRecord("bad_value", f"`{name}` is too large a number.")
        return value
    if isinstance(value, list):
        return _texts(name, value)
    raise BadRecord("bad_value", f"`{name}` must be a text, number, boolean, time or list of texts.")


def _text(name: str, value: str, offset: Any) -> str | None:
    if len(value) > MAX_TEXT:
        raise BadRecord("too_long", f"`{name}` has more than {MAX_TEXT} characters.")
    if value in PLACEHOLDERS or value.startswith(_PLACEHOLDER_HEADS):
        return None
    if 19 <= len(value) <= 23 and value[4] == "-" and value[10] == " ":
        return iso_time(value, offset)
    return value


def _texts(name: str, value: list[Any]) -> list[str]:
    for item in value:
        if not isinstance(item, str):
            raise BadRecord("bad_value", f"the list `{name}` may hold texts only.")
        if len(item) > MAX_TEXT:
            raise BadRecord("too_long", f"a text in `{name}` has more than {MAX_TEXT} characters.")
    return value


def iso_time(value: str, offset: Any = None) -> str:
    """``2026-01-02 12:00:00.5`` as ``2026-01-02T12:00:00.005+08:00``; any other text unchanged.

    What follows the dot is a whole number of milliseconds: the clients don't pad it. ``offset`` is the browser's
    (minutes behind UTC, -480 in China); without it the time is China's.
    """
    found = _TIME.fullmatch(value)
    if found is None:
        return value
    minutes = -offset if isinstance(offset, int) and -900 <= offset <= 900 else _CHINA_MINUTES
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        return value
    moment = moment.replace(microsecond=int(found[3] or 0) * 1000, tzinfo=timezone(timedelta(minutes=minutes)))
    return moment.isoformat(timespec="milliseconds")
