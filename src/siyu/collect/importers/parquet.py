"""Parquet files, read a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from siyu.collect.importers.files import BadFile, Row, named_columns

_BATCH = 2_000


class ParquetTable:
    """A Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with parquet.ParquetFile(path) as file:
                self.columns = named_columns(list(file.schema_arrow.names))
                self.total: int | None = file.metadata.num_rows
        except (pa.ArrowException, OSError) as error:
            raise _broken(error) from error

    def rows(self) -> Iterator[Row]:
        number = 0
        try:
            with parquet.ParquetFile(self._path) as file:
                for batch in file.iter_batches(batch_size=_BATCH):
                    columns = [column.to_pylist() for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        number += 1
                        yield Row(number, list(cells))
        except (pa.ArrowException, OSError) as error:
            raise _broken(error) from error


def _broken(error: Exception) -> BadFile:
    return BadFile(detail=f"it is no readable Parquet file ({str(error)[:120]}).")
