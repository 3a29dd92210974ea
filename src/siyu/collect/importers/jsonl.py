"""JSON Lines: one object a line. Columns are the names used in the first lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from siyu.collect.importers.files import BadFile, Row, named_columns

_LOOK = 200
_MAX_LINE = 1 << 20
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class JsonlTable:
    """A file of JSON objects."""

    def __init__(self, path: Path) -> None:
        self._path = path
        names: dict[str, None] = {}
        for _, found in islice(self._objects(), _LOOK):
            names |= dict.fromkeys(found or {})
        if not names:
            raise BadFile(detail="its first lines hold no JSON object.")
        self._names = list(names)
        self.columns = named_columns(self._names)
        with path.open("rb") as file:
            self.total: int | None = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) or 1

    def _objects(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        with self._path.open("rb") as file:
            number = 0
            while line := file.readline(_MAX_LINE):
                number += 1
                if len(line) == _MAX_LINE and not line.endswith(b"\n"):
                    raise BadFile(detail=f"line {number} is longer than {_MAX_LINE >> 20} MB.")
                if line.strip(b"\xef\xbb\xbf \t\r\n"):
                    yield number, _object(line.removeprefix(b"\xef\xbb\xbf"))

    def rows(self) -> Iterator[Row]:
        for number, found in self._objects():
            if found is None:
                yield Row(number, [None] * len(self._names), "bad_json")
            else:
                yield Row(number, [found.get(name) for name in self._names])


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        line.decode()
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
