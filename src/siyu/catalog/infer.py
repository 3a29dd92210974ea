"""Names and types of properties, read off a sample of JSON objects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from siyu.catalog.types import ValueType

_MOST_NAMES = 200
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


class Found(msgspec.Struct):
    """How often a name appeared, by the type its value had."""

    types: Counter[ValueType]

    @property
    def type(self) -> ValueType:
        return self.types.most_common(1)[0][0]


def types_in(texts: Iterable[str]) -> dict[str, Found]:
    """Dotted names in JSON objects → what was seen, the most frequent first. Lists and nulls are left out."""
    found: dict[str, Found] = {}
    for text in texts:
        for name, value in leaves(msgspec.json.decode(text), ""):
            kind = type_of(value)
            if kind is not None:
                found.setdefault(name, Found(Counter())).types[kind] += 1
    often = sorted(found.items(), key=lambda pair: (-pair[1].types.total(), pair[0]))
    return dict(often[:_MOST_NAMES])


def leaves(value: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, held in value.items():
        if isinstance(held, dict):
            yield from leaves(held, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", held


def type_of(value: Any) -> ValueType | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str) and value:
        return "time" if _TIME.fullmatch(value) else "string"
    return None
