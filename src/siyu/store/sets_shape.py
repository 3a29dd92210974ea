"""What a statement over many rows has to say of itself before it can be one statement over a set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

_KEY = re.compile(r"(\w+)\s*=\s*\?(?:\s+AND\s+|$)", re.IGNORECASE)


def key_columns(where: str) -> list[str]:
    """The columns that name the rows of a change: its condition begins ``a = ? AND b = ? …``."""
    place, found = 0, []
    while match := _KEY.match(where, place):
        found.append(match[1])
        place = match.end()
    return found


def apart(rows: Sequence[Sequence[Any]], key: tuple[int, ...]) -> Sequence[Sequence[Sequence[Any]]]:
    """The rows in parts that name no row twice, in order: one statement can't touch a row two times. ``key``: places of
    the values that name a row; empty when that doesn't matter."""
    if not key:
        return [rows]
    name = itemgetter(*key)
    turns: dict[Any, int] = {}
    parts: list[list[Sequence[Any]]] = []
    for row in rows:
        turn = turns[name(row)] = turns.get(name(row), -1) + 1
        if turn == len(parts):
            parts.append([])
        parts[turn].append(row)
    return parts
