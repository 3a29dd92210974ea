"""How many events a second come in, durable, and how many settle; against the bare floor in the same run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from siyu.bench.load import Maker, Outcome, Plan
from siyu.bench.rig import Server, running
from siyu.kit import load_settings
from siyu.store import Store

Progress = Callable[[str], None]


def run(folder: Path, seconds: float, persons: int, rate: float, progress: Progress) -> dict[str, float]:
    """Figures by name. ``rate`` is offered events a second, 0 for as many as are taken."""
    progress("floor: parse only, insert only")
    figures = _floors(folder / "floor", persons)
    with running(folder / "server") as server:
        key = server.new_source()
        progress("warming up")
        load(Plan(server.port, key, 2.0, persons=persons, run="warm", rate=rate))
        wait_settled(server)
        before = _settled(server)
        progress(f"sending for {seconds:g} s")
        began = time.perf_counter()
        out = load(Plan(server.port, key, seconds, persons=persons, run="main", rate=rate))
        at_end = _settled(server) - before
        backlog = _waiting(server)
        progress("waiting until all of it has settled")
        wait_settled(server)
        drained = time.perf_counter() - began
        settled = _settled(server) - before
        figures |= _figures(out, settled, drained) | {
            "settled_while_sending_per_s": at_end / out.seconds,
            "backlog_at_end_events": backlog,
            "resident_mb": server.memory_mb(),
        }
    figures["missing_events"] = out.acked - settled
    figures["floor_ratio"] = figures["settled_events_per_s"] / min(
        figures["floor_parse_per_s"], figures["floor_insert_per_s"]
    )
    return figures


def load(plan: Plan) -> Outcome:
    """Send by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "siyu.bench.load"], input=msgspec.json.encode(plan), capture_output=True, check=True
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


def _figures(out: Outcome, settled: float, drained: float) -> dict[str, float]:
    latencies = sorted(out.latencies) or [0.0]
    return {
        "acked_events_per_s": out.acked / out.seconds,
        "settled_events_per_s": settled / drained,
        "ack_p50_ms": latencies[len(latencies) // 2],
        "ack_p99_ms": latencies[int(len(latencies) * 0.99)],
        "bytes_per_event": out.bytes / max(out.acked, 1),
        "answered_503": out.retried,
        "failed": out.failed,
    }


def _settled(server: Server) -> float:
    return server.metric("siyu_settled_records_total")


def _waiting(server: Server) -> float:
    return server.metric("siyu_backlog_records")


def wait_settled(server: Server) -> None:
    deadline = time.perf_counter() + 300
    while _waiting(server) and time.perf_counter() < deadline:
        time.sleep(0.02)


def _floors(folder: Path, persons: int) -> dict[str, float]:
    """Events a second when all that is done is parsing JSON, or inserting ready-made columns durably."""
    maker = Maker(Plan(0, "", 0, persons=persons))
    bodies = [maker.body() for _ in range(300)]
    decode = msgspec.json.Decoder().decode
    began = time.perf_counter()
    for body in bodies:
        decode(body)
    parse = 30_000 / (time.perf_counter() - began)
    store = Store(load_settings(folder))
    rows = 10_000
    now = store.clock.now_ms()
    columns: dict[str, list[Any]] = {
        "person": list(range(rows)),
        "time": [now] * rows,
        "event": ["product_viewed"] * rows,
        "key": list(range(rows)),
        "source": ["bench"] * rows,
        "received": [now] * rows,
        "amount": [0] * rows,
        "props": [
            f'{{"sku":"SK-{n % 600}","price":{n % 900}.5,"category":"serum","position":{n % 40}}}' for n in range(rows)
        ],
        "context": ['{"library":{"name":"@segment/analytics-node"},"locale":"zh-CN"}'] * rows,
    }
    store.events.insert("events", columns)
    began = time.perf_counter()
    for _ in range(10):
        store.events.insert("events", columns)
    insert = 10 * rows / (time.perf_counter() - began)
    store.close()
    return {"floor_parse_per_s": parse, "floor_insert_per_s": insert}
