"""kill -9 in the middle of an operator's decision: afterwards it is wholly done, or was never made."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.kit import DAY, iso
from tests import postgres, warm
from tests.servers import Server, start_server

ROUNDS = 12
PAIRS = {"merge": ("u-merge", "d-merge"), "split": ("u-split", "d-split"), "unlink": ("u-unlink", "d-unlink")}
"""Verb → the user id and the device that it brings together or parts."""

_MOVING = ("audiences", "portrait", "merged_from")
"""What says since when, or which numbers there once were."""


def history_of(user: str, device: str, now: int) -> list[dict[str, Any]]:
    """Traits, orders, carts and consent of two who don't yet know of each other."""
    items: list[dict[str, Any]] = []
    for who, turn in (({"userId": user}, 1), ({"anonymousId": device}, 2)):
        items.append(who | {"type": "identify", "traits": {"city": f"city {turn}", f"only{turn}": turn}})
        items += [who | {"type": "track", "event": "cart_added", "properties": {"n": n}} for n in range(3)]
        paid = {"order_id": f"{user}-{turn}", "revenue": 10 * turn}
        items.append(who | {"type": "track", "event": "order_paid", "properties": paid})
        said = {"channel": "email", "purpose": "marketing"}
        event = "consent_granted" if turn == 1 else "consent_withdrawn"
        items.append(who | {"type": "track", "event": event, "properties": said})
    for number, item in enumerate(items):
        item |= {"messageId": f"{user}-{number}", "timestamp": iso(now - DAY + number * 1000)}
    return items


class Desk:
    """An operator at the API of a server that may die."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = server.sign_in()
        rule = {"event": "cart_added", "aggregate": "count", "window": {"last_days": 30}, "op": "gte", "value": 6}
        self.audience = self.client.post("/api/audiences", json={"name": "Often", "rule": rule}).json()["id"]

    def fill(self) -> None:
        key = self.client.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()["write_key"]
        now = int(time.time() * 1000)
        for verb, (user, device) in PAIRS.items():
            items = history_of(user, device, now)
            if verb != "merge":
                together = {"type": "identify", "userId": user, "anonymousId": device, "messageId": f"{user}-together"}
                items.append(together | {"timestamp": iso(now - 1000)})
            assert self.client.post("/v1/batch", json={"batch": items}, auth=(key, "")).status_code == 200
        self.settled()

    def settled(self) -> None:
        deadline = time.monotonic() + 30
        while self.client.get("/api/pipeline").json()["backlog"]["events"] or any(map(self._settling, PAIRS)):
            assert time.monotonic() < deadline, "it does not settle"
            time.sleep(0.02)

    def _settling(self, verb: str) -> bool:
        return any(self.client.get(f"/api/persons/{ref}/graph").json()["settling"] for ref in self.people(verb))

    def people(self, verb: str) -> list[str]:
        """Whom the two identifiers of a pair name."""
        found = []
        for kind, value in zip(("user_id", "device"), PAIRS[verb], strict=True):
            asked = {"identifiers": [{"type": kind, "value": value}]}
            found.append(self.client.post("/api/identity/resolve", json=asked).json()["person"])
        return found

    def seen(self, verb: str) -> list[Any]:
        """Everything an operator sees of a pair."""
        people = self.people(verb)
        members = self.client.get(f"/api/audiences/{self.audience}/persons").json()["items"]
        often = {one["id"] for one in members}
        return [[self._page(ref), self._timeline(ref), self._orders(ref), ref in often] for ref in people]

    def _page(self, ref: str) -> Any:
        page = self.client.get(f"/api/persons/{ref}").json()
        page["traits"] = [trait for trait in page["traits"] if trait["name"] != "annoyance"]  # told by the clock
        return {name: value for name, value in page.items() if name not in _MOVING}

    def _timeline(self, ref: str) -> list[Any]:
        items = self.client.get(f"/api/persons/{ref}/timeline").json()["items"]
        brought = [item for item in items if not item["event"].startswith("audience_")]
        return sorted((item["time"], item["event"], str(item["props"])) for item in brought)

    def _orders(self, ref: str) -> Any:
        return self.client.get(f"/api/persons/{ref}/orders").json()["items"]

    def decide(self, verb: str, killer: threading.Timer | None = None) -> int:
        """Make the pair's decision, or take back the one that stands. Answers the status, 0 when the server died."""
        user, _ = people = self.people(verb)
        standing = {
            step["decision"]
            for ref in people
            for step in self.client.get(f"/api/persons/{ref}/identity-history").json()["steps"]
            if step["decision"] and not step["undone"] and step["verb"]
        }
        one, two = (
            {"type": kind, "value": value} for kind, value in zip(("user_id", "device"), PAIRS[verb], strict=True)
        )
        body: dict[str, Any] = {
            "merge": {"person": people[0], "other": people[1]},
            "split": {"person": user, "identifiers": [two]},
            "unlink": {"one": one, "two": two},
        }[verb]
        path = f"decisions/{max(standing)}/undo" if standing else verb
        if killer is not None:
            killer.start()
        try:
            return self.client.post(f"/api/identity/{path}", json=None if standing else body).status_code
        except httpx.TransportError:
            return 0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    server = start_server(tmp_path / "data")
    made = Desk(server)
    yield made
    made.client.close()
    server.stop()


@pytest.mark.timeout(240)
def test_a_decision_is_whole_or_was_never_made(desk: Desk) -> None:
    desk.fill()
    states = {verb: [desk.seen(verb)] for verb in PAIRS}
    for verb in PAIRS:
        assert desk.decide(verb) in (200, 201)
    desk.settled()
    for verb, known in states.items():
        known.append(desk.seen(verb))
        assert known[0] != known[1]
    dice, now, died = random.Random(11), dict.fromkeys(PAIRS, 1), 0
    for number in range(ROUNDS):
        verb = list(PAIRS)[number % len(PAIRS)]
        killer = threading.Timer(dice.uniform(0.0, (0.03, 0.2)[number % 2]), desk.server.kill)
        status = desk.decide(verb, killer)
        killer.join()
        desk.server.restart()
        desk.settled()
        found = which(states[verb], desk.seen(verb))
        assert status in (0, 200, 201)
        assert not status or found == 1 - now[verb], "what was acknowledged was done"
        died += not status
        now[verb] = found
    assert died, "some decision was cut short"
    assert all(which(states[verb], desk.seen(verb)) == now[verb] for verb in PAIRS)
    check_ledger(desk)


def which(known: Sequence[Any], seen: Any) -> int:
    """Which of the two states it is, in everything that is seen."""
    joined = seen[0][0]["id"] == seen[1][0]["id"]
    likest = next(index for index, state in enumerate(known) if (state[0][0]["id"] == state[1][0]["id"]) == joined)
    assert seen == known[likest]
    return likest


def check_ledger(desk: Desk) -> None:
    """Worked out afresh from the ledger, the persons are the same."""
    desk.server.stop()
    words = ("identity", "rebuild", "--check", "--data", desk.server.data)
    done = warm.run("siyu", *words, environment=postgres.environment(words))
    assert done.returncode == 0, done.stdout + done.stderr
