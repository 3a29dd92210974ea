"""Work on a pull in processes that can be killed: ``prepare`` a connector, ``work``, ``finish``. Or ``large``:

``python -m tests.connectors.worker large 100000`` reads a corp of that many contacts on a simulated clock and tells the
time that passed on it, the calls, and the memory.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from siyu.app import House, build_app
from siyu.connectors import pull_step, task_step
from siyu.kit import MINUTE, SECOND, ManualClock, load_settings, parse_iso
from siyu.store import Store
from tests import postgres
from tests.connectors.hub import Hub
from tests.connectors.vendors import Corp
from tests.delivery.desk import Desk

_START = parse_iso("2026-03-02T02:00:00Z")


def open_house(folder: Path, at: int) -> House:
    settings = load_settings(folder, allow_private_outbound=True, state=postgres.address(folder))
    return build_app(Store(settings, ManualClock(at)), with_loops=False)


def prepare(folder: Path, connector: str, pull: str, config: dict[str, Any]) -> None:
    house = open_house(folder, _START)
    with TestClient(house) as client:
        csrf = client.get("/api/session").json()["csrf"]
        admin = {"name": "A", "email": "a@example.com", "password": "correct horse battery", "language": "en"}
        answer = client.post("/api/setup", json=admin, headers={"X-CSRF-Token": csrf})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        assert isinstance(house.store.clock, ManualClock)
        hub = Hub(Desk(house, client, house.store.clock))
        install = hub.install(connector, **config)
        hub.desk.post(f"/api/connectors/{install['id']}/pulls/{pull}")
    house.store.close()


def state_of(house: House) -> str:
    with house.store.state.read() as conn:
        return str(conn.exec_driver_sql("SELECT state FROM connectors_pulls").scalar())


def work(folder: Path, round: int) -> int:
    """Until the pull has ended; answers the ms that passed on its clock."""
    begun = _START + round * 10 * MINUTE
    house = open_house(folder, begun)
    clock = house.store.clock
    assert isinstance(clock, ManualClock)
    pages = 0
    while state_of(house) in ("running", "sweeping"):
        if pull_step(house.store) != 0:
            clock.advance(SECOND // 20)
        elif (pages := pages + 1) % 20 == 0:
            house.pipeline.step()
    while house.pipeline.step() or task_step(house.store) == 0:
        pass
    passed = clock.now_ms() - begun
    house.store.close()
    return passed


def report(folder: Path) -> dict[str, Any]:
    house = open_house(folder, _START + 1000 * MINUTE)
    counted = "SELECT event, count(), uniqExact(anchor), sum(amount) FROM events GROUP BY event ORDER BY event"
    rows = house.store.events.query(counted, {})
    with house.store.state.read() as conn:
        links = conn.exec_driver_sql("SELECT count(*) FROM connectors_mirror WHERE present").scalar()
        named = "SELECT count(*) FROM profiles_traits WHERE name IN ('wecom_name', 'oa_remark')"
        pull = conn.exec_driver_sql("SELECT state, done, calls FROM connectors_pulls").one()
        known = conn.exec_driver_sql(named).scalar()
    house.store.close()
    return {"events": [list(row) for row in rows], "links": links, "pull": list(pull), "named": known}


def finish(folder: Path, round: int, told: Connection) -> None:
    """Work to the end and tell how things stand."""
    work(folder, round)
    told.send(report(folder))


def settings_of(corp: Corp) -> dict[str, Any]:
    common = {"corp_id": corp.corp, "secret": corp.secret, "token": corp.token_text, "encoding_key": corp.key}
    return common | {"api_url": corp.url}


def large(count: int) -> None:
    corp = Corp()
    corp.staff = [f"staff-{number:03}" for number in range(100)]
    for number in range(count):
        at = _START // 1000 - 86_400 * 30
        corp.befriend(f"wm-{number:07}", corp.staff[number % 100], at, f"union-{number}", remark=f"客户{number}")
    corp.still = sorted(corp.friends)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "data"
        prepare(where, "wecom", "contacts", settings_of(corp))
        corp.calls.clear()
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        passed = work(where, 1)
        spent = time.monotonic() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        print(json.dumps(report(where)))
    print(json.dumps({"simulated_s": passed / 1000, "wall_s": round(spent, 1), "calls": len(corp.calls),
                      "memory_growth_mb": grown}))  # fmt: skip


if __name__ == "__main__":
    large(int(sys.argv[2]))
