"""kill -9 at random points, with two workers and ten: no run lost, none advanced twice, no message twice or missing.

Five rounds here; ``SIYU_KILL_ROUNDS=50`` for more, with ``SIYU_STATE=postgres`` on PostgreSQL.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.journeys.worker import TURNS

PERSONS = 400
ROUNDS = int(os.environ.get("SIYU_KILL_ROUNDS", "5"))


def run(*arguments: object) -> str:
    done = warm.run("tests.journeys.worker", *arguments, seconds=180)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def killed_after(seconds: float, *arguments: object) -> bool:
    """Whether the worker was still at work when it was killed, counted from when it was ready."""
    worker = warm.Program("tests.journeys.worker", "work", *arguments)
    assert worker.stdout.readline() == "ready\n", worker.errors[-3000:]
    deadline = time.monotonic() + seconds
    while worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    struck = worker.poll() is None
    worker.kill()
    worker.wait(30)
    assert struck or worker.returncode == 0, "the worker failed by itself"
    return struck


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("workers", [2, 10])
def test_killed_at_any_moment_everybody_walks_the_way_once(tmp_path: Path, workers: int) -> None:
    folder, dice = tmp_path / "data", random.Random(workers)
    run("prepare", folder, PERSONS)
    struck = hours = 0
    for _ in range(ROUNDS):
        if killed_after(dice.uniform(0, 0.25), folder, hours, workers):
            struck += 1
        else:
            hours = min(hours + 1, TURNS + 1)
    for hour in range(hours, TURNS + 3):
        run("work", folder, hour, workers)
    assert struck, "no worker was ever killed at work"
    check(json.loads(run("report", folder)))


def check(found: dict[str, list[list[Any]]]) -> None:
    assert found["runs"] == [["done", PERSONS]]
    assert {tuple(row[1:3]): row[3] for row in found["steps"] if row[3] > 1} == {}, "a step was taken twice"
    taken = Counter((node, code) for _, node, code, _ in found["steps"])
    for turn in range(TURNS):
        assert taken[f"s{turn}", "split"] == taken[f"w{turn}", "waits"] == taken[f"w{turn}", "waited"] == PERSONS
    assert taken["m", "queued"] == taken["z", "finished"] == PERSONS
    assert sorted(found["messages"]) == sorted([person, "sent", 1] for person, _, _ in found["messages"])
    assert len(found["messages"]) == PERSONS
    counts = {(node, name): count for node, name, count in found["counts"]}
    assert counts["", "entered"] == counts["", "done"] == PERSONS
    for node in {node for node, _ in counts if node}:
        assert (
            counts[node, "in"]
            == counts[node, "out"]
            == sum(1 for _, at, code, _ in found["steps"] if at == node and code not in ("waits", "entered"))
            or node == "a"
        )
