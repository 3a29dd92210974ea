"""Files row by row, in memory that doesn't grow with them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from siyu.kit import inert

Row = Sequence[str | int | Decimal | None]
_SHEET_ROWS = 1_000_000
"""A sheet takes 1,048,576; what is more goes on in another."""
_CELL = 32_767
_text = msgspec.json.Encoder(decimal_format="number").encode
Types = Mapping[str, type[int | Decimal]]
_ARROW = {int: pa.int64(), Decimal: pa.decimal128(18, 2), str: pa.string()}


class Writer(Protocol):
    def __call__(self, rows: Iterable[Row]) -> None: ...


def opened(file: Path, kind: str, head: Sequence[str], numbers: Types) -> AbstractContextManager[Writer]:
    """A function that adds rows to a new file; the file is whole when the context ends."""
    if kind == "txt":
        return _lines(file)
    if kind == "csv":
        return _csv(file, head)
    if kind == "xlsx":
        return _xlsx(file, head)
    return _parquet(file, head, numbers) if kind == "parquet" else _jsonl(file, head)


@contextmanager
def _lines(file: Path) -> Iterator[Writer]:
    with file.open("w", encoding="ascii", newline="") as out:
        yield lambda rows: out.writelines(f"{row[0]}\n" for row in rows)


@contextmanager
def _csv(file: Path, head: Sequence[str]) -> Iterator[Writer]:
    """UTF-8 with a mark, as spreadsheets in China expect it."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([inert(name) for name in head])
        yield lambda rows: writer.writerows(
            [inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
        )


@contextmanager
def _jsonl(file: Path, head: Sequence[str]) -> Iterator[Writer]:
    with file.open("wb") as out:
        yield lambda rows: out.writelines(_text(dict(zip(head, row, strict=True))) + b"\n" for row in rows)


@contextmanager
def _xlsx(file: Path, head: Sequence[str]) -> Iterator[Writer]:
    """Text stays text: no formulas, links or numbers are made of it."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "tmpdir": str(file.parent),
    }
    book = xlsxwriter.Workbook(str(file), options)
    sheet, place, money = book.add_worksheet(), 0, book.add_format({"num_format": "0.00"})

    def add(row: Row) -> None:
        nonlocal sheet, place
        if place == _SHEET_ROWS:
            sheet, place = book.add_worksheet(), 0
        if place == 0:
            sheet.write_row(0, 0, head)
            place = 1
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell[:_CELL])
            elif cell is not None:
                sheet.write_number(place, column, cell, money if isinstance(cell, Decimal) else None)
        place += 1

    def write(rows: Iterable[Row]) -> None:
        for row in rows:
            add(row)

    if head:
        sheet.write_row(0, 0, head)
        place = 1
    yield write
    book.close()


@contextmanager
def _parquet(file: Path, head: Sequence[str], numbers: Types) -> Iterator[Writer]:
    schema = pa.schema([(name, _ARROW[numbers.get(name, str)]) for name in head])

    def write(rows: Iterable[Row]) -> None:
        held: list[Row] = list(rows)
        columns: list[list[Any]] = [list(column) for column in zip(*held, strict=True)] or [[] for _ in head]
        out.write_table(pa.table(dict(zip(head, columns, strict=True)), schema=schema))

    with pq.ParquetWriter(file, schema, compression="zstd") as out:
        yield write
