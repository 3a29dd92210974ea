"""Delimited text: CSV in UTF-8 or GB18030, any usual delimiter, quoted line breaks, or columns parted by blanks."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from siyu.collect.importers.files import BadFile, Row, named_columns

_DELIMITERS = ",\t;|，"
_BLOCK = 1 << 20


class CsvTable:
    """A text file whose first line names the columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding, lines = _encoding_and_lines(path)
        with self._open() as file:
            start = file.read(1 << 16)
        self._delimiter = _delimiter(start)
        header = next(self._records(), [])
        self.columns = named_columns(header)
        self.total: int | None = max(lines - 1, 0)

    def _open(self) -> IO[str]:
        errors = "replace" if self._encoding == "utf-8-sig" else "strict"
        return self._path.open(encoding=self._encoding, errors=errors, newline="")

    def _records(self) -> Iterator[list[str]]:
        with self._open() as file:
            if self._delimiter is None:
                yield from (line.split() for line in file)
                return
            try:
                yield from csv.reader(file, delimiter=self._delimiter)
            except csv.Error as error:
                raise BadFile(detail=f"a quoted text never ends ({error}).") from error

    def rows(self) -> Iterator[Row]:
        width = len(self.columns)
        for number, cells in enumerate(self._records(), 1):
            if number == 1 or not any(cell.strip() for cell in cells):
                continue
            extra = any(cell.strip() for cell in cells[width:])
            yield Row(number, (cells + [""] * (width - len(cells)))[:width], "too_many_cells" if extra else "")


def _encoding_and_lines(path: Path) -> tuple[str, int]:
    """UTF-8 when every byte fits it, else GB18030 when every byte fits that, else UTF-8 with marks for what doesn't."""
    with path.open("rb") as file:
        head = file.read(2)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        lines = _decodes(path, "utf-16")
        if lines is None:
            raise BadFile(detail="it says UTF-16 but isn't.")
        return "utf-16", lines
    for encoding in ("utf-8-sig", "gb18030"):
        lines = _decodes(path, encoding)
        if lines is not None:
            return encoding, lines
    with path.open("rb") as file:
        return "utf-8-sig", sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b"")) + 1


def _decodes(path: Path, encoding: str) -> int | None:
    """Lines of the file, None when it isn't in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, last = 0, "\n"
    with path.open("rb") as file:
        try:
            for block in iter(lambda: file.read(_BLOCK), b""):
                text = decoder.decode(block)
                lines += text.count("\n")
                last = text[-1:] or last
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return lines + (last != "\n")


def _delimiter(start: str) -> str | None:
    """The delimiter of the header line that cuts the next lines alike; None means blanks."""
    lines = [line for line in start.splitlines()[:20] if line.strip()]
    header = lines[0] if lines else ""
    counts = {mark: header.count(mark) for mark in _DELIMITERS if mark in header}
    if counts:
        return max(counts, key=lambda mark: (counts[mark], -_DELIMITERS.index(mark)))
    widths = {len(line.split()) for line in lines}
    return None if len(header.split()) > 1 and len(widths) <= 2 else ","
