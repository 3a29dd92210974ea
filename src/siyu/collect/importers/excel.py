"""Excel workbooks: the first sheet that holds something."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from siyu.collect.importers.cells import text_of
from siyu.collect.importers.files import BadFile, Row, named_columns

MAX_UNPACKED = 256 << 20
"""The reader holds a sheet in memory, so a workbook may not be larger than this inside."""


class ExcelTable:
    """A workbook whose first filled row names the columns."""

    def __init__(self, path: Path) -> None:
        if zipfile.is_zipfile(path):
            _check_size(path)
        try:
            book = CalamineWorkbook.from_path(str(path))
            self._sheet = _first_filled(book)
        except (CalamineError, OSError, ValueError) as error:
            raise BadFile(detail=f"it is no readable Excel workbook ({str(error)[:120]}).") from error
        self._header, header = next(
            (number, cells) for number, cells in self._cells() if any(cell not in ("", None) for cell in cells)
        )
        self.columns = named_columns([text_of(cell) for cell in header])
        self.total: int | None = max(self._sheet.total_height - self._header, 0)

    def _cells(self) -> Iterator[tuple[int, list[Any]]]:
        yield from enumerate(self._sheet.iter_rows(), 1)

    def rows(self) -> Iterator[Row]:
        for number, cells in self._cells():
            if number > self._header and any(cell not in ("", None) for cell in cells):
                yield Row(number, [_cell(cell) for cell in cells])


def _first_filled(book: CalamineWorkbook) -> CalamineSheet:
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height and sheet.start is not None:
            return sheet
    raise BadFile(detail="it holds no rows.")


def _cell(cell: Any) -> Any:
    return None if cell == "" else str(cell) if isinstance(cell, time | timedelta) else cell


def _check_size(path: Path) -> None:
    """Refuse zip bombs. Each part is really unpacked, because the sizes a zip states can lie."""
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > 10_000 or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise _too_large()
            for part in parts:
                with book.open(part) as stream:
                    while block := stream.read(1 << 20):
                        left -= len(block)
                        if left < 0:
                            raise _too_large()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise BadFile(detail=f"it is no readable Excel workbook ({str(error)[:120]}).") from error


def _too_large() -> BadFile:
    return BadFile(detail=f"unpacked it is larger than {MAX_UNPACKED >> 20} MB; save it as CSV.")
