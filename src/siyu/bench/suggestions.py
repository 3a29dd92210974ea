"""How many of those who are one are found: FEBRL through the queue operators use."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from siyu import identity, suggestions
from siyu.accounts import Operator
from siyu.app import House, build_app
from siyu.bench import febrl
from siyu.kit import SystemClock, load_settings
from siyu.matching import FIELDS, FieldName
from siyu.store import Store

Figures = dict[str, float]
Tell = Callable[[str], None]
_BY = Operator("bench", "bench", "", "admin")
_THRESHOLD = 0.9
_AT_ONCE = 1_000


def run(folder: Path, tell: Tell) -> Figures:
    """FEBRL 4 with all fields and FEBRL 3 without the id number: F1 of the persons after accepting all suggestions."""
    return {
        **_measure(folder / "febrl4", 4, list(FIELDS), tell),
        **_measure(folder / "febrl3", 3, [name for name in FIELDS if name != "id_number"], tell),
    }


def _measure(folder: Path, number: int, fields: list[FieldName], tell: Tell) -> Figures:
    store = Store(load_settings(folder), SystemClock())
    house = build_app(store, with_loops=False)
    rows = febrl.read(number)
    tell(f"FEBRL {number}: {len(rows):,} records through the pipeline")
    take(house, rows)
    began = time.perf_counter()
    tell("comparing")
    with store.state.write() as conn:
        suggestions.start_run(conn, _BY, suggestions.RunRequest(fields, _THRESHOLD))
    _work_off(house)
    seconds = time.perf_counter() - began
    tell("accepting all of it")
    with store.state.write() as conn:
        count = suggestions.count_waiting(conn)
        suggestions.accept_all(conn, _BY, suggestions.BulkAccept(0.5, count))
    _work_off(house)
    with store.state.read() as conn:
        person = {name: identity.find_person(conn, f"device:{name}") for name in rows}
    precision, recall, f1 = febrl.accuracy(febrl.pairs_of(person), febrl.true_pairs(rows))
    house.stop()
    store.close()
    name = f"febrl{number}"
    return {f"{name}_f1": f1, f"{name}_precision": precision, f"{name}_recall": recall, f"{name}_s": seconds}


def take(house: House, rows: dict[str, dict[str, str]]) -> None:
    """Send rows in as traits, and settle them."""
    records = febrl.as_records(rows, house.store.clock.now_ms())
    for start in range(0, len(records), _AT_ONCE):
        house.inbox.append("febrl", house.store.clock.now_ms(), records[start : start + _AT_ONCE])
    house.pipeline.drain()


def _work_off(house: House) -> None:
    while house.suggester.step() == 0.0:
        pass
    house.pipeline.drain()
