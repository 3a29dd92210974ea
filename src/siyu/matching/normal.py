"""Raw text made comparable. Every function answers None for what says nothing."""

from __future__ import annotations

import re
import unicodedata

_BLANK = re.compile(r"[\s,，.。·•\-_/#()（）'\"]+")
_DIGITS = re.compile(r"\d+")
_STARS = re.compile(r"[*＊xX×•●]{2,}")
_TITLES = re.compile(r"(先生|女士|小姐|太太|同学|老师)$")
_HAN = re.compile(r"[㐀-鿿]")
_NOBODY = frozenset(
    ("", "null", "none", "unknown", "n/a", "na", "-", "无", "未知", "保密", "匿名", "匿名用户", "微信用户")
)
_LONGEST = 200

_COMPOUND = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "令狐",
        "西门",
        "呼延",
        "百里",
        "东郭",
        "南门",
        "轩辕",
        "拓跋",
        "完颜",
    ]
)
_GENDERS = dict.fromkeys(("m", "male", "男", "男性", "1"), "m") | dict.fromkeys(("f", "female", "女", "女性", "2"), "f")


def plain(value: str | None) -> str | None:
    """Lower case, half width, single blanks."""
    if not value:
        return None
    text = " ".join(unicodedata.normalize("NFKC", value[:_LONGEST]).lower().split())
    return None if text in _NOBODY else text


def split_name(value: str | None) -> tuple[str | None, str | None]:
    """(surname, given name): ``欧阳娜娜`` → 欧阳, 娜娜; ``Ann Lee`` → lee, ann; ``张*`` → 张, None."""
    text = plain(value)
    if text is None:
        return None, None
    if not _HAN.search(text):
        words = text.split(" ")
        return (words[-1], " ".join(words[:-1])) if len(words) > 1 else (None, text)
    text = _TITLES.sub("", _BLANK.sub("", text))
    if not text:
        return None, None
    length = 2 if text[:2] in _COMPOUND and len(text) > 2 else 1
    given = text[length:]
    return text[:length], given if given and "*" not in given else None


def name_part(value: str | None) -> str | None:
    text = plain(value)
    return None if text is None or "*" in text else text


def mobile_parts(value: str | None) -> tuple[str | None, str | None, str | None]:
    """(whole number, first three digits, last four): ``138****8888`` → None, 138, 8888."""
    text = unicodedata.normalize("NFKC", value or "").strip()
    if _STARS.search(text):
        head, tail = _STARS.split(text)[0], _STARS.split(text)[-1]
        head = "".join(_DIGITS.findall(head)).removeprefix("86")
        tail = "".join(_DIGITS.findall(tail))
        return (None, head[:3] if len(head) >= 3 else None, tail[-4:]) if len(tail) >= 4 else (None, None, None)
    digits = "".join(_DIGITS.findall(text))
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 4:
        return None, None, digits
    return (digits, digits[:3], digits[-4:]) if 7 <= len(digits) <= 15 else (None, None, None)


def birthday(value: str | None) -> str | None:
    """Eight digits: ``1990年1月2日``, ``1990/1/2``, ``1990-01-02T…`` → 19900102."""
    parts: list[str] = _DIGITS.findall((value or "")[:40])
    if not parts:
        return None
    if len(parts[0]) == 8:
        return parts[0]
    if len(parts) >= 3 and len(parts[0]) == 4 and len(parts[1]) <= 2 and len(parts[2][:2]) <= 2:
        return f"{parts[0]}{parts[1]:0>2}{parts[2][:2]:0>2}"
    return None


def gender(value: str | None) -> str | None:
    return _GENDERS.get(plain(value) or "")


def number(value: str | None) -> str | None:
    """An id number or a postcode; a masked one says nothing."""
    text = _BLANK.sub("", plain(value) or "")
    return text if text and "*" not in text and text.strip("0") else None


def place(value: str | None) -> str | None:
    """An address without blanks and marks; one that is masked says nothing."""
    text = plain(value)
    if text is None or "*" in text:
        return None
    return _BLANK.sub(" ", text).strip() or None


def grams(value: str | None) -> list[str] | None:
    """The pairs of neighbouring characters: what two spellings of one address have in common."""
    text = (value or "").replace(" ", "")
    if not text:
        return None
    return sorted({text[at : at + 2] for at in range(len(text) - 1)}) or [text]
