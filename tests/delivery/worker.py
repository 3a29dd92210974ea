"""A process of its own that can be killed: ``prepare`` a shop full of carts, ``work`` them off, ``report``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from litestar.testing import TestClient

from siyu.app import build_app
from siyu.delivery import deliver
from siyu.journeys import advance
from siyu.kit import HOUR, ManualClock, load_settings, parse_iso
from siyu.store import Store
from tests import postgres
from tests.delivery.desk import Desk

_START = parse_iso("2026-03-02T02:00:00Z")


def open_store(folder: Path, at: int) -> Store:
    return Store(load_settings(folder, allow_private_outbound=True, state=postgres.address(folder)), ManualClock(at))


def prepare(folder: Path, port: int, persons: int) -> None:
    store = open_store(folder, _START)
    clock = store.clock
    assert isinstance(clock, ManualClock)
    with TestClient(build_app(store, with_loops=False)) as client:
        csrf = client.get("/api/session").json()["csrf"]
        admin = {"name": "A", "email": "a@example.com", "password": "correct horse battery", "language": "en"}
        answer = client.post("/api/setup", json=admin, headers={"X-CSRF-Token": csrf})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        desk = Desk(build_app(store, with_loops=False), client, clock)
        config = {"host": "127.0.0.1", "port": port, "security": "none", "from_address": "shop@brand.example"}
        desk.put("/api/channels/email", {"enabled": True, "config": config | {"per_minute": 0}})
        desk.journey()
        users = [f"u{number}" for number in range(persons)]
        desk.send(*[desk.identify(user, email=f"{user}@example.com") for user in users])
        desk.send(*[desk.track(user, "consent_granted", channel="email", purpose="marketing") for user in users])
        desk.send(*[desk.track(user, "cart_added") for user in users])
    store.close()


def work(folder: Path) -> None:
    store = open_store(folder, _START + 2 * HOUR)
    print("ready", flush=True)
    while advance(store) == 0 or deliver(store) == 0:
        pass
    store.close()


def report(folder: Path) -> None:
    store = open_store(folder, _START + 2 * HOUR)
    with store.state.read() as conn:
        messages = conn.exec_driver_sql("SELECT id, state, person_id FROM delivery_messages").all()
        runs = conn.exec_driver_sql("SELECT state, count(*) FROM journeys_runs GROUP BY state").all()
        sends = "SELECT run_id, count(*) FROM journeys_steps WHERE code = 'queued' GROUP BY run_id HAVING count(*) > 1"
        twice = conn.exec_driver_sql(sends).all()
    print(
        json.dumps({"messages": [list(row) for row in messages], "runs": dict(map(tuple, runs)), "twice": len(twice)})
    )
    store.close()


if __name__ == "__main__":
    action, where, *more = sys.argv[1:]
    if action == "prepare":
        prepare(Path(where), *map(int, more))
    elif action == "work":
        work(Path(where))
    else:
        report(Path(where))
