"""How often the same row has come before in this file, in about 8 bytes a row.

Two rows of a file may be alike and yet be two purchases; counting them makes each one itself, and the same again when
the file is imported a second time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class Occurrences:
    """Counts 64-bit hashes. Kept as sorted runs that merge when they are of like size."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def number(self, hashes: list[int]) -> list[int]:
        """For each hash, how many of the same came before: earlier in this list, or in earlier calls."""
        if not hashes:
            return []
        given = np.array(hashes, dtype=np.uint64)
        order = np.argsort(given, kind="stable")
        ordered = given[order]
        counts = np.arange(len(given)) - np.searchsorted(ordered, ordered, "left")
        for run in self._runs:
            counts += np.searchsorted(run, ordered, "right") - np.searchsorted(run, ordered, "left")
        self._add(ordered)
        answer = np.empty(len(given), dtype=np.int64)
        answer[order] = counts
        return [int(count) for count in answer]

    def _add(self, run: Hashes) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")
        self._runs.append(run)
