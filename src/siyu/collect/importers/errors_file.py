"""Rows that could not be taken and identifiers that were ignored, as a CSV that spreadsheets open safely."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from siyu.collect.importers.cells import REASONS

_HEADER = ("行号 row", "列 column", "值 value", "原因", "reason", "处理 outcome")
_OUTCOMES = ("整行未导入 row not taken", "已导入，只忽略此标识 taken without this identifier")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RowError(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that could not be taken; ``reason`` is a key of ``REASONS``, ``column`` empty when it is the whole row.

    ``taken``: the row was taken, only this identifier of it was ignored, since it names nobody.
    """

    row: int
    column: str
    reason: str
    value: str
    taken: bool = False


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_escaped(cell) for cell in cells])
    return out.getvalue()


def _escaped(cell: str) -> str:
    """No spreadsheet may take a cell for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_csv(errors: Sequence[RowError]) -> bytes:
    return "".join(
        _line((str(error.row), error.column, error.value, *_reason(error), _OUTCOMES[error.taken])) for error in errors
    ).encode()


def _reason(error: RowError) -> tuple[str, str]:
    return REASONS.get(error.reason, (error.reason, error.reason))


HEAD = b"\xef\xbb\xbf" + _line(_HEADER).encode()


class ErrorsFile:
    """Grows by chunks; ``size`` is what a checkpoint remembers, and what a resumed import cuts the file back to."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.size = size
        if size == 0:
            self._write(0, HEAD)
        else:
            os.truncate(path, size)

    def add(self, errors: Sequence[RowError]) -> None:
        """On disk when this returns."""
        if errors:
            self._write(self.size, as_csv(errors))

    def _write(self, at: int, content: bytes) -> None:
        with self._path.open("r+b" if at else "wb") as file:
            file.seek(at)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.size = at + len(content)
