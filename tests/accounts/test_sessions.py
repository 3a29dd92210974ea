"""Set up, sign in, stay in, get out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from litestar.testing import TestClient

from siyu.kit import HOUR, MINUTE, ManualClock
from siyu.store import Store
from tests.conftest import PASSWORD

SETUP = {"name": "林小雨", "email": "Lin@Example.com", "password": PASSWORD, "language": "zh-CN"}
Client = TestClient[Any]


def csrf(client: Client) -> dict[str, str]:
    return {"X-CSRF-Token": client.get("/api/session").json()["csrf"]}


def set_up(client: Client) -> dict[str, Any]:
    answer = client.post("/api/setup", json=SETUP, headers=csrf(client))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def sign_in(client: Client, password: str = PASSWORD, email: str = "lin@example.com") -> Any:
    return client.post("/api/session", json={"email": email, "password": password}, headers=csrf(client))


def test_a_new_house_wants_to_be_set_up(client: Client) -> None:
    session = client.get("/api/session").json()
    assert session["needs_setup"] is True
    assert session["operator"] is None
    assert session["product_version"]


def test_setting_up_signs_in_an_administrator(client: Client) -> None:
    session = set_up(client)
    assert session["operator"]["role"] == "admin"
    assert session["operator"]["email"] == "lin@example.com"
    again = client.get("/api/session").json()
    assert again["needs_setup"] is False
    assert again["operator"]["name"] == "林小雨"
    assert client.get("/api/operators").status_code == 200


def test_the_session_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    answer = client.post("/api/setup", json=SETUP, headers=csrf(client))
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("siyu_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_set_up_works_once(client: Client) -> None:
    set_up(client)
    client.cookies.clear()
    answer = client.post("/api/setup", json=SETUP | {"email": "other@example.com"}, headers=csrf(client))
    assert answer.status_code == 409
    assert answer.json()["code"] == "already_set_up"


def test_of_simultaneous_set_ups_one_wins(client: Client) -> None:
    headers = csrf(client)
    answers: list[int] = []

    def attempt(number: int) -> None:
        body = SETUP | {"email": f"a{number}@example.com"}
        answers.append(client.post("/api/setup", json=body, headers=headers).status_code)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(201) == 1
    assert len(client.get("/api/operators").json()["items"]) == 1


def test_a_short_password_is_named(client: Client) -> None:
    answer = client.post("/api/setup", json=SETUP | {"password": "short"}, headers=csrf(client))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]


def test_sign_in_and_out(client: Client) -> None:
    set_up(client)
    client.cookies.clear()
    answer = sign_in(client, email="LIN@example.com")
    assert answer.status_code == 200
    token = client.cookies["siyu_session"]
    assert client.delete("/api/session", headers={"X-CSRF-Token": answer.json()["csrf"]}).status_code == 204
    client.cookies.set("siyu_session", token)
    assert client.get("/api/session").json()["operator"] is None


def test_a_wrong_password_and_an_unknown_email_sound_the_same(client: Client) -> None:
    set_up(client)
    client.cookies.clear()
    wrong, unknown = sign_in(client, "not the password"), sign_in(client, email="nobody@example.com")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]


def test_ten_failures_close_the_door_for_a_while(client: Client, clock: ManualClock) -> None:
    set_up(client)
    client.cookies.clear()
    assert [sign_in(client, "wrong password").status_code for _ in range(10)] == [401] * 10
    refused = sign_in(client)
    assert refused.status_code == 429
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 15 * 60
    assert str(wait) in refused.json()["detail"]
    assert sign_in(client, email="other@example.com").status_code == 401
    clock.advance(15 * MINUTE + 1)
    assert sign_in(client).status_code == 200


def test_a_session_slides_and_ends_after_twelve_idle_hours(admin: Client, clock: ManualClock) -> None:
    for _ in range(3):
        clock.advance(11 * HOUR)
        assert admin.get("/api/settings").status_code == 200
    clock.advance(12 * HOUR + 1)
    assert admin.get("/api/settings").status_code == 401


def test_the_database_holds_no_token(admin: Client, store: Store) -> None:
    token = admin.cookies["siyu_session"]
    with store.state.read() as conn:
        stored = conn.exec_driver_sql("SELECT token_hash FROM accounts_sessions").scalars().all()
    assert stored
    assert token not in stored


def test_changes_need_the_csrf_token_of_this_session(admin: Client) -> None:
    body = {"name": "n", "scopes": ["read"]}
    good = admin.headers.pop("X-CSRF-Token")
    assert admin.post("/api/keys", json=body).json()["code"] == "csrf_failed"
    assert admin.post("/api/keys", json=body, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    assert admin.post("/api/keys", json=body, headers={"X-CSRF-Token": good}).status_code == 201


def test_signing_in_needs_the_csrf_token_of_the_visit(client: Client) -> None:
    assert client.post("/api/session", json={"email": "a@b.c", "password": "x"}).json()["code"] == "csrf_failed"


def test_roles_are_steps(sign_in_as: Callable[..., Client]) -> None:
    viewer = sign_in_as("viewer")
    assert viewer.get("/api/settings").status_code == 200
    refused = viewer.get("/api/operators")
    assert refused.status_code == 403
    assert refused.json()["params"] == {"role": "admin"}
    assert sign_in_as("operator").get("/api/operators").status_code == 403
    assert sign_in_as("admin").get("/api/operators").status_code == 200


def test_errors_speak_the_readers_language(client: Client) -> None:
    chinese = client.get("/api/operators", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    english = client.get("/api/operators", headers={"Accept-Language": "en-GB"})
    assert chinese.headers["content-type"] == "application/problem+json"
    assert "请先登录" in chinese.json()["title"]
    assert "Sign in" in english.json()["title"]
