"""Opening a file: what kind it is, told by its content."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from siyu.collect.importers.csv_file import CsvTable
from siyu.collect.importers.excel import ExcelTable
from siyu.collect.importers.files import BadFile, Row, Table
from siyu.collect.importers.jsonl import JsonlTable
from siyu.collect.importers.parquet import ParquetTable

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET = b"PAR1"


def open_table(path: Path) -> Table:
    """Open a CSV, Excel, JSONL or Parquet file. Raises BadFile when it is none of them or broken."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise BadFile(detail="it is empty.")
    if head.startswith((_ZIP, _OLD_EXCEL)):
        return ExcelTable(path)
    if head.startswith(_PARQUET):
        return ParquetTable(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return JsonlTable(path)
    return CsvTable(path)


def sample(table: Table, count: int = 20) -> list[Row]:
    """The first rows."""
    return list(islice(table.rows(), count))
