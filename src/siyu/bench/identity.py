"""Persons that merge: how fast records find theirs, how soon a merge shows everywhere, what it costs questions."""

from __future__ import annotations

import base64
import json
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from siyu import identity
from siyu.bench.audience_data import build_events
from siyu.bench.identity_rebuild import rebuilding
from siyu.bench.phases import Phases
from siyu.bench.rig import Server, ServerFailed, running
from siyu.collect import PATHS as _DOORS
from siyu.kit import iso, load_settings
from siyu.store import Store

Progress = Callable[[str], None]
Figures = dict[str, float]
BATCH = 10_000
EACH = 10_000
"""Events of each of the two persons that merge."""

_TURNS = 9
_ABSORBED = 10
"""Every so many-th person has merged into the one before it."""


def run(folder: Path, events: int, persons: int, links: int, seconds: float, progress: Progress) -> Figures:
    """Figures by name. ``seconds`` of resolving; ``links`` to work all persons out from; ``events`` of ``persons`` in
    store for the questions. A folder that is kept remembers the figures of finished phases: what was cut short goes on.
    """
    asked = {"events": events, "persons": persons, "links": links, "seconds": seconds}
    phases = Phases(folder, asked, progress)
    phases.measure("merge", lambda where, state: _merging(where, state, progress))
    phases.measure("resolve", lambda where, state: _resolving(_opened(where, state), seconds))
    phases.measure("rebuild", lambda where, state: rebuilding(where, state, links, progress))
    phases.measure("questions", lambda where, state: _questions(_opened(where, state), events, persons, progress))
    return phases.figures | {"events": events, "persons": persons, "on_postgresql": float(phases.on_postgresql)}


def _opened(folder: Path, state: str) -> Store:
    return Store(load_settings(folder, log_level="warning", state=state))


def _resolving(store: Store, seconds: float) -> Figures:
    """Batches in which half the records are of new persons, and half of known ones, one in five with a new device."""
    spent, batches = 0.0, 0
    while spent < seconds:
        ids = _records(batches)
        times, sources = [store.clock.now_ms()] * BATCH, ["bench"] * BATCH
        began = time.perf_counter()
        with store.state.write() as conn:
            identity.resolve(conn, ids, times, sources, batches + 1)
        spent += time.perf_counter() - began
        batches += 1
    store.close()
    return {"records_per_s": batches * BATCH / spent, "records": batches * BATCH}


def _records(batch: int) -> list[tuple[str, ...]]:
    fresh = BATCH // 2
    made = [_identifiers(batch * fresh + number, 0) for number in range(fresh)]
    known = max(batch * fresh, 1)
    again = [_identifiers(number * 7919 % known, batch * (number % 5 == 0)) for number in range(BATCH - fresh)]
    return made + again


def _identifiers(person: int, device: int) -> tuple[str, ...]:
    """The strongest first, as doors hand them on."""
    return f"unionid:o{person:09d}", f"user_id:member-{person:07d}", f"device:3f6f2c1e-{device:04d}-{person:012d}"


def _merging(folder: Path, state: str, progress: Progress) -> Figures:
    """Two persons with many events each, merged by a login: seconds until every reader sees one."""
    with running(folder, state=state) as server:
        door = _Door(server)
        progress(f"two persons with {EACH:,} events each")
        now = int(time.time() * 1000)
        for who in ({"userId": "right"}, {"anonymousId": "left"}):
            for first in range(0, EACH, 500):
                door.send([_event(who, now, number) for number in range(first, first + 500)])
        door.settled()
        rule = {"event": "cart_added", "aggregate": "count", "window": {"last_days": 90}, "op": "gt", "value": EACH}
        audience = server.call("POST", "/api/audiences", {"name": "Both", "rule": rule})["id"]
        people = [person["id"] for person in server.call("GET", "/api/persons")["items"]]
        if len(people) != 2 or _sees_one(server, people, audience):
            raise ServerFailed(detail=f"{len(people)} persons before the merge, two with an audience of none expected.")
        progress("merging them")
        began = time.perf_counter()
        door.send([{"type": "identify", "userId": "right", "anonymousId": "left", "messageId": "login", "traits": {}}])
        while not _sees_one(server, people, audience):
            if time.perf_counter() - began > 60:
                raise ServerFailed(detail="the two persons were not one a minute after they had merged.")
            time.sleep(0.01)
        return {"merge_visible_s": time.perf_counter() - began}


def _event(who: dict[str, str], now: int, number: int) -> dict[str, Any]:
    """Both halves over the same two months; the newest hundred are half of one and half of the other."""
    at = iso(now - 60_000 - number * 500_000)
    return who | {
        "type": "track", "event": "cart_added", "timestamp": at, "messageId": f"{next(iter(who))}-{number}",
        "properties": {"sku": f"SK-{number % 600}"},
    }  # fmt: skip


def _sees_one(server: Server, people: Sequence[str], audience: str) -> bool:
    """Persons, timelines of either number, the overview's active persons, and the audience of who did it often."""
    if len(server.call("GET", "/api/persons")["items"]) != 1:
        return False
    timelines = [server.call("GET", f"/api/persons/{ref}/timeline?limit=100")["items"] for ref in people]
    if timelines[0] != timelines[1] or len({one["time"] for one in timelines[0]}) > len(timelines[0]) // 2 + 1:
        return False
    if server.call("GET", "/api/overview?days=30")["persons"]["active_30d"] != 1:
        return False
    return len(server.call("GET", f"/api/audiences/{audience}/persons")["items"]) == 1


class _Door:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._path = next(path for path in sorted(_DOORS) if path.endswith("/batch"))
        self._auth = "Basic " + base64.b64encode(f"{server.new_source()}:".encode()).decode()

    def send(self, items: list[dict[str, Any]]) -> None:
        answer = httpx.post(
            f"{self._server.url}{self._path}",
            content=json.dumps({"batch": items}),
            headers={"authorization": self._auth},
            timeout=60,
        )
        if answer.status_code != 200:
            raise ServerFailed(detail=f"the door answered {answer.status_code} {answer.text[:300]}")

    def settled(self) -> None:
        while self._server.metric("siyu_backlog_records"):
            time.sleep(0.02)


def _questions(store: Store, events: int, persons: int, progress: Progress) -> Figures:
    """Events by canonical person, against by the number in the row; before squashing and after."""
    progress(f"building {events:,} events of {persons:,} persons")
    build_events(store, events, persons)
    progress("merging one person in ten, grouping")
    store.events.regroup([(persons + 2, persons + 1, None)], "bench-first")  # what is loaded only once is loaded
    merges = [(number, number - 1, None) for number in range(_ABSORBED, persons + 1, _ABSORBED)]
    began = time.perf_counter()
    store.events.regroup(merges, "bench-merges")
    alias = time.perf_counter() - began
    raw, canonical = _grouped(store, ["person", store.events.canonical()])
    progress("squashing while events come in")
    figures = _squashing(store)
    (squashed,) = _grouped(store, [store.events.canonical()])
    store.close()
    return figures | {
        "aliases": len(merges),
        "alias_s": alias,
        "raw_group_s": raw,
        "canonical_group_s": canonical,
        "canonical_ratio": canonical / raw,
        "squashed_group_s": squashed,
        "squashed_ratio": squashed / raw,
    }


def _grouped(store: Store, persons: Sequence[str]) -> list[float]:
    """Median seconds of each grouping, asked in turns so that all see the same machine."""
    took: list[list[float]] = [[] for _ in persons]
    for turn in range(_TURNS + 1):
        for place, person in enumerate(persons):
            sql = f"SELECT max(n) FROM (SELECT {person} AS who, count() AS n FROM events GROUP BY who)"  # noqa: S608
            began = time.perf_counter()
            store.events.query(sql)
            if turn:
                took[place].append(time.perf_counter() - began)
    return [statistics.median(one) for one in took]


def _squashing(store: Store) -> Figures:
    inserts = _Inserts(store)
    inserts.start()
    began, rows, pause = time.perf_counter(), 0, 0.0
    while store.events.squash.due(store.clock.now_ms()):
        if (done := store.events.squash.step(store.clock.now_ms())) is not None:  # else it was disturbed: once more
            rows, pause = rows + done.rows, max(pause, done.pause)
    took = time.perf_counter() - began
    return {"squash_s": took, "squash_rows_per_s": rows / took, "squash_pause_s": pause} | inserts.stop()


_WHO = [number for number in range(1, 112) if number % _ABSORBED]
"""A hundred persons who have not been absorbed: the pipeline writes events under canonical numbers."""


class _Inserts:
    """A hundred events twenty times a second; the longest of these inserts is how long one had to wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._took: list[float] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._insert, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> Figures:
        self._ending.set()
        self._thread.join()
        return {"insert_max_s": max(self._took), "insert_median_s": statistics.median(self._took)}

    def _insert(self) -> None:
        run = self._store.clock.now_ms()
        while not self._ending.wait(0.05):
            now, number = self._store.clock.now_ms(), len(self._took)
            columns: dict[str, list[Any]] = {
                "person": _WHO, "time": [now] * 100, "event": ["page_viewed"] * 100,
                "key": [run * 100_000 + number * 100 + row for row in range(100)], "source": ["bench"] * 100,
                "received": [now] * 100, "amount": [0] * 100, "props": ['{"path":"/"}'] * 100, "context": ["{}"] * 100,
            }  # fmt: skip
            began = time.perf_counter()
            self._store.events.insert("events", columns)
            self._took.append(time.perf_counter() - began)
