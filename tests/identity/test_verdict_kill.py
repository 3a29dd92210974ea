"""kill -9 in the middle of an operator's verdict: all of it happened, audit and webhook included, or nothing did."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.kit import DAY, iso
from tests.delivery.peers import Receiver
from tests.servers import Server, start_server

ROUNDS = int(os.environ.get("SIYU_KILL_ROUNDS", "1"))
"""How often each verdict is cut short."""

VERDICTS = {
    "link": ("identity.link", "person.merged"),
    "unlink": ("identity.unlink", "person.split"),
    "split": ("identity.split", "person.split"),
    "apart": ("identity.apart", "person.split"),
    "conflict": ("identity.link", "person.merged"),
    "suggestion": ("suggestion.accept", "person.merged"),
}
"""Verdict → what the audit calls it, what other systems are told."""

Typed = dict[str, str]


def one(verdict: str, number: int) -> Typed:
    if verdict == "suggestion":
        return {"type": "member_card", "value": f"card-{number}a"}
    return {"type": "user_id", "value": f"{verdict}-{number}"}


def two(verdict: str, number: int) -> Typed:
    if verdict == "suggestion":
        return {"type": "member_card", "value": f"card-{number}b"}
    return {"type": "device", "value": f"{verdict}-{number}"}


def history_of(verdict: str, number: int) -> list[dict[str, Any]]:
    """Two who are one person where the verdict parts them, else two; for a conflict a tablet of somebody else's."""
    user, device = one(verdict, number), two(verdict, number)
    if verdict == "suggestion":
        name = f"{'王欧李司诸上东张赵钱'[number % 10]}{'小红阳娜徒明官云方白'[number % 9]}{'美国雷军梅'[number % 5]}"
        traits = {
            "name": name,
            "birthday": f"{1970 + number % 30}-0{number % 9 + 1}-12",
            "city": "上海",
            "gender": "女",
            "postcode": f"{200030 + number}",
            "address": f"徐汇区漕溪北路{18 + 7 * number}号301室",
        }
        traits |= {
            "gender": "女",
            "postcode": f"{200030 + number}",
            "address": f"徐汇区漕溪北路{18 + 7 * number}号301室",
        }
        traits |= {"mobile_tail": f"{1234 + 1111 * (number % 8)}"}
        return [_said([user], traits=traits), _said([device], traits=traits)]
    if verdict == "link":
        return [_said([user]), _said([device])]
    if verdict == "conflict":
        first = {"type": "user_id", "value": f"first-{number}"}
        return [_said([first, device], at=2 * DAY), _said([user, device])]
    return [_said([user, device])]


def _said(who: list[Typed], at: int = DAY, **more: Any) -> dict[str, Any]:
    ids = [{"type": each["type"], "id": each["value"]} for each in who]
    kind = {"type": "identify"} if more else {"type": "track", "event": "page_viewed"}
    now = int(time.time() * 1000)
    return {"timestamp": iso(now - at), "context": {"externalIds": ids}} | kind | more


class Bench:
    """An operator at a server that may die, and another system that listens."""

    def __init__(self, server: Server, receiver: Receiver) -> None:
        self.server, self.receiver = server, receiver
        self.client = server.sign_in()
        made = {"name": "中台", "url": receiver.url, "topics": ["person.merged", "person.split"], "events": []}
        receiver.secret = self.client.post("/api/webhooks", json=made).json()["secret"]
        key = self.client.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()["write_key"]
        items = [item for verdict in VERDICTS for number in range(ROUNDS) for item in history_of(verdict, number)]
        for place, item in enumerate(items):
            item["messageId"] = f"m{place}"
        for start in range(0, len(items), 400):
            batch = {"batch": items[start : start + 400]}
            assert self.client.post("/v1/batch", json=batch, auth=(key, "")).status_code == 200
        self.settled()
        self.client.post("/api/suggestions/runs", json={})
        self.until(lambda: len(self.items("/api/suggestions")) >= ROUNDS)

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(path, params={"limit": 200}).json()["items"]
        return found

    def until(self, done: Any) -> None:
        deadline = time.monotonic() + 30
        while not done():
            assert time.monotonic() < deadline, "it does not come about"
            time.sleep(0.02)

    def settled(self) -> None:
        self.until(lambda: not self.client.get("/api/pipeline").json()["backlog"]["events"])

    def person(self, who: Typed) -> str:
        return str(self.client.post("/api/identity/resolve", json={"identifiers": [who]}).json()["person"])

    def people(self, verdict: str, number: int) -> tuple[str, str]:
        return self.person(one(verdict, number)), self.person(two(verdict, number))

    def request(self, verdict: str, number: int) -> tuple[str, Any]:
        """Where a verdict is posted, and what."""
        user, device = one(verdict, number), two(verdict, number)
        people = set(self.people(verdict, number))
        if verdict == "suggestion":
            found = next(
                item for item in self.items("/api/suggestions") if {item["a"]["id"], item["b"]["id"]} == people
            )
            return f"/api/suggestions/{found['id']}/accept", None
        if verdict == "conflict":
            mine = self.person(user)
            found = next(item for item in self.items("/api/identity/conflicts") if mine in _persons_of(item))
            return f"/api/identity/conflicts/{found['id']}/resolve", {"verdict": "accepted"}
        if verdict == "split":
            return "/api/identity/split", {"person": min(people), "identifiers": [device]}
        return f"/api/identity/{verdict}", {"one": user, "two": device}

    def cut_short(self, path: str, body: Any, seconds: float) -> int:
        """Post it and pull the plug; the status, 0 when no answer came."""
        killer = threading.Timer(seconds, self.server.kill)
        killer.start()
        try:
            return self.client.post(path, json=body).status_code
        except httpx.TransportError:
            return 0
        finally:
            killer.join()
            self.server.restart()
            self.settled()

    def written(self, verdict: str) -> int:
        return sum(entry["action"] == VERDICTS[verdict][0] for entry in self.items("/api/audit"))

    def heard(self, verdict: str, about: set[str]) -> None:
        """The other system hears, or has heard, once that these became one, or two."""

        def times() -> int:
            news = [body for body in list(self.receiver.taken.values()) if body["type"] == VERDICTS[verdict][1]]
            return sum(set(body["data"].values()) == about for body in news)

        self.until(times)
        assert times() == 1


def _persons_of(conflict: dict[str, Any]) -> set[str]:
    return {conflict[end]["person"] for end in ("one", "two")}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    receiver = Receiver("")
    server = start_server(tmp_path / "data")
    made = Bench(server, receiver)
    yield made
    made.client.close()
    server.stop()
    receiver.close()


@pytest.mark.timeout(240)
def test_a_verdict_is_whole_or_was_never_given(bench: Bench) -> None:
    dice, died = random.Random(5), 0
    for number in range(ROUNDS):
        for place, verdict in enumerate(VERDICTS):
            before, written = bench.people(verdict, number), bench.written(verdict)
            asked = bench.request(verdict, number)
            status = bench.cut_short(*asked, dice.uniform(0.0, (0.004, 0.03)[(place + number) % 2]))
            assert status in (0, 200, 201, 204)
            after = bench.people(verdict, number)
            happened = after != before
            assert happened or not status, "what was acknowledged was done"
            assert bench.written(verdict) - written == happened
            died += not status
            if not happened:
                assert bench.client.post(asked[0], json=asked[1]).is_success, "it can still be given"
                bench.settled()
                after = bench.people(verdict, number)
            assert (after[0] == after[1]) == (verdict in ("link", "suggestion", "conflict"))
            assert bench.written(verdict) - written == 1
            bench.heard(verdict, {*before, *after})
    assert died, "some verdict was cut short"
