"""Config Structs drawn as forms: each field says what it is called in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec


def field(
    zh: str,
    en: str,
    hint_zh: str = "",
    hint_en: str = "",
    *,
    long: bool = False,
    secret: bool = False,
    choices: Sequence[str] = (),
    widget: str = "",
    **limits: Any,
) -> msgspec.Meta:
    """Metadata of a form field. ``limits`` are msgspec's (``ge``, ``le``, ``max_length``, ``pattern`` …).

    ``widget`` says what the text names (``audience``, ``journey``, ``rule`` …), for consoles that offer a choice.
    """
    extra: dict[str, Any] = {"x-label": {"zh": zh, "en": en}}
    if hint_zh:
        extra["x-hint"] = {"zh": hint_zh, "en": hint_en}
    if long:
        extra["format"] = "textarea"
    if secret:
        extra |= {"format": "password", "writeOnly": True}
    if widget:
        extra["x-widget"] = widget
    if choices:
        extra["enum"] = list(choices)
    return msgspec.Meta(title=en, extra_json_schema=extra, **limits)


def schema_of(config: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema of a Config Struct, itself at the top and what it refers to under ``$defs``."""
    schema = msgspec.json.schema(config)
    others = dict(schema["$defs"])
    own: dict[str, Any] = others.pop(config.__name__)
    return own | ({"$defs": others} if others else {})


@cache
def secrets_of(config: type[msgspec.Struct]) -> frozenset[str]:
    """Names of the fields that are stored sealed and never shown."""
    return frozenset(name for name, schema in schema_of(config)["properties"].items() if schema.get("writeOnly"))
