"""kill -9 in the middle of a backfill, again and again: the end state is exact, nothing is told twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from siyu.kit import parse_iso
from tests.connectors.vendors import Corp

CONTACTS, ROUNDS = 150, 6


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "tests.connectors.worker", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.timeout(300)
def test_killed_at_any_moment_a_backfill_ends_exact(tmp_path: Path, corp: Corp) -> None:
    folder, dice = tmp_path / "data", random.Random(20260302)
    begun = parse_iso("2026-02-01T00:00:00Z") // 1000
    for number in range(CONTACTS):
        corp.befriend(f"wm-{number:04}", corp.staff[number % 2], begun + number, f"union-{number}")
    corp.page_size = 5
    run("prepare", folder, corp.url)
    for round in range(1, ROUNDS + 1):
        command = [sys.executable, "-m", "tests.connectors.worker", "work", str(folder), str(round)]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        left = dice.randint(1, 5)

        def strike(_start: int, worker: subprocess.Popen[str] = worker) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                threading.Timer(dice.choice([0, 0.002, 0.01]), worker.kill).start()

        corp.on_page = strike
        worker.wait(60)
        assert worker.returncode == -9
    corp.on_page = None
    run("work", folder, ROUNDS + 1)
    found = json.loads(run("report", folder))
    assert found["events"] == [["wecom_friend_added", CONTACTS, CONTACTS]]
    assert (found["links"], found["named"]) == (CONTACTS, CONTACTS)
    assert found["pull"][:2] == ["done", CONTACTS]
