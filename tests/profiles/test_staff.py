"""Staff and test accounts count in no figure, and are still found; sensitive traits stay closed without consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.audiences import matching, sweep
from siyu.kit import DAY
from siyu.pipeline import refresh
from siyu.profiles.staff import follow_staff
from siyu.store import Store
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]
BOUGHT: dict[str, Any] = {
    "event": "order_paid",
    "aggregate": "count",
    "property": None,
    "where": [],
    "window": None,
    "op": "gte",
    "value": 1,
}


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    made = Shop(store)
    yield made
    made.close()


def carry(store: Store) -> None:
    """What the loops do in the background."""
    follow_staff(store, matching)
    refresh(store)
    sweep(store)


def save(client: Client, **draft: Any) -> dict[str, Any]:
    version = client.get("/api/staff").json()["version"]
    answer = client.put("/api/staff", json=draft, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def figures(client: Client) -> tuple[int, int, int, int]:
    body = client.get("/api/overview").json()
    stages = sum(row["persons"] for row in body["lifecycle"])
    lifecycle = client.get("/api/lifecycle/flows").json()["persons"]
    return body["persons"]["known"], body["revenue"]["total_fen"], stages, lifecycle


def world(shop: Shop) -> None:
    for user in ("anna", "boss", "tester"):
        shop.send(
            shop.identify(user, NOW - DAY, role="staff" if user == "boss" else "customer"),
            shop.track(user, "order_paid", NOW - DAY, order_id=user, total=10),
        )


def test_by_hand_by_list_and_by_rule(admin: Client, shop: Shop, store: Store) -> None:
    world(shop)
    assert figures(admin) == (3, 3_000, 3, 3)
    audience = admin.post("/api/audiences", json={"name": "买过", "rule": {"all": [BOUGHT]}}).json()
    assert audience["size"] == 3
    rule = {"all": [{"trait": "role", "op": "eq", "value": "staff"}]}
    saved = save(admin, rule=rule, add=[{"type": "user_id", "value": "tester"}])
    assert [one["type"] for one in saved["identifiers"]] == ["user_id"]
    carry(store)
    assert figures(admin) == (1, 1_000, 1, 1)
    assert admin.get(f"/api/audiences/{audience['id']}").json()["size"] == 1
    assert admin.post("/api/audiences/preview", json={"rule": {"all": [BOUGHT]}}).json()["count"] == 1
    why = {
        user: admin.get(f"/api/persons/{shop.person(f'user_id:{user}')}").json()["staff"] for user in ("boss", "tester")
    }
    assert why == {"boss": {"staff": True, "why": "rule"}, "tester": {"staff": True, "why": "list"}}
    found = admin.get("/api/persons", params={"staff": True}).json()
    assert (found["total_estimate"], all(one["staff"] for one in found["items"])) == (2, True)
    assert admin.get("/api/persons", params={"q": "boss"}).json()["items"][0]["staff"]
    assert admin.get("/api/persons", params={"stage": "first_order"}).json()["total_estimate"] == 1
    carry(store)
    assert admin.get("/api/staff").json()["ruled"] == 1, "who is staff is still found by the rule"

    boss, anna = shop.person("user_id:boss"), shop.person("user_id:anna")
    for person, staff in ((boss, False), (anna, True)):
        said = admin.put(f"/api/persons/{person}/staff", json={"staff": staff})
        assert said.json() == {"staff": staff, "why": "hand"}
    carry(store)
    assert figures(admin)[0] == 1
    admin.put(f"/api/persons/{anna}/staff", json={"staff": None})
    save(admin, rule=None, remove=[saved["identifiers"][0]["id"]])
    admin.put(f"/api/persons/{boss}/staff", json={"staff": None})
    carry(store)
    assert figures(admin) == (3, 3_000, 3, 3)
    assert admin.get(f"/api/audiences/{audience['id']}").json()["size"] == 3


def test_a_new_record_of_a_listed_identifier_is_staff_as_it_settles(admin: Client, shop: Shop, store: Store) -> None:
    save(admin, add=[{"type": "mobile", "value": "138 0000 1111"}])
    shop.send(shop.identify("tester", NOW, mobile="13800001111"), shop.identify("anna", NOW))
    shop.send(
        shop._item("identify", NOW, userId="tester", context={"externalIds": [{"type": "mobile", "id": "13800001111"}]})
    )
    assert admin.get("/api/overview").json()["persons"]["known"] == 1


def test_by_hand_goes_with_the_identifiers(admin: Client, shop: Shop, store: Store) -> None:
    shop.send(shop.identify("a", NOW), shop._item("track", NOW, anonymousId="visitor", event="page_viewed"))
    visitor = admin.get("/api/persons").json()["items"][0]["id"]
    admin.put(f"/api/persons/{visitor}/staff", json={"staff": True})
    shop.send(shop.identify("a", NOW, anonymous="visitor"))
    assert admin.get(f"/api/persons/{visitor}").json()["staff"] == {"staff": True, "why": "hand"}
    assert admin.get("/api/overview").json()["persons"]["known"] == 0


def test_what_is_wrong_is_said(sign_in_as: Any, store: Store) -> None:
    admin = sign_in_as("admin")
    wrong = admin.put("/api/staff", json={"rule": {"all": [{"nothing": 1}]}}, headers={"If-Match": '"0"'})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_rule")
    wrong = admin.put("/api/staff", json={"add": [{"type": "mobile", "value": "1"}]}, headers={"If-Match": '"0"'})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "add/0")
    assert admin.put("/api/staff", json={}, headers={"If-Match": '"7"'}).status_code == 412
    operator = sign_in_as("operator", "op@example.com")
    assert operator.put("/api/staff", json={}, headers={"If-Match": '"0"'}).status_code == 403


def test_sensitive_traits_are_kept_apart_and_closed(admin: Client, shop: Shop, store: Store) -> None:
    shop.send(shop.identify("a", NOW - DAY, allergy="花粉", city="杭州"))
    assert admin.put("/api/sensitive-traits", json={"name": "allergy", "kind": "health"}).status_code == 200
    shop.send(shop.identify("a", NOW, allergy="坚果"))
    refresh(store)
    ref = shop.person("user_id:a")
    page = admin.get(f"/api/persons/{ref}").json()
    assert [one["name"] for one in page["traits"]] == ["city"]
    assert [(one["name"], one["kind"], one["consented"]) for one in page["sensitive"]] == [("allergy", "health", False)]
    assert "坚果" not in str(page)
    mirrored = store.events.query("SELECT toString(traits) FROM persons FINAL WHERE deleted = 0").one()[0]
    assert "allergy" not in mirrored
    with store.state.read() as conn:
        assert not conn.exec_driver_sql("SELECT 1 FROM profiles_traits WHERE name = 'allergy'").all()
    closed = admin.post(f"/api/persons/{ref}/reveal", json={"fields": ["sensitive"]})
    assert (closed.status_code, closed.json()["code"]) == (403, "not_consented")
    shop.send(shop.track("a", "consent_granted", NOW, channel="*", purpose="health"))
    opened = admin.post(f"/api/persons/{ref}/reveal", json={"fields": ["sensitive"]})
    assert opened.json()["sensitive"] == {"allergy": "坚果"}
    logged = admin.get("/api/audit").json()["items"]
    assert any(one["action"] == "person.reveal" and "sensitive" in str(one) for one in logged)
    shop.send(shop.track("a", "consent_withdrawn", NOW + 1, channel="*", purpose="health"))
    assert admin.post(f"/api/persons/{ref}/reveal", json={"fields": ["sensitive"]}).status_code == 403
    assert admin.put("/api/sensitive-traits", json={"name": "allergy", "kind": None}).json() == []
    refresh(store)
    assert {one["name"] for one in admin.get(f"/api/persons/{ref}").json()["traits"]} == {"allergy", "city"}


def test_the_base_portrait_says_how_complete_and_where_from(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.identify("a", NOW - DAY, gender="女", birthday="1990-01-01", city="杭州"),
        shop.identify("b", NOW, gender="男", firstName="A"),
    )
    body = admin.get("/api/portrait").json()
    fields = {one["field"]: (one["persons"], one["completeness"]) for one in body["fields"]}
    assert fields == {
        "name": (1, 0.5), "gender": (2, 1.0), "age": (1, 0.5), "region": (1, 0.5), "education": (0, 0.0),
        "income": (0, 0.0), "skin_type": (0, 0.0),
    }  # fmt: skip
    gender = next(one for one in body["fields"] if one["field"] == "gender")
    assert gender["sources"] == [{"name": "网店", "persons": 2, "last_at": "2026-03-02T02:00:00.000Z"}]
    assert (body["persons"], body["whole"], body["completeness"]) == (2, 0, round(5 / 14, 4))
