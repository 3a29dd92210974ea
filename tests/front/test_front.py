"""What every request meets: problems, headers, limits, health."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House, build_app
from siyu.store import Store

Client = TestClient[Any]


@pytest.mark.parametrize("path", ["/", "/persons", "/api/session", "/api/nothing", "/healthz"])
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_an_unknown_address_of_the_api(admin: Client) -> None:
    answer = admin.get("/api/nothing/here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["params"] == {"path": "/api/nothing/here"}


def test_a_method_that_is_not_taken_names_those_that_are(admin: Client) -> None:
    answer = admin.put("/api/keys", json={})
    assert answer.status_code == 405
    assert "POST" in answer.json()["params"]["allowed"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{not json", 400, "unreadable"),
        (b"\xff\xfe\x00", 400, "unreadable"),
        (b"[" * 100_000, 400, "unreadable"),
        (b"", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'{"name": 5, "scopes": ["read"]}', 422, "invalid"),
        (b'{"name": "x", "scopes": ["sudo"]}', 422, "invalid"),
        (b'{"name": "' + b"x" * (5 << 20) + b'"}', 413, "body_too_large"),
    ],
)
def test_bad_bodies_are_told_what_is_wrong(admin: Client, body: bytes, status: int, code: str) -> None:
    answer = admin.post("/api/keys", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with_key = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    assert admin.post("/api/keys", content=body, headers=with_key).status_code == status


def test_wrong_fields_are_named_in_the_readers_language(admin: Client) -> None:
    body = {"name": "", "scopes": ["read"]}
    english = admin.post("/api/keys", json=body).json()
    chinese = admin.post("/api/keys", json=body, headers={"Accept-Language": "zh-CN"}).json()
    assert english["errors"] == [{"field": "name", "message": "needs at least 1 characters", "code": "too_short"}]
    assert chinese["errors"] == [{"field": "name", "message": "至少 1 个字符", "code": "too_short"}]
    assert admin.post("/api/keys", json={"scopes": ["read"]}).json()["errors"][0]["field"] == "name"


def test_what_nobody_foresaw_tells_nothing_but_a_number(admin: Client, app: House) -> None:
    app.store.state.close()
    with app.store.state.write() as conn:
        conn.exec_driver_sql("ALTER TABLE accounts_keys RENAME COLUMN hint TO gone")
    answer = admin.get("/api/keys")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.json()["params"]["incident"].startswith("inc_")
    assert "hint" not in answer.text
    assert "siyu_unforeseen_errors_total" in admin.get("/metrics").text


def test_health_metrics_and_readiness_are_open(client: Client) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").json() == {"ready": True, "missing": []}
    metrics = client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "siyu_loop_steps_total" in metrics.text


def test_ready_once_the_background_loops_run(store: Store) -> None:
    house = build_app(store)
    before = TestClient(house).get("/readyz")
    assert before.status_code == 503
    assert before.headers["retry-after"] == "1"
    assert "loop settle" in before.json()["missing"]
    with TestClient(house) as running:
        assert running.get("/readyz").status_code == 200
    assert TestClient(house).get("/readyz").status_code == 503


def test_the_description_names_every_operation(admin: Client) -> None:
    schema = admin.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    operations = [op for path in schema["paths"].values() for op in path.values()]
    ids = [op["operationId"] for op in operations]
    assert len(ids) == len(set(ids)) > 10
    assert all("application/problem+json" in op["responses"]["default"]["content"] for op in operations)
