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

from siyu.accounts import Operator
from siyu.audiences import AudienceDraft, create_many, names_of, preview, sweep
from siyu.bench.audience_data import audience_rules, build, member
from siyu.bench.collect import load
from siyu.bench.load import Plan
from siyu.bench.rig import Server, running
from siyu.kit import DAY, load_settings, person_ref
from siyu.store import Database, Store, open_state

Progress = Callable[[str], None]
AUDIENCES = 200
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

_BRIEF_SECONDS = 12
_BRIEF = {"event": "store_visited", "op": "gte", "value": 1, "window": {"last": _BRIEF_SECONDS / 60, "unit": "minutes"}}
_OPERATOR = Operator("opr_bench", "Bench", "bench@example.com", "admin", "en")
_PROBE = {"event": "store_visited", "aggregate": "count", "window": {"last_days": 1}, "op": "gte", "value": 1}


_PAID = {"event": "order_paid", "window": {"last_days": 30}}
_COUPON = {"event": "coupon_received", "window": {"last": 1, "unit": "months"}, "op": "gte", "value": 1}
_SERUM = [{"property": "category", "op": "eq", "value": "serum"}]
_VIEWED = {"event": "product_viewed", "window": {"last_days": 7}, "op": "gte", "value": 3, "where": _SERUM}
_TYPICAL: list[dict[str, Any]] = [
    _PREVIEW,
    {
        "all": [
            _PAID | {"aggregate": "sum", "property": "amount", "op": "gte", "value": 50_000},
            {"trait": "city", "op": "in", "value": ["上海", "北京"]},
        ]
    },
    {
        "all": [
            {"event": "order_paid", "window": {"last_days": 90}, "op": "eq", "value": 0},
            {"lifecycle": ["silent", "churned"]},
            {"reachable": "email"},
        ]
    },
    {"all": [_VIEWED, {"trait": "skin", "op": "eq", "value": "dry"}]},
    {
        "sequence": [{"event": "cart_added"}, {"event": "order_paid", "absent": True}],
        "within": {"n": 1, "unit": "days"},
        "window": {"last_days": 30},
    },
    _PAID | {"op": "lt", "value": {"own": 0.5, "window": {"ago": [30, 120], "unit": "days"}}},
    {"event": "order_paid", "aggregate": "last", "op": "in_last_days", "value": 30},
    {"all": [{"random": {"percent": 10}}, _COUPON]},
]
"""Previews as operators ask for them, in the order of ``preview_0_ms`` and so on."""


class WrongAnswer(Exception):
    """The preview and the question by hand do not agree."""


def prepare(folder: Path, events: int, persons: int, progress: Progress) -> None:
    """Two stores with the same live audiences: one with a tenth of the events. Does nothing where that is done."""
    drafts = [
        AudienceDraft(f"Bench {number}", rule)
        for number, rule in enumerate([*audience_rules(AUDIENCES - 2), _PROBE, _BRIEF])
    ]
    for name, size in (("small", max(events // 10, 1)), ("large", events)):
        fresh = not (folder / name / "state.db").exists()
        store = Store(load_settings(folder / name, log_level="warning"))
        if fresh:
            progress(f"building {size:,} events of {persons:,} persons")
            build(store, size, persons)
        with store.state.read() as conn:
            there = set(names_of(conn).values())
        missing = [draft for draft in drafts if draft.name not in there]
        if missing:
            progress(f"making {len(missing)} live audiences")
            create_many(store, _OPERATOR, missing, "en")
        store.close()


def run(folder: Path, events: int, persons: int, seconds: float, progress: Progress) -> dict[str, float]:
    """Figures by name. ``events`` and ``persons`` in store; ``seconds`` of live load."""
    prepare(folder, events, persons, progress)
    progress("following events with a tenth of the data")
    small = _live(folder / "small", persons, seconds, progress)
    fewer = _live(folder / "small", persons, seconds, progress, keep=AUDIENCES // 4)
    settings = load_settings(folder / "large", log_level="warning")
    store = Store(settings)
    progress("previewing")
    figures = _previews(store)
    store.close()
    figures |= _live(folder / "large", persons, seconds, progress)
    figures |= {
        "cost_growth": figures["follow_us_per_event"] / small["follow_us_per_event"],
        "cost_of_4x_audiences": small["follow_us_per_event"] / fewer["follow_us_per_event"],
        "follow_us_per_event_tenth": small["follow_us_per_event"],
        "follow_us_per_event_quarter_audiences": fewer["follow_us_per_event"],
    }
    progress("sweeping")
    store = Store(settings)
    sweep(store)
    swept = sweep(store)
    figures |= {"sweep_s": swept.seconds, "audiences": swept.audiences, "events": events, "persons": persons}
    store.close()
    return figures


def _previews(store: Store, turns: int = 9) -> dict[str, float]:
    """Ours and by hand in turns, so that both see the same machine; then each typical rule a few times."""
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
    return {"preview_ms": mine, "handwritten_ms": hand, "preview_ratio": mine / hand} | _typical(store)


def _typical(store: Store, turns: int = 5) -> dict[str, float]:
    medians, every = [], []
    for rule in _TYPICAL:
        took = []
        for turn in range(turns + 1):
            began = time.perf_counter()
            preview(store, rule, "en")
            took += [(time.perf_counter() - began) * 1000] if turn else []
        medians.append(statistics.median(took))
        every += took
    slowest = {f"preview_{number}_ms": one for number, one in enumerate(medians)}
    return {"preview_p95_ms": sorted(every)[int(len(every) * 0.95)]} | slowest


def _live(folder: Path, persons: int, seconds: float, progress: Progress, keep: int = AUDIENCES) -> dict[str, float]:
    with running(folder) as server:
        made = _audiences(server)
        for audience in made[AUDIENCES - 2 - (AUDIENCES - keep) : AUDIENCES - 2]:
            server.call("DELETE", f"/api/audiences/{audience}")
        key = server.new_source(f"bench {time.time_ns()}")
        before = _followed(server)
        progress(f"{RATE:,} events a second for {seconds:g} s, {keep} audiences")
        probe = _Probe(server, key, open_state(load_settings(folder)), made[-2], made[-1], persons)
        probe.start()
        out = load(Plan(server.port, key, seconds, connections=4, persons=persons, rate=RATE, run=f"{time.time_ns()}"))
        probe.stop()
        after = _followed(server)
        follow = (after[0] - before[0]) / max(after[1] - before[1], 1) * 1e6
        return (
            _lags("enter", probe.entered)
            | _lags("exit", probe.left)
            | {
                "probes_sent": probe.sent,
                "live_events_per_s": out.acked / out.seconds,
                "follow_us_per_event": follow,
                "profile_ms": _asked(server, persons, "/api/persons/{}"),
                "timeline_ms": _asked(server, persons, "/api/persons/{}/timeline?limit=100"),
                "resident_mb": server.memory_mb(),
            }
        )


def _audiences(server: Server) -> list[str]:
    """All audiences' ids, as they were made."""
    items: list[Any] = []
    after = ""
    while True:
        page = server.call("GET", f"/api/audiences?limit=200{after}")
        items += page["items"]
        if page["next"] is None:
            return [one["id"] for one in sorted(items, key=lambda one: int(one["name"].split()[1]))]
        after = f"&after={page['next']}"


def _followed(server: Server) -> tuple[float, float]:
    """(seconds spent following batches, records settled)."""
    return server.metric("siyu_audiences_follow_seconds_sum"), server.metric("siyu_settled_records_total")


def _lags(name: str, lags: list[float]) -> dict[str, float]:
    ordered = sorted(lags) or [float("nan")]
    return {
        f"{name}_p50_s": ordered[len(ordered) // 2],
        f"{name}_p95_s": ordered[int(len(ordered) * 0.95)],
        f"{name}_max_s": ordered[-1],
        f"probes_{name}": len(lags),
    }


def _asked(server: Server, persons: int, path: str) -> float:
    """Median ms over HTTP for busy persons."""
    took = []
    for person in range(1, min(60, persons)):
        began = time.perf_counter()
        server.call("GET", path.format(person_ref(person)))
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


_CHANGES = sa.text("SELECT seq, audience_id, person_id, change FROM audiences_changes WHERE seq > :seen ORDER BY seq")


class _Probe:
    """Lets a person visit a store ten times a second, and watches when each is in one audience and out of another.

    ``entered``: seconds from the visit to the news; ``left``: seconds from when the visit was too long ago.
    """

    def __init__(self, server: Server, key: str, state: Database, audience: str, brief: str, persons: int) -> None:
        self._url = f"{server.url}/v1/track"
        self._auth = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        self._state, self._audience, self._brief, self._persons = state, audience, brief, persons
        self._first = time.time_ns() % persons
        self._sent_at: dict[int, float] = {}
        self.entered: list[float] = []
        self.left: list[float] = []
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._watch)]

    @property
    def sent(self) -> int:
        return len(self._sent_at)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop sending, wait for those under way."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._state.close()

    def _send(self) -> None:
        with httpx.Client(timeout=30) as client:
            number = 0
            while not self._ending.wait(0.1):
                person = 1 + (self._first + number * 7919) % self._persons
                number += 1
                user, device = member(person)
                name = f"probe-{self._first}-{number}"
                body = {"event": "store_visited", "userId": user, "anonymousId": device, "messageId": name}
                self._sent_at.setdefault(person, time.perf_counter())
                client.post(self._url, content=json.dumps(body), headers={"authorization": self._auth})

    def _watch(self) -> None:
        deadline, seen = None, self._head()
        while not (self._ending.is_set() and len(self.left) >= len(self._sent_at) <= len(self.entered)):
            seen = self._look(seen)
            if self._ending.is_set():
                deadline = deadline or time.perf_counter() + 90
                if time.perf_counter() > deadline:
                    return
            time.sleep(0.01)

    def _head(self) -> int:
        with self._state.read() as conn:
            return int(conn.execute(sa.text("SELECT seq FROM audiences_head")).scalar_one())

    def _look(self, seen: int) -> int:
        with self._state.read() as conn:
            rows = conn.execute(_CHANGES, {"seen": seen}).all()
        now = time.perf_counter()
        for _, audience, person, change in rows:
            if person in self._sent_at:
                since = now - self._sent_at[person]
                if (audience, change) == (self._audience, "entered"):
                    self.entered.append(since)
                elif (audience, change) == (self._brief, "left"):
                    self.left.append(since - _BRIEF_SECONDS)
        return rows[-1][0] if rows else seen
