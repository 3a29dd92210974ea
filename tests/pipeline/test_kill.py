"""Kill -9 under full load: every acknowledged event is there, exactly once.

How long opening again takes is measured by ``siyu bench start``.
"""

from __future__ import annotations

import json
import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from siyu.collect.queries import record_key
from siyu.kit import iso
from tests.pipeline.folder import read_folder
from tests.servers import Server, start_server

ROUNDS = 20
BATCH = 100


class Sender(threading.Thread):
    """Sends batches until the server dies; keeps what was acknowledged, sends again what was not."""

    def __init__(self, server: Server, key: str, name: str, unsure: list[bytes], now: int) -> None:
        super().__init__(daemon=True)
        self._url = f"{server.url}/v1/batch"
        self._auth = (key, "")
        self._label = name
        self._unsure = unsure
        self._now = now
        self.acked: list[bytes] = []

    def run(self) -> None:
        with httpx.Client(auth=self._auth, trust_env=False, timeout=10, verify=False) as client:
            number = 0
            while True:
                body = self._unsure.pop() if self._unsure else self._body(number)
                number += 1
                try:
                    answer = client.post(self._url, content=body)
                except httpx.TransportError:
                    self._unsure.append(body)
                    return
                if answer.status_code == 200:
                    self.acked.append(body)
                else:
                    self._unsure.append(body)

    def _body(self, number: int) -> bytes:
        items = [
            {
                "type": "track",
                "event": "Tried" if turn % 10 else "Order Completed",
                "userId": f"u{(number * 7 + turn) % 500}",
                "anonymousId": f"d{(number + turn) % 900}",
                "messageId": f"{self._label}-{number}-{turn}",
                "timestamp": iso(self._now - turn * 86_400_000),
                "properties": {"n": turn, "revenue": 10, "order_id": f"{self._label}-{number}-{turn}"},
            }
            for turn in range(BATCH)
        ]
        return json.dumps({"batch": items}).encode()


def wait_settled(client: httpx.Client) -> None:
    deadline = time.monotonic() + 60
    while True:
        metrics = client.get("/metrics").text
        waiting = [line for line in metrics.splitlines() if line.startswith("siyu_backlog_records ")]
        if waiting and float(waiting[0].split()[1]) == 0:
            return
        assert time.monotonic() < deadline, "it did not settle within a minute"
        time.sleep(0.05)


@pytest.mark.timeout(300)
def test_kill_9_under_full_load(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    server = start_server(folder)
    client = server.sign_in()
    source = client.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()
    pick = random.Random(7)
    acked: list[bytes] = []
    unsure: list[list[bytes]] = [[] for _ in range(3)]
    now = int(time.time() * 1000) - 60_000
    for turn in range(ROUNDS):
        senders = [Sender(server, source["write_key"], f"{turn}.{n}", unsure[n], now) for n in range(3)]
        for sender in senders:
            sender.start()
        senders[0].join(pick.uniform(0.2, 1.0))
        server.kill()
        for sender in senders:
            sender.join(20)
            acked += sender.acked
        server.restart()
    wait_settled(client)
    client.close()
    server.stop()
    check_exactly_once(folder, source["id"], acked, [body for rest in unsure for body in rest])


def check_exactly_once(folder: Path, source: str, acked: list[bytes], unsure: list[bytes]) -> None:
    read = read_folder(folder)
    found = {row[0]: row[1] for row in read["events"]}
    expected = {key for body in acked for key in keys_of(body, source)}
    maybe = {key for body in unsure for key in keys_of(body, source)}
    assert len(acked) > ROUNDS
    assert expected <= set(found)
    assert set(found) <= expected | maybe
    assert set(found.values()) == {1}
    assert read["orders"] == read["counted"] == len(found) // 10


def keys_of(body: bytes, source: str) -> list[int]:
    keys = []
    for item in json.loads(body)["batch"]:
        if item["event"] == "Order Completed":
            keys.append(record_key("order/", f"order_paid/{item['properties']['order_id']}"))
        else:
            keys.append(record_key(source, item["messageId"]))
    return keys
