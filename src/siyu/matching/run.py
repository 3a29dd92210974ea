"""The outside of a run: files in, a process that works, its progress, and what it found."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from siyu.matching.comparisons import level_of
from siyu.matching.shapes import COLUMNS, FieldName, Level

JOB_FILE, RECORDS_FILE, PAIRS_FILE, ERRORS_FILE = "job.json", "records.arrow", "pairs.arrow", "errors.txt"
_FAULT = re.compile(r"[\w.]+(Error|Exception|Interrupt)\b")
"""The line of a traceback that says what is wrong."""

_SCHEMA = pa.schema([("person", pa.int64()), *((name, pa.string()) for name in COLUMNS)])


class Job(msgspec.Struct, frozen=True):
    """What to do. ``fields`` None: all that enough records have. ``threshold``: probability from which a pair counts.

    At most ``most_pairs`` pairs are compared and ``most_found`` kept, the best first.
    """

    records: int
    fields: list[FieldName] | None = None
    threshold: float = 0.9
    memory_mb: int = 1024
    most_pairs: int = 50_000_000
    most_found: int = 200_000


class Progress(msgspec.Struct, frozen=True):
    """Where a run is: ``stage`` reading, learning, comparing or done; ``share`` of the stage."""

    stage: str
    share: float = 0.0
    fields: list[FieldName] = []
    learned: bool = False
    records: int = 0


class Found(msgspec.Struct, frozen=True):
    """How one field compares; ``weight`` in bits, positive speaks for one person."""

    field: FieldName
    level: Level
    weight: float


class Pair(msgspec.Struct, frozen=True):
    """Two records that are probably one person. ``weight`` in bits, ``score`` the probability."""

    a: int
    b: int
    weight: float
    score: float
    fields: tuple[Found, ...]


def installed() -> bool:
    """Is the optional extra ``suggest`` there?"""
    return all(importlib.util.find_spec(name) for name in ("splink", "duckdb"))


class Run:
    """Matching in ``folder`` (this run's own): ``add`` records, ``start``, ``poll`` until done, read ``pairs``."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)  # what a killed run left
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._sink = pa.OSFile(str(folder / RECORDS_FILE), "wb")
        self._writer = pa.ipc.new_stream(self._sink, _SCHEMA)
        self._process: subprocess.Popen[bytes] | None = None
        self._line = b""
        self._last = Progress("reading")
        self.records = 0

    def add(self, people: Mapping[int, Mapping[str, str]]) -> None:
        """Person number → the columns that are known."""
        rows = [{"person": person, **dict.fromkeys(COLUMNS), **held} for person, held in people.items()]
        self._writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=_SCHEMA))
        self.records += len(rows)

    def start(self, job: Job) -> None:
        """Begin in a process of its own: its engine's threads and memory are none of ours."""
        self._writer.close()
        self._sink.close()
        (self._folder / JOB_FILE).write_bytes(msgspec.json.encode(job))
        with (self._folder / ERRORS_FILE).open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "siyu.matching", str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    def poll(self, seconds: float) -> Progress:
        """Where it is by now, waiting at most ``seconds`` for it to end. Raises RuntimeError when it broke."""
        process = self._running()
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        for line in self._lines(process):
            self._last = msgspec.json.decode(line, type=Progress)
        if code is not None and (code != 0 or self._last.stage != "done"):
            raise RuntimeError(self._errors() or f"ended with {code}")
        return self._last if code is not None or self._last.stage != "done" else Progress("comparing", 1.0)

    def pairs(self) -> Iterator[Pair]:
        """What was found, the best first."""
        with pa.OSFile(str(self._folder / PAIRS_FILE)) as source, pa.ipc.open_stream(source) as reader:
            for batch in reader:
                for row in batch.to_pylist():
                    yield _pair(row, self._last.fields)

    def close(self) -> None:
        """End the process and remove what it left."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
        elif not self._sink.closed:
            self._writer.close()
            self._sink.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterable[bytes]:
        assert process.stdout is not None
        while block := process.stdout.read(1 << 16):
            self._line += block
        *lines, self._line = self._line.split(b"\n")
        return [line for line in lines if line.startswith(b"{")]

    def _errors(self) -> str:
        lines = (self._folder / ERRORS_FILE).read_text("utf-8", "replace").splitlines()
        return next((line[:300] for line in reversed(lines) if _FAULT.match(line)), "")


def _pair(row: dict[str, Any], fields: list[FieldName]) -> Pair:
    found = tuple(Found(name, level_of(name, row[f"gamma_{name}"]), round(row[f"weight_{name}"], 2)) for name in fields)
    return Pair(row["a"], row["b"], round(row["match_weight"], 3), round(row["match_probability"], 6), found)
