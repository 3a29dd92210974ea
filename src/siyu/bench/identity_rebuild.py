"""All persons worked out afresh from a ledger of many links, by the command an operator would use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from siyu.bench.rig import ServerFailed
from siyu.kit import load_settings
from siyu.store import Store

Figures = dict[str, float]
_STEP = 500_000
_CONTESTED = 5_000
"""The device of every so many-th person was seen with the next one too: a link that yields."""

_KINDS = (("device", 0), ("unionid", 2), ("user_id", 1))
"""In the order of their keys, with their place among the three identifiers of a person."""


def rebuilding(folder: Path, state: str, links: int, progress: Callable[[str], None]) -> Figures:
    """Seconds and peak memory of ``siyu identity rebuild --check`` over ``links`` links, start of the program included;
    what is stored must be what the ledger says."""
    store = Store(load_settings(folder, log_level="warning", state=state))
    began = time.perf_counter()
    _build(store, links // 2, progress)
    built = time.perf_counter() - began
    store.close()
    progress("working all persons out afresh")
    command = [sys.executable, "-m", "siyu.cli", "identity", "rebuild", "--check", "--data", str(folder)]
    began = time.perf_counter()
    with subprocess.Popen(  # noqa: S603
        command, env=os.environ | {"SIYU_STATE": state}, stdout=subprocess.PIPE, text=True
    ) as child:
        said = child.stdout.read() if child.stdout else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - began
    if child.returncode:
        raise ServerFailed(detail=f"the ledger says otherwise: {said[:300]}")
    return {
        "rebuild_links": links,
        "rebuild_built_s": built,
        "rebuild_s": took,
        "rebuild_peak_mb": used.ru_maxrss / 1e3,
    }


def _build(store: Store, persons: int, progress: Callable[[str], None]) -> None:
    """Three identifiers and two links each, written by the database itself."""
    for kind, place in _KINDS:
        progress(f"building {persons:,} identifiers: {kind}")
        for first in range(1, persons + 1, _STEP):
            last = min(first + _STEP - 1, persons)
            _run(
                store,
                "INSERT INTO identity_identifiers (key, id, anchor, person_id, born, first_seen_at, source_id)"
                f" SELECT '{kind}:3f6f2c1e-' || {{padded}}, 3 * i - {place}, 3 * i - {place}, i, i, 1, 'bench'",
                first,
                last,
            )
    progress(f"building {2 * persons:,} links")
    insert = "INSERT INTO identity_links (one, two, at, source, event) SELECT"
    for first in range(1, persons + 1, _STEP):
        last = min(first + _STEP - 1, persons)
        _run(store, f"{insert} 3 * i - 2, 3 * i - 1, 1, 1, i", first, last)
        _run(store, f"{insert} 3 * i - 2, 3 * i, 1, 1, i", first, last)
    _run(store, f"{insert} 3 * i * {_CONTESTED}, 3 * i * {_CONTESTED} + 1, 2, 1, i", 1, (persons - 1) // _CONTESTED)


def _run(store: Store, statement: str, first: int, last: int) -> None:
    """A statement over the numbers ``i`` from first to last."""
    numbers, padded = f"generate_series({first}, {last}) AS n(i)", "lpad(CAST(i AS text), 12, '0')"
    if store.state.sqlite:
        counting = f"SELECT {first} AS i UNION ALL SELECT i + 1 FROM n WHERE i < {last}"  # noqa: S608
        numbers, padded = f"(WITH RECURSIVE n AS ({counting}) SELECT i FROM n)", "printf('%012d', i)"  # noqa: S608
    with store.state.write() as conn:
        conn.exec_driver_sql(f"{statement.replace('{padded}', padded)} FROM {numbers} WHERE i <= {last}")
