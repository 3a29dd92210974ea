"""What a cell of a file says: text, a time, a whole number. Spreadsheets mangle ids and dates; this undoes it."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

REASONS: dict[str, tuple[str, str]] = {
    "missing_value": ("这一格不能为空", "This cell may not be empty"),
    "bad_text": ("文字无法识别，请另存为 UTF-8", "The text can't be read; save the file as UTF-8"),
    "too_long": ("内容太长", "The text is too long"),
    "bad_time": ("日期时间看不懂，可以指定日期格式", "Not a date or time; you can state the date format"),
    "future_time": ("时间在未来", "The time lies in the future"),
    "old_time": ("时间早于 1990 年", "The time is before 1990"),
    "bad_amount": ("不是有效的金额", "Not an amount of money"),
    "bad_number": ("不是有效的整数", "Not a whole number"),
    "no_identifier": ("没有可以认出用户的标识", "Nothing here tells who it is"),
    "bad_identifier": ("标识无效（占位值或格式不对）", "No valid identifier (placeholder, malformed)"),
    "blocked_identifier": ("占位值，或被屏蔽的标识", "A placeholder, or a blocked value"),
    "masked": ("买家已脱敏，认不出是谁", "The buyer is masked: nobody can tell who it is"),
    "missing_event": ("没有事件名", "There is no event name"),
    "not_paid": ("订单没有付款，不计入", "The order was not paid and doesn't count"),
    "too_many_cells": (
        "这一行比表头多出几格，可能有没加引号的逗号",
        "More cells than headers; perhaps an unquoted comma",
    ),
    "bad_json": ("这一行不是完整的 JSON 对象", "This line is no JSON object"),
    "duplicate": ("同一天、同一渠道、同一活动在文件里出现了两次", "Same day, channel and campaign twice in this file"),
}
"""Reason code → (Chinese, English)."""

MAX_TEXT = 8191
_EXCEL_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:：时点](\d{1,2})(?:[:：分](\d{1,2})(?:[.,](\d{1,9}))?)?[分秒]?)?"
)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?")


class CellFault(Exception):
    """A cell that can't be taken; ``reason`` is a key of ``REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text_of(cell: Any) -> str:
    """A cell as text: numbers that are ids keep no ``.0``, spreadsheet tricks such as ``="0138"`` are undone."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.strip()
        if found := _EXCEL_TEXT.fullmatch(text):
            text = found[1].strip()
        if "�" in text or "\0" in text:
            raise CellFault("bad_text")
        if len(text) > MAX_TEXT:
            raise CellFault("too_long")
        return text.removeprefix("'")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, int | Decimal):
        return str(cell)
    return msgspec.json.encode(cell, enc_hook=str).decode()[:MAX_TEXT]


def count_of(cell: Any) -> int:
    """A whole number such as ``3``, ``3.0`` or ``1,200``."""
    text = text_of(cell).replace(",", "")
    try:
        number = Decimal(text)
    except ArithmeticError as error:
        raise CellFault("bad_number") from error
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > 10**12:
        raise CellFault("bad_number")
    return int(number)


def time_of(cell: Any, zone: ZoneInfo, date_format: str | None = None) -> int:
    """Epoch ms. A time without a zone is local to ``zone``; ``date_format`` (strptime) comes before any guess."""
    moment = _moment(cell, date_format)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp() * 1000)


def date_of(cell: Any, date_format: str | None = None) -> str:
    """A calendar day, ``YYYY-MM-DD``."""
    return _moment(cell, date_format).date().isoformat()


def _moment(cell: Any, date_format: str | None) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - local to the file's zone
    text = text_of(cell)
    try:
        if date_format:
            return datetime.strptime(text, date_format)  # noqa: DTZ007 - local to the file's zone
        if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell <= 80_000:
            return datetime(1899, 12, 30) + timedelta(days=float(cell))  # noqa: DTZ001 - spreadsheet day number
        return _guessed(text)
    except (ValueError, OverflowError) as error:
        raise CellFault("bad_time") from error


def _guessed(text: str) -> datetime:
    if found := _DATE.fullmatch(text):
        parts = [int(part) for part in found.groups(default="0")[:6]]
        return datetime(*parts, microsecond=int((found[7] or "0").ljust(6, "0")[:6]))  # type: ignore[misc, arg-type] # noqa: DTZ001
    if text.isdigit() and text.isascii():
        if len(text) in (10, 13):
            return datetime.fromtimestamp(int(text) / (1 if len(text) == 10 else 1000), UTC)
        if found := _DIGITS.fullmatch(text):
            return datetime(*[int(part) for part in found.groups(default="0")])  # type: ignore[arg-type] # noqa: DTZ001
    return datetime.fromisoformat(text)
