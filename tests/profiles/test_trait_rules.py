"""Operators decide which value of a trait holds; pages, provenance and the event engine follow."""

from __future__ import annotations

from typing import Any

from litestar.testing import TestClient

from siyu.pipeline import refresh
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]
RULES = "/api/trait-rules"


def change(client: Client, version: int, **rules: Any) -> Any:
    return client.put(RULES, json=rules, headers={"If-Match": f'"{version}"'})


def city(client: Client, person: str) -> dict[str, Any]:
    page = client.get(f"/api/persons/{person}").json()
    return next(trait for trait in page["traits"] if trait["name"] == "city")


def mirrored(shop: Shop) -> list[Any]:
    rows = shop.store.events.query("SELECT toString(traits.city) FROM persons FINAL WHERE deleted = 0 ORDER BY person")
    return [row[0] for row in rows]


def test_a_change_reaches_pages_at_once_and_the_engine_step_by_step(admin: Client, shop: Shop) -> None:
    shop.send(shop.identify("m1", NOW - 9_000, city="北京"), shop.identify("m1", NOW - 5_000, city="上海"))
    shop.send(shop.identify("m2", NOW - 9_000, city="广州"))
    one = shop.person("user_id:m1")
    assert city(admin, one)["value"] == "上海"
    assert refresh(shop.store) > 0, "nothing to do before any change"
    answer = change(admin, 0, strategies={"city": "first", "name": "latest"}, trust=[])
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"strategies": {"city": "first"}, "trust": [], "version": 1, "refreshed": False}
    assert city(admin, one)["value"] == "北京"
    assert mirrored(shop) == ["上海", "广州"]
    while refresh(shop.store) == 0:
        pass
    assert mirrored(shop) == ["北京", "广州"]
    assert admin.get(RULES).json()["refreshed"] is True
    shop.send(shop.identify("m1", NOW - 1_000, city="深圳"))
    assert mirrored(shop) == ["北京", "广州"]


def test_edits_are_checked_and_audited(admin: Client) -> None:
    assert change(admin, 5, strategies={}).status_code == 412
    assert change(admin, 0, strategies={"city": "loudest"}).status_code in (400, 422)
    assert change(admin, 0, trust=["src_a", "src_a"]).status_code == 422
    assert change(admin, 0, trust=["src_a"]).json()["version"] == 1
    audited = [row for row in admin.get("/api/audit").json()["items"] if row["action"] == "traits.rules"]
    assert [row["detail"] for row in audited] == [{"to": {"strategies": {}, "trust": ["src_a"]}}]


def test_only_an_administrator_changes_the_rules(sign_in_as: Any) -> None:
    client = sign_in_as("operator")
    assert client.get(RULES).status_code == 200
    assert change(client, 0, strategies={}).status_code == 403


def test_a_trait_names_the_identifier_that_said_it(admin: Client, shop: Shop) -> None:
    shop.send(shop._item("identify", NOW - 9_000, anonymousId="tab-12345678", traits={"city": "北京"}))
    old = shop.person("device:tab-12345678")
    shop.send(shop.identify("m1", NOW - 8_000, age=30))
    new = shop.person("user_id:m1")
    shop.send(shop.identify("m1", NOW - 7_000, anonymous="tab-12345678"))
    for ref in (old, new):
        told = city(admin, ref)
        assert (told["source_name"], told["identifier"]["type"]) == ("网店", "device")
        assert "345678" not in told["identifier"]["value"]
