"""What every kind of file looks like once it is open: columns and rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from siyu.kit import SiyuError


class BadFile(SiyuError):
    """This file can't be imported: {detail}"""

    code = "bad_file"
    status = 422


class Row(msgspec.Struct, frozen=True):
    """``number`` as a spreadsheet shows it (the header is row 1, lines of JSONL and Parquet count from 1).

    ``cells`` line up with the columns; ``fault`` is a reason code when the row is broken as a whole.
    """

    number: int
    cells: list[Any]
    fault: str = ""


class Table(Protocol):
    """An opened file. ``total`` is the number of rows as far as it is known without reading them."""

    columns: list[str]
    total: int | None

    def rows(self) -> Iterator[Row]:
        """All rows, from the first; may be asked for again. Raises BadFile where the file breaks off."""


MAX_COLUMNS = 500


def named_columns(names: list[str]) -> list[str]:
    """Column names without blanks and doubles. Raises BadFile when there are none or too many."""
    if not names or len(names) > MAX_COLUMNS:
        raise BadFile(detail=f"it has {len(names)} columns; between 1 and {MAX_COLUMNS} can be read.")
    found: list[str] = []
    for place, name in enumerate(names, 1):
        base = name.strip()[:200] or f"column {place}"
        found.append(base if base not in found else f"{base} ({place})")
    return found
