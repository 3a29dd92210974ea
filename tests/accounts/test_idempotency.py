"""The same creation sent twice is done once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from litestar.testing import TestClient

from siyu.kit import DAY, ManualClock
from siyu.store import Store

Client = TestClient[Any]
SignIn = Callable[..., Client]
BODY = {"name": "报表", "scopes": ["read"]}


def post(client: Client, key: str, body: Any = BODY) -> Any:
    return client.post("/api/keys", json=body, headers={"Idempotency-Key": key})


def count(client: Client) -> int:
    return len(client.get("/api/keys").json()["items"])


def test_a_repeat_gets_the_first_answer(admin: Client) -> None:
    first, second = post(admin, "k1"), post(admin, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert count(admin) == 1


def test_another_body_under_the_same_key_is_refused(admin: Client) -> None:
    post(admin, "k1")
    other = post(admin, "k1", BODY | {"name": "另一个"})
    assert other.status_code == 409
    assert other.json()["code"] == "same_key_other_request"
    assert count(admin) == 1


def test_keys_of_different_operators_do_not_meet(admin: Client, sign_in_as: SignIn) -> None:
    post(admin, "k1")
    assert post(sign_in_as("admin", "second@example.com"), "k1").status_code == 201
    assert count(admin) == 2


def test_a_refused_request_may_be_mended_under_the_same_key(admin: Client) -> None:
    assert post(admin, "k1", {"name": ""}).status_code == 422
    assert post(admin, "k1").status_code == 201


def test_after_a_day_the_key_is_free_again(client: Client, clock: ManualClock, sign_in_as: SignIn) -> None:
    program = post(sign_in_as("admin"), "make", {"name": "deploy", "scopes": ["admin"]}).json()
    client.cookies.clear()
    client.headers["Authorization"] = f"Bearer {program['secret']}"
    first = post(client, "k1").json()
    clock.advance(DAY - 1)
    assert post(client, "k1").json() == first
    clock.advance(2)
    assert post(client, "k1").json()["id"] != first["id"]


def test_the_stored_answer_hides_the_secret(admin: Client, store: Store) -> None:
    secret = post(admin, "k1").json()["secret"]
    with store.state.read() as conn:
        bodies = conn.exec_driver_sql("SELECT body FROM accounts_answers").scalars().all()
    assert bodies
    assert all(secret not in body for body in bodies)


def test_simultaneous_repeats_create_one(admin: Client) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(post(admin, "k1").status_code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert count(admin) == 1


def test_requests_without_a_key_stand_alone(admin: Client) -> None:
    admin.post("/api/keys", json=BODY)
    admin.post("/api/keys", json=BODY)
    assert count(admin) == 2
