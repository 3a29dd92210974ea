"""Whatever is thrown at the API, it answers with an answer, never with a fault of its own (Schemathesis)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.servers import Server, start_server

LOCKING_OUT = {"DELETE /api/keys/{key_id}"}
"""This would take the attacker's own key."""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, httpx.Client]]:
    server = start_server(tmp_path_factory.mktemp("fuzz") / "data")
    client = server.sign_in()
    client.post("/api/sources", json={"name": "shop", "kind": "segment"})
    client.post("/api/audiences", json={"name": "all", "description": "", "rule": {"all": []}})
    client.post("/api/journeys", json={"name": "carts", "template": "abandoned_cart"})
    yield server, client
    client.close()
    server.stop()


def test_no_input_makes_a_5xx(fuzzed: tuple[Server, httpx.Client]) -> None:
    server, client = fuzzed
    schema = schemathesis.openapi.from_dict(client.get("/api/openapi.json").json())
    schema.config.update(base_url=server.url)
    key = client.post("/api/keys", json={"name": "fuzz", "scopes": ["read", "write", "admin"]}).json()["secret"]
    tried, faults = 0, []
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label in LOCKING_OUT:
            continue
        tried += 1
        faults += faults_of(operation, key, statuses)
    assert tried > 40
    assert faults == []
    assert statuses[200] > 20, f"hardly anything came past the front: {statuses}"
    assert statuses[401] <= 10, "only wrong passwords may be turned away"


def faults_of(operation: Any, key: str, statuses: Counter[int]) -> list[str]:
    """The requests to one operation that were answered with a 5xx or not at all."""
    faults: list[str] = []

    @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def attack(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            faults.append(
                f"{operation.label}: {answer.status_code} {answer.text[:300]} to {case.as_curl_command()}"[:900]
            )

    attack()
    return faults
