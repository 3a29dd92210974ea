"""A process that can be killed: ``prepare`` a campaign that is to begin, ``work`` on it, ``report``."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from litestar.testing import TestClient

from siyu.app import build_app
from siyu.campaigns import step
from siyu.delivery import deliver
from siyu.kit import ManualClock
from siyu.store import Store
from tests.campaigns.shop import Shop
from tests.delivery.desk import Desk
from tests.delivery.worker import _START, open_store


def prepare(folder: Path, port: int, persons: int) -> None:
    store = open_store(folder, _START)
    clock = store.clock
    assert isinstance(clock, ManualClock)
    with TestClient(build_app(store, with_loops=False)) as client:
        csrf = client.get("/api/session").json()["csrf"]
        admin = {"name": "A", "email": "a@example.com", "password": "correct horse battery", "language": "en"}
        answer = client.post("/api/setup", json=admin, headers={"X-CSRF-Token": csrf})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        shop = Shop(Desk(build_app(store, with_loops=False), client, clock))
        config = {"host": "127.0.0.1", "port": port, "security": "none", "from_address": "shop@brand.example"}
        shop.desk.put("/api/channels/email", {"enabled": True, "config": config | {"per_minute": 0}})
        shop.people(persons)
        shop.started(shop.campaign(shop.audience(), shop.template(), holdout=10))
    store.close()


def work(folder: Path) -> None:
    """Both loops side by side until nothing is left to do."""
    store = open_store(folder, _START)
    print("ready", flush=True)
    ended = threading.Event()

    def turn(loop: Callable[[Store], float]) -> None:
        while loop(store) == 0 or not ended.wait(0.01):
            pass

    courier = threading.Thread(target=turn, args=(deliver,))
    courier.start()
    while step(store) == 0:
        pass
    ended.set()
    courier.join()
    while deliver(store) == 0:
        pass
    store.close()


def report(folder: Path) -> None:
    store = open_store(folder, _START)
    asked = {
        "campaign": "SELECT state FROM campaigns_campaigns",
        "members": "SELECT state, count(*) FROM campaigns_members GROUP BY state",
        "messages": "SELECT id, state, person_id FROM delivery_messages",
    }
    with store.state.read() as conn:
        found = {name: [list(row) for row in conn.exec_driver_sql(sql)] for name, sql in asked.items()}
    print(json.dumps(found))
    store.close()


if __name__ == "__main__":
    action, where, *more = sys.argv[1:]
    {"prepare": prepare, "work": work, "report": report}[action](Path(where), *map(int, more))
