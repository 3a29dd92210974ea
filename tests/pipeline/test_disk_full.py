"""When nothing more can be written: 503 with Retry-After, and nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

import httpx
import pytest

from siyu.kit import iso
from tests import postgres
from tests.pipeline.folder import read_folder
from tests.pipeline.test_kill import wait_settled
from tests.servers import start_server

LIMIT = 6 << 20
"""No file of the server may grow past this, which to a program is a full disk."""


@pytest.mark.skipif(postgres.ON, reason="the state's files belong to PostgreSQL")
@pytest.mark.timeout(180)
def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    server = start_server(tmp_path / "data")
    client = server.sign_in()
    key = client.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()["write_key"]
    now = int(time.time() * 1000)
    acked: set[str] = set()
    refusals: list[httpx.Response] = []
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))
    number = 0
    while len(refusals) < 5 and number < 2_000:
        ids = [f"m{number}-{turn}" for turn in range(100)]
        answer = client.post("/v1/batch", content=body(ids, now), auth=(key, ""))
        number += 1
        if answer.status_code == 200:
            acked |= set(ids)
        else:
            refusals.append(answer)
    assert [answer.status_code for answer in refusals] == [503] * 5
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refusals)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    server.kill()
    server.restart()
    after = client.post("/v1/batch", content=body(["after"], now), auth=(key, ""))
    assert after.status_code == 200
    wait_settled(client)
    client.close()
    server.stop()
    read = read_folder(tmp_path / "data")
    found = {row[2] for row in read["events"]}
    assert {row[1] for row in read["events"]} == {1}
    assert len(found) == len(read["events"])
    assert acked | {"after"} <= found


def body(ids: list[str], now: int) -> bytes:
    items = [
        {
            "type": "track",
            "event": "Tried",
            "userId": f"u{index}",
            "messageId": name,
            "timestamp": iso(now),
            "properties": {"n": name, "filler": "x" * 400},
        }
        for index, name in enumerate(ids)
    ]
    return json.dumps({"batch": items}).encode()
