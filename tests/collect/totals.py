"""Counts what a data folder holds, in a process of its own: the engine opens one folder in a process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from siyu import app  # noqa: F401 - brings all tables
from siyu.kit import load_settings
from siyu.store import Store
from tests import postgres


def main(folder: Path) -> None:
    store = Store(load_settings(folder, state=postgres.address(folder)))
    count, people, fen = store.events.query("SELECT count(), uniqExact(person), sum(amount) FROM events").one()
    with store.state.read() as conn:
        facts = conn.exec_driver_sql("SELECT count(*), sum(orders), sum(revenue) FROM profiles_persons").one()
    print(json.dumps([count, people, fen, [int(fact) for fact in facts]]))
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
