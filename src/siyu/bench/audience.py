"""Audiences at size: a preview against the same question by hand, membership behind the stream, a sweep."""

from __future__ import annotations

import base64
import json
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from siyu.audiences import preview, sweep
from siyu.bench.audience_data import audience_rules, build, member
from siyu.bench.collect import load
from siyu.bench.load import Outcome, Plan
from siyu.bench.rig import Server, running
from siyu.kit import DAY, load_settings, person_ref
from siyu.store import Database, Store, open_state

Progress = Callable[[str], None]
AUDIENCES = 100
RATE = 2_000
"""Live audiences, and events a second, while entering is measured."""

_PREVIEW = {
    "all": [
        {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        {"trait": "age", "op": "between", "value": [25, 40]},
        {"event": "cart_added", "aggregate": "count", "window": {"last_days": 30}, "op": "gte", "value": 2},
        {"event": "order_paid", "aggregate": "count", "window": {"last_days": 30}, "op": "eq", "value": 0},
    ]
}
_PERSONS_BY_HAND = """person IN (SELECT person FROM persons FINAL WHERE deleted = 0
    AND traits.city.:String IN ('上海', '杭州') AND traits.age.:Int64 BETWEEN 25 AND 40)"""
_TWO_SETS = """
SELECT count() FROM persons FINAL WHERE deleted = 0
    AND traits.city.:String IN ('上海', '杭州') AND traits.age.:Int64 BETWEEN 25 AND 40
    AND person IN (SELECT person FROM events
        WHERE event = 'cart_added' AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        GROUP BY person HAVING count() >= 2)
    AND person NOT IN (SELECT person FROM events
        WHERE event = 'order_paid' AND time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC'))
"""
_ONE_SCAN = f"""
SELECT count() FROM (SELECT person FROM events
    WHERE event IN ('cart_added', 'order_paid') AND time >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')
        AND {_PERSONS_BY_HAND}
    GROUP BY person HAVING countIf(event = 'cart_added') >= 2 AND countIf(event = 'order_paid') = 0)
"""  # noqa: S608
"""Two ways in which somebody who knows the tables would ask by hand; the faster one counts."""

_PROBE = {"event": "store_visited", "aggregate": "count", "window": {"last_days": 1}, "op": "gte", "value": 1}


class WrongAnswer(Exception):
    """The preview and the question by hand do not agree."""


def run(folder: Path, events: int, persons: int, seconds: float, progress: Progress) -> dict[str, float]:
    """Figures by name. ``events`` and ``persons`` in store; ``seconds`` of live load."""
    settings = load_settings(folder, log_level="warning")
    progress(f"building {events:,} events of {persons:,} persons")
    store = Store(settings)
    build(store, events, persons)
    progress("previewing")
    figures = _previews(store)
    store.close()
    figures |= _live(folder, persons, seconds, progress)
    progress("sweeping")
    store = Store(settings)
    sweep(store)
    swept = sweep(store)
    figures |= {"sweep_s": swept.seconds, "audiences": swept.audiences, "events": events, "persons": persons}
    store.close()
    return figures


def _previews(store: Store, turns: int = 9) -> dict[str, float]:
    """Ours and by hand in turns, so that both see the same machine."""
    ours: list[float] = []
    by_hand: dict[str, list[float]] = {_TWO_SETS: [], _ONE_SCAN: []}
    for turn in range(turns + 1):
        since = {"since": store.clock.now_ms() - 30 * DAY}
        began = time.perf_counter()
        counted = preview(store, _PREVIEW, "en").count
        took = [time.perf_counter() - began]
        for sql in by_hand:
            began = time.perf_counter()
            found = int(store.events.query(sql, since).one()[0])
            took.append(time.perf_counter() - began)
            if abs(found - counted) > counted // 1000:
                raise WrongAnswer(found, counted)
        if turn:
            ours.append(took[0])
            for sql, one in zip(by_hand, took[1:], strict=True):
                by_hand[sql].append(one)
    mine = statistics.median(ours) * 1000
    hand = min(statistics.median(each) for each in by_hand.values()) * 1000
    return {"preview_ms": mine, "handwritten_ms": hand, "preview_ratio": mine / hand}


def _live(folder: Path, persons: int, seconds: float, progress: Progress) -> dict[str, float]:
    with running(folder) as server:
        key = server.new_source()
        progress(f"making {AUDIENCES} live audiences")
        rules = [*audience_rules(AUDIENCES - 1), _PROBE]
        made = [_made(server, number, rule) for number, rule in enumerate(rules)]
        progress(f"{RATE:,} events a second for {seconds:g} s")
        probe = _Probe(server, key, open_state(load_settings(folder)), made[-1], persons)
        probe.start()
        out = load(Plan(server.port, key, seconds, connections=4, persons=persons, rate=RATE, run="live"))
        lags = probe.stop()
        return _entered(lags, out, probe) | {
            "timeline_ms": _timeline(server, persons),
            "resident_mb": server.memory_mb(),
        }


def _made(server: Server, number: int, rule: dict[str, Any]) -> str:
    return str(server.call("POST", "/api/audiences", {"name": f"Bench {number}", "rule": rule})["id"])


def _entered(lags: list[float], out: Outcome, probe: _Probe) -> dict[str, float]:
    lags = sorted(lags) or [0.0]
    return {
        "enter_p50_s": lags[len(lags) // 2],
        "enter_p95_s": lags[int(len(lags) * 0.95)],
        "enter_max_s": lags[-1],
        "probes_sent": probe.sent,
        "probes_entered": len(lags),
        "live_events_per_s": out.acked / out.seconds,
    }


def _timeline(server: Server, persons: int) -> float:
    """Median ms of the newest 100 events of busy persons, over HTTP."""
    took = []
    for person in range(1, min(60, persons)):
        began = time.perf_counter()
        server.call("GET", f"/api/persons/{person_ref(person)}/timeline?limit=100")
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


_CHANGES = sa.text(
    "SELECT seq, person_id FROM audiences_changes WHERE audience_id = :audience AND seq > :seen ORDER BY seq"
)


class _Probe:
    """Lets a person visit a store ten times a second, and watches for when each is in the audience."""

    def __init__(self, server: Server, key: str, state: Database, audience: str, persons: int) -> None:
        self._url = f"{server.url}/v1/track"
        self._auth = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        self._state, self._audience, self._persons = state, audience, persons
        self._first = int(time.time()) % persons
        self._sent_at: dict[int, float] = {}
        self._lags: list[float] = []
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._watch)]

    @property
    def sent(self) -> int:
        return len(self._sent_at)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> list[float]:
        """Stop sending, wait for those under way; answers the seconds each took."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._state.close()
        return self._lags

    def _send(self) -> None:
        with httpx.Client(timeout=30) as client:
            number = 0
            while not self._ending.wait(0.1):
                person = 1 + (self._first + number * 7919) % self._persons
                number += 1
                user, device = member(person)
                body = {"event": "store_visited", "userId": user, "anonymousId": device, "messageId": f"probe-{number}"}
                self._sent_at.setdefault(person, time.perf_counter())
                client.post(self._url, content=json.dumps(body), headers={"authorization": self._auth})

    def _watch(self) -> None:
        seen, deadline = 0, None
        while len(self._lags) < len(self._sent_at) or not self._ending.is_set():
            with self._state.read() as conn:
                rows = conn.execute(_CHANGES, {"audience": self._audience, "seen": seen}).all()
            now = time.perf_counter()
            for seq, person in rows:
                seen = seq
                self._lags.append(now - self._sent_at[person])
            if self._ending.is_set():
                deadline = deadline or now + 60
                if now > deadline:
                    return
            time.sleep(0.01)
