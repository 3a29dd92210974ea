"""Operators, keys, the audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar.testing import TestClient

from siyu.kit import HOUR, ManualClock
from siyu.store import Store
from tests.conftest import PASSWORD

Client = TestClient[Any]
NEW = {"name": "陈默", "email": "Chen@example.com", "password": "another password", "role": "operator"}


def create(admin: Client, **changes: Any) -> dict[str, Any]:
    answer = admin.post("/api/operators", json=NEW | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def patch(admin: Client, made: dict[str, Any], **changes: Any) -> Any:
    return admin.patch(f"/api/operators/{made['id']}", json=changes, headers={"If-Match": f'"{made["version"]}"'})


def test_an_operator_is_made_and_listed_without_the_password(admin: Client) -> None:
    made = create(admin)
    assert made["email"] == "chen@example.com"
    listed = admin.get("/api/operators")
    assert {each["name"] for each in listed.json()["items"]} == {"Test admin", "陈默"}
    assert "password" not in listed.text


def test_an_email_belongs_to_one_operator(admin: Client) -> None:
    create(admin)
    again = admin.post("/api/operators", json=NEW | {"email": "CHEN@example.com"})
    assert again.status_code == 409
    assert again.json()["params"] == {"email": "chen@example.com"}


def test_an_edit_needs_the_version_it_was_made_on(admin: Client) -> None:
    made = create(admin)
    path = f"/api/operators/{made['id']}"
    assert admin.get(path).headers["etag"] == '"1"'
    assert admin.patch(path, json={"name": "x"}).status_code == 428
    changed = patch(admin, made, role="viewer")
    assert (changed.json()["role"], changed.json()["version"], changed.headers["etag"]) == ("viewer", 2, '"2"')
    stale = patch(admin, made, role="admin")
    assert stale.status_code == 412
    assert stale.json()["params"] == {"current": 2}


def test_disabling_an_operator_ends_their_sessions(sign_in_as: Callable[..., Client]) -> None:
    other = sign_in_as("operator")
    cookies = dict(other.cookies)
    admin = sign_in_as("admin")
    made = next(each for each in admin.get("/api/operators").json()["items"] if each["role"] == "operator")
    assert patch(admin, made, disabled=True).status_code == 200
    admin.cookies.clear()
    admin.cookies.set("siyu_session", cookies["siyu_session"])
    assert admin.get("/api/settings").status_code == 401


def test_a_new_password_replaces_the_old_one(admin: Client) -> None:
    made = create(admin)
    assert patch(admin, made, password="a third password").status_code == 200
    admin.cookies.clear()
    csrf = {"X-CSRF-Token": admin.get("/api/session").json()["csrf"]}
    answers = [
        admin.post("/api/session", json={"email": "chen@example.com", "password": password}, headers=csrf).status_code
        for password in ("another password", "a third password")
    ]
    assert answers == [401, 200]


def test_the_last_administrator_stays(admin: Client) -> None:
    me = admin.get("/api/operators").json()["items"][0]
    assert patch(admin, me, role="viewer").json()["code"] == "last_admin"
    assert patch(admin, me, disabled=True).json()["code"] == "last_admin"
    second = create(admin, role="admin")
    assert patch(admin, second, role="viewer").status_code == 200


def test_an_unknown_operator_is_named(admin: Client) -> None:
    assert admin.get("/api/operators/opr_nobody").json()["params"] == {"what": "opr_nobody"}


def test_a_key_works_within_its_scope_until_it_is_deleted(admin: Client, store: Store) -> None:
    made = admin.post("/api/keys", json={"name": "报表", "scopes": ["read"]}).json()
    shown = admin.get("/api/keys")
    assert made["secret"] not in shown.text
    assert shown.json()["items"][0]["hint"] == made["secret"][:10]
    with store.state.read() as conn:
        assert made["secret"] not in conn.exec_driver_sql("SELECT secret_hash FROM accounts_keys").scalars().all()
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    program = TestClient(admin.app)
    assert program.get("/api/settings", headers=bearer).status_code == 200
    assert program.get("/api/operators", headers=bearer).status_code == 403
    assert admin.delete(f"/api/keys/{made['id']}").status_code == 204
    assert program.get("/api/settings", headers=bearer).status_code == 401
    assert admin.delete(f"/api/keys/{made['id']}").status_code == 404


def test_a_key_needs_no_csrf_token_and_admin_includes_the_rest(admin: Client) -> None:
    secret = admin.post("/api/keys", json={"name": "deploy", "scopes": ["admin"]}).json()["secret"]
    program = TestClient(admin.app)
    program.headers["Authorization"] = f"Bearer {secret}"
    assert program.post("/api/operators", json=NEW).status_code == 201
    assert program.get("/api/audit").json()["items"][0]["actor"] == "deploy"


def test_a_wrong_key_is_refused_even_beside_a_session(admin: Client) -> None:
    assert admin.get("/api/settings", headers={"Authorization": "Bearer siyu_wrong"}).status_code == 401


def test_the_audit_tells_who_did_what_newest_first(admin: Client, clock: ManualClock) -> None:
    create(admin)
    clock.advance(HOUR)
    key = admin.post("/api/keys", json={"name": "报表", "scopes": ["read", "write"]}).json()
    page = admin.get("/api/audit?limit=1").json()
    assert page["items"][0] == {
        "id": page["items"][0]["id"],
        "at": "2026-03-02T03:00:00.000Z",
        "actor": "Test admin",
        "action": "key.create",
        "object": key["id"],
        "detail": {"name": "报表", "scopes": ["read", "write"]},
    }
    rest = admin.get(f"/api/audit?limit=5&after={page['next']}").json()
    assert [each["action"] for each in rest["items"]] == ["operator.create"]
    assert rest["next"] is None
    assert PASSWORD not in admin.get("/api/audit").text


def test_a_strange_cursor_is_refused(admin: Client) -> None:
    assert admin.get("/api/audit?after=-1%20or").status_code == 400
