"""How long a start takes on an existing folder, what it needs when idle, and how long opening takes after kill -9."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from siyu.bench.collect import load
from siyu.bench.load import Plan
from siyu.bench.rig import Server

RUNS = 5


def run(folder: Path, seconds: float, persons: int, progress: Callable[[str], None]) -> dict[str, float]:
    """Figures by name; ``seconds`` of load go in first, so that the folder is no empty one."""
    server = Server(folder / "server")
    server.start()
    server.sign_in()
    progress(f"filling the folder for {seconds:g} s")
    key = server.new_source()
    load(Plan(server.port, key, seconds, persons=persons, rate=20_000))
    server.stop()
    starts, memory = [], []
    for turn in range(RUNS):
        progress(f"start {turn + 1} of {RUNS}")
        starts.append(server.start())
        time.sleep(5)
        memory.append(server.memory_mb())
        server.stop()
    server.start()
    load(Plan(server.port, key, 3, persons=persons, run="again"))
    server.kill()
    after_kill = server.start()
    server.stop()
    server.client.close()
    return {
        "start_s": statistics.median(starts),
        "start_worst_s": max(starts),
        "idle_mb": max(memory),
        "start_after_kill_s": after_kill,
    }
