"""Texts as cells of a table that a spreadsheet will open."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"\+\d{7,15}")


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula. A mobile with its country is none."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _MOBILE.fullmatch(text) else text
