"""A process that can be killed: ``prepare`` a crowd on a long way, ``work`` with some threads, ``report``."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from siyu.app import build_app
from siyu.delivery import deliver
from siyu.journeys import advance, let_in
from siyu.kit import HOUR
from siyu.store import Store
from tests.delivery.desk import Desk
from tests.delivery.worker import _START, open_store
from tests.journeys.drawing import node, publish

TURNS = 6


def way() -> tuple[list[Any], list[str]]:
    """Splits, values, trait changes, one message on the way, and a wait of half an hour at the end of each turn."""
    nodes, lines = [node("a", "trigger_list")], []
    for turn in range(TURNS):
        split = node(f"s{turn}", "split", branches=[{"name": "A", "percent": 50}])
        trait = node(f"t{turn}", "update_trait", name="turns", op="increment", value="1")
        lines += [f"{nodes[-1]['id']}>s{turn}", f"s{turn}>t{turn}>A", f"s{turn}>w{turn}", f"t{turn}>w{turn}"]
        nodes += [split, trait, node(f"w{turn}", "wait", minutes=30)]
        if turn == TURNS // 2:
            nodes.append(node("m", "send", channel="inbox", subject="s", body="b", campaign="once"))
            lines.append(f"w{turn}>m")
    return [*nodes, node("z", "exit")], [*lines, f"{nodes[-1]['id']}>z"]


def prepare(folder: Path, persons: int) -> None:
    store = open_store(folder, _START)
    with TestClient(build_app(store, with_loops=False)) as client:
        csrf = client.get("/api/session").json()["csrf"]
        admin = {"name": "A", "email": "a@example.com", "password": "correct horse battery", "language": "en"}
        answer = client.post("/api/setup", json=admin, headers={"X-CSRF-Token": csrf})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        desk = Desk(build_app(store, with_loops=False), client, store.clock)  # type: ignore[arg-type]
        desk.put("/api/channels/inbox", {"enabled": True, "config": {}})
        for channel in ("*", "inbox"):
            desk.policy(channel, "send_window", {"from": "00:00", "to": "24:00"})
        users = [f"u{number}" for number in range(persons)]
        desk.send(*[desk.identify(user, city="上海") for user in users])
        id = publish(desk, *way())
        desk.post(f"/api/journeys/{id}/enter", {"persons": [f"user_id:{user}" for user in users]})
    store.close()


def work(folder: Path, hours: int, threads: int) -> None:
    store = open_store(folder, _START + hours * HOUR)
    print("ready", flush=True)
    loops: list[Callable[[Store], float | None]] = [advance] * threads + [deliver, let_in]

    def turn(step: Callable[[Store], float | None]) -> None:
        while step(store) == 0:
            pass

    workers = [threading.Thread(target=turn, args=(step,)) for step in loops]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while advance(store) == 0 or deliver(store) == 0:
        pass
    store.close()


def report(folder: Path) -> None:
    store = open_store(folder, _START)
    asked = {
        "runs": "SELECT state, count(*) FROM journeys_runs GROUP BY state",
        "steps": "SELECT run_id, node_id, code, count(*) FROM journeys_steps GROUP BY run_id, node_id, code",
        "counts": "SELECT node_id, name, count FROM journeys_counts",
        "messages": "SELECT person_id, state, count(*) FROM delivery_messages GROUP BY person_id, state",
    }
    with store.state.read() as conn:
        found = {name: [list(row) for row in conn.exec_driver_sql(sql)] for name, sql in asked.items()}
    print(json.dumps(found))
    store.close()


if __name__ == "__main__":
    action, where, *more = sys.argv[1:]
    {"prepare": prepare, "work": work, "report": report}[action](Path(where), *map(int, more))
