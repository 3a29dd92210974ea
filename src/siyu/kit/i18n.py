"""Messages in the reader's language. English lives in the code, Chinese in ``messages_zh.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from siyu.kit.errors import SiyuError


@cache
def zh_messages() -> dict[str, str]:
    text = resources.files("siyu.kit").joinpath("messages_zh.toml").read_text("utf-8")
    return {code: str(message) for code, message in tomllib.loads(text).items()}


def language_of(accept: str | None) -> str:
    """``zh`` or ``en`` from an Accept-Language header; Chinese when nothing is said."""
    first = (accept or "zh").split(",", 1)[0].strip().lower()
    return "en" if first.startswith("en") else "zh"


def error_text(error: SiyuError, language: str) -> str:
    """The message of ``error`` in ``language``."""
    template = zh_messages().get(error.code) if language == "zh" else None
    return template.format_map(_Known(error.params)) if template else error.message()


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
