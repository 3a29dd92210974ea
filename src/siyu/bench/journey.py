"""Journeys under load: steps a second, a million people let in at once, what waiting costs, from event to message."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec

from siyu import journeys
from siyu.bench.audience_data import build
from siyu.bench.campaign import estimating
from siyu.bench.phases import Phases
from siyu.bench.rig import Server, ServerFailed, running
from siyu.kit import DAY, load_settings
from siyu.store import Store

Progress = Callable[[str], None]
Figures = dict[str, float]
_LIVE, _RATE, _BATCH = 50, 2_000, 100
_EVENTS_EACH = 5
_SENDING = 12
"""One event in so many makes somebody enter a journey that sends at once."""


def run(folder: Path, seconds: float, persons: int, progress: Progress) -> Figures:
    """Figures by name. An advance is one decision of a node about one run, written into the trace. A folder that is
    kept remembers finished phases."""
    phases = Phases(folder, {"seconds": seconds, "persons": persons}, progress)
    phases.measure("event_to_send", lambda where, state: _latency(where, state, seconds))
    phases.measure("advances", lambda where, state: _advances(*_standing(where, state, _walk(12)), seconds))
    phases.measure("start", lambda where, state: _start(*_standing(where, state, _walk(1, minutes=300_000)), persons))
    phases.measure("backtest", lambda where, state: _backtest(_opened(where, state), persons))
    phases.measure("estimate", lambda where, state: estimating(where, state, min(persons, 100_000)))
    return phases.figures | {"persons": float(persons), "on_postgresql": float(phases.on_postgresql)}


def _latency(folder: Path, state: str, seconds: float) -> Figures:
    with running(folder, state=state, allow_private_outbound="true") as server:
        return _event_to_send(server, seconds)


def _standing(folder: Path, state: str, graph: dict[str, Any]) -> tuple[Store, str]:
    """A store with one live journey."""
    with running(folder, state=state) as server:
        journey = _publish(server, graph)
    return _opened(folder, state), journey


def _opened(folder: Path, state: str) -> Store:
    return Store(load_settings(folder, log_level="warning", state=state))


def _walk(turns: int, minutes: int = 0) -> dict[str, Any]:
    """A list of people, then so many turns of a split, a branch by value and, at the end of a turn, a short wait."""
    nodes: list[dict[str, Any]] = [{"id": "in", "kind": "trigger_list", "config": {}}]
    edges: list[dict[str, Any]] = []
    halves = [{"name": "a", "percent": 50}]
    for turn in range(turns):
        part, value, wait = f"part{turn}", f"value{turn}", f"wait{turn}"
        before = nodes[-1]["id"]
        nodes += [
            {"id": part, "kind": "split", "config": {"branches": halves}},
            {
                "id": value,
                "kind": "branch_value",
                "config": {"name": "level", "branches": [{"name": "a", "values": ["1"]}]},
            },
            {"id": wait, "kind": "wait", "config": {"minutes": minutes or 1}},
        ]
        edges += [{"from": before, "to": part}, {"from": part, "to": value, "branch": "a"}, {"from": part, "to": value}]
        edges += [{"from": value, "to": wait, "branch": "a"}, {"from": value, "to": wait}]
    nodes.append({"id": "out", "kind": "exit", "config": {}})
    edges.append({"from": nodes[-2]["id"], "to": "out"})
    return {"nodes": nodes, "edges": edges}


def _publish(server: Server, graph: dict[str, Any]) -> str:
    made = server.call("POST", "/api/journeys", {"name": "Bench"})
    server.edit(f"/api/journeys/{made['id']}", {"name": "Bench", "graph": graph})
    server.call("POST", f"/api/journeys/{made['id']}/publish")
    return str(made["id"])


def _advances(store: Store, journey: str, seconds: float) -> Figures:
    """Steps while there is always work: each wait is over when its run is looked at again."""
    people = 0
    steps, spent = 0, 0.0
    while spent < seconds:
        journeys.begin_start(store, journey, range(people + 1, people + 50_001))
        people += 50_000
        while journeys.let_in(store) == 0:
            pass
        began, before = time.perf_counter(), _steps(store)
        while spent + time.perf_counter() - began < seconds and journeys.advance(store) == 0:
            pass
        spent += time.perf_counter() - began
        steps += _steps(store) - before
    store.close()
    return {"advances_per_s": steps / spent}


def _steps(store: Store) -> int:
    with store.state.read() as conn:
        return int(conn.exec_driver_sql("SELECT coalesce(max(id), 0) FROM journeys_steps").scalar_one())


def _start(store: Store, journey: str, persons: int) -> Figures:
    """From the word until everybody has entered and stands at the wait, both loops at work as in the house."""
    began = time.perf_counter()
    journeys.begin_start(store, journey, range(1, persons + 1))
    ended = threading.Event()
    others = threading.Thread(target=_turn, args=(store, journeys.advance, ended))
    others.start()
    while _waiting(store, journey) < persons:
        time.sleep(journeys.let_in(store))
    took = time.perf_counter() - began
    ended.set()
    others.join()
    figures = {"start_1m_s": took * 1_000_000 / persons, "waiting_cpu_share": _idle_share(store, 10.0)}
    store.close()
    return figures


def _waiting(store: Store, journey: str) -> int:
    table = "SELECT journey_id, count FROM journeys_counts WHERE node_id = 'wait0' AND name = 'in'"
    with store.state.read() as conn:
        return sum(row[1] for row in conn.exec_driver_sql(table) if row[0] == journey)


def _turn(store: Store, step: Callable[[Store], float], ended: threading.Event) -> None:
    while not ended.is_set():
        ended.wait(step(store))


def _idle_share(store: Store, seconds: float) -> float:
    """Processor time of the loops of journeys, as a share of one core, while nothing is due."""
    while journeys.advance(store) == 0:
        pass
    ended = threading.Event()
    loops = [threading.Thread(target=_turn, args=(store, step, ended)) for step in (journeys.advance, journeys.let_in)]
    began, used = time.perf_counter(), time.process_time()
    for loop in loops:
        loop.start()
    time.sleep(seconds)
    share = (time.process_time() - used) / (time.perf_counter() - began)
    ended.set()
    for loop in loops:
        loop.join()
    return share


def _backtest(store: Store, persons: int) -> Figures:
    """Thirty days of the shop's events tried out on a journey with a split, a wait and an exit event."""
    build(store, _EVENTS_EACH * persons, persons)
    graph = msgspec.json.encode(
        {
            "nodes": [
                {"id": "in", "kind": "trigger_event", "config": {"event": "cart_added"}},
                {"id": "part", "kind": "split", "config": {"branches": [{"name": "a", "percent": 50}]}},
                {"id": "wait", "kind": "wait", "config": {"minutes": 60}},
                {"id": "out", "kind": "exit", "config": {}},
            ],
            "edges": [
                {"from": "in", "to": "part"},
                {"from": "part", "to": "wait", "branch": "a"},
                {"from": "part", "to": "wait"},
                {"from": "wait", "to": "out"},
            ],
            "settings": {"exit_events": ["order_paid"], "reentry_days": 7},
        }
    ).decode()
    now = store.clock.now_ms()
    began = time.perf_counter()
    result = journeys.rehearse(store, "jrn_bench", graph, now - 30 * DAY, now)
    took = time.perf_counter() - began
    store.close()
    return {"backtest_s": took, "backtest_entered": float(result.entered)}


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    arrived: list[float] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))
        self.arrived.append(time.time() - float(body["text"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def _sink() -> Any:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sink)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def _event_to_send(server: Server, seconds: float) -> Figures:
    """From the moment an event is sent in until the message it causes arrives at a webhook's receiver."""
    with _sink() as port:
        _open_channel(server, port)
        for number in range(_LIVE):
            _publish(server, _sends_at_once(number))
        key = server.new_source()
        _send_events(server, key, 3.0, "warm")
        time.sleep(2)
        _Sink.arrived.clear()
        sent, rate = _send_events(server, key, seconds, "main")
        deadline = time.monotonic() + 30
        while len(_Sink.arrived) < sent and time.monotonic() < deadline:
            time.sleep(0.05)
        took = sorted(_Sink.arrived)
    if not took:
        raise ServerFailed(detail="no message arrived.")
    return {
        "event_to_send_p95_s": took[int(len(took) * 0.95)],
        "event_to_send_p50_s": took[len(took) // 2],
        "messages_sent": len(took),
        "messages_expected": sent,
        "offered_events_per_s": rate,
    }


def _open_channel(server: Server, port: int) -> None:
    wanted_rules: list[tuple[str, str, dict[str, Any]]] = [
        ("*", "cap", {}),
        ("*", "send_window", {"from": "00:00", "to": "24:00"}),
        ("webhook", "send_window", {"from": "00:00", "to": "24:00"}),
    ]
    rows = [
        {"channel": channel, "rule": rule, "value": value, "evidence": "bench", "updated_at": ""}
        for channel, rule, value in wanted_rules
    ]
    server.edit("/api/policies", {"items": rows})
    settings = server.call("GET", "/api/settings")
    wanted = {name: settings[name] for name in ("lifecycle", "timezone", "language")} | {"quiet_hours": None}
    server.edit("/api/settings", wanted)
    config = {"url": f"http://127.0.0.1:{port}/", "secret": "bench", "per_minute": 0}
    server.edit("/api/channels/webhook", {"enabled": True, "config": config})


def _sends_at_once(number: int) -> dict[str, Any]:
    where = [{"property": "shelf", "values": [str(number)]}]
    send = {"channel": "webhook", "subject": "s", "body": "{{event.sent|0}}", "repeat_days": 0}
    return {
        "nodes": [
            {"id": "in", "kind": "trigger_event", "config": {"event": "shelf_seen", "where": where}},
            {"id": "part", "kind": "split", "config": {"branches": [{"name": "a", "percent": 50}]}},
            {"id": "send", "kind": "send", "config": send},
            {"id": "out", "kind": "exit", "config": {}},
        ],
        "edges": [
            {"from": "in", "to": "part"},
            {"from": "part", "to": "send", "branch": "a"},
            {"from": "part", "to": "send"},
            {"from": "send", "to": "out"},
        ],
        "settings": {"reentry": "never"},
    }


def _send_events(server: Server, key: str, seconds: float, name: str) -> tuple[int, float]:
    """Events at an even rate; answers how many should cause a message, and the rate that was kept."""
    client = httpx.Client(base_url=server.url, auth=(key, ""), timeout=30)
    number = messages = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        time.sleep(max(0.0, began + number / _RATE - time.perf_counter()))
        batch = []
        for _ in range(_BATCH):
            seen = number % _SENDING == 0
            messages += seen
            props = {"shelf": str(number // _SENDING % _LIVE), "sent": str(time.time())}
            event, who = "shelf_seen" if seen else "page_viewed", f"{name}{number}"
            batch.append({"type": "track", "event": event, "userId": who, "messageId": who, "properties": props})
            number += 1
        answer = client.post("/v1/batch", content=msgspec.json.encode({"batch": batch}))
        if answer.status_code != 200:
            raise ServerFailed(detail=f"the door answered {answer.status_code} {answer.text[:200]}")
    return messages, number / (time.perf_counter() - began)
