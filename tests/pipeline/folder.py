"""Reads a data folder whose server has stopped. In a process of its own: the engine opens one folder in a process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests import warm


def read_folder(folder: Path) -> dict[str, Any]:
    """``events``: [key, how often, properties.n]; ``orders`` rows; ``counted``: the sum of persons' order counts."""
    done = warm.run("tests.pipeline.folder", folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(folder: Path) -> None:
    from siyu.kit import load_settings
    from siyu.store import Store
    from tests import postgres

    store = Store(load_settings(folder, state=postgres.address(folder)))
    rows = store.events.query("SELECT key, count(), any(toString(props.n)) FROM events GROUP BY key").rows
    with store.state.read() as conn:
        orders = conn.exec_driver_sql("SELECT count(*) FROM profiles_orders").scalar()
        counted = conn.exec_driver_sql("SELECT sum(orders) FROM profiles_persons").scalar()
    store.close()
    print(json.dumps({"events": [list(row) for row in rows], "orders": orders, "counted": counted}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
