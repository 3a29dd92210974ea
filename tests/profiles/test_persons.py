"""Persons over HTTP: what came in through the door is found, shown masked, paged, and revealed with a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu import privacy
from siyu.kit import DAY, HOUR, iso
from siyu.profiles import PersonParts, actions, reach_list
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]
PARTS = PersonParts(withdrawn=privacy.withdrawn, consent=privacy.consents)


@pytest.fixture
def mei(shop: Shop) -> str:
    """张小美: followed, bought twice, one order refunded in part."""
    shop.send(
        shop.identify(
            "u1", NOW - 40 * DAY, anonymous="dev-mei-000001", name="张小美", email="Mei@Example.com",
            phone="13912345678", birthday="1990-03-05", gender="女", city="杭州", province="浙江", skin_type="干性",
        ),
        shop.track("u1", "oa_followed", NOW - 39 * DAY),
        shop.track("u1", "Product Added", NOW - 20 * DAY, product_id="p1", name="面霜"),
        shop.track("u1", "Order Completed", NOW - 20 * DAY + HOUR, order_id="o1", total="199.90", phone="13912345678"),
        shop.track("u1", "Order Completed", NOW - 3 * DAY, order_id="o2", total=50, receiver={"name": "张小美"}),
        shop.track("u1", "Order Refunded", NOW - 2 * DAY, order_id="o2", total=20),
        shop.track("u1", "lab_visited", NOW - DAY, room="A"),
    )  # fmt: skip
    return shop.person("user_id:u1")


def items(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


def test_page_says_what_is_known_and_masks_it(admin: Client, mei: str) -> None:
    answer = admin.get(f"/api/persons/{mei}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert (page["id"], page["name"], page["orders"], page["revenue_fen"]) == (mei, "张*", 2, 22_990)
    assert page["stage"]["stage"] == "repeat"
    assert page["stage"]["reason"] == {
        "orders": 2, "last_order_at": iso(NOW - 3 * DAY),
        "windows": {"new_days": 30, "silent_days": 90, "churned_days": 180},
    }  # fmt: skip
    assert page["entered"] == {"at": iso(NOW - 39 * DAY), "via": "oa_followed", "source": "网店"}
    shown = {row["type"]: row["value"] for row in page["identifiers"]}
    assert shown["email"] == "m****@example.com"
    assert shown["mobile"] == "139****5678"
    for secret in ("小美", "Mei@", "mei@", "13912345678", "dev-mei-000001"):
        assert secret not in answer.text
    traits = {row["name"]: row for row in page["traits"]}
    assert traits["skin_type"]["value"] == "干性"
    assert (traits["skin_type"]["source_name"], traits["skin_type"]["at"]) == ("网店", iso(NOW - 40 * DAY))


def test_portrait_has_provenance_and_completeness(admin: Client, mei: str) -> None:
    portrait = admin.get(f"/api/persons/{mei}").json()["portrait"]
    values = {row["field"]: row["value"] for row in portrait["fields"]}
    assert values == {
        "name": "张*", "gender": "女", "age": 35, "region": "浙江 杭州", "education": None, "income": None,
        "skin_type": "干性",
    }  # fmt: skip
    assert portrait["completeness"] == pytest.approx(5 / 7, abs=1e-4)
    age = next(row for row in portrait["fields"] if row["field"] == "age")
    assert (age["source"], age["at"]) == ("网店", iso(NOW - 40 * DAY))


def test_reach_says_why(admin: Client, mei: str) -> None:
    reach = {row["channel"]: row for row in admin.get(f"/api/persons/{mei}").json()["reachable"]}
    assert {name: row["why"] for name, row in reach.items()} == {
        "email": "reachable", "sms": "reachable", "official_account": "no_address", "wecom_friend": "not_joined",
        "wecom_group": "not_joined", "mini_program": "not_joined", "app": "no_address", "website": "reachable",
        "webhook": "reachable",
    }  # fmt: skip
    assert reach["email"]["address"] == "m****@example.com"
    assert reach["email"]["since"] == iso(NOW - 40 * DAY)
    assert reach["wecom_friend"]["text"]["zh"]


def test_reach_follows_facts(shop: Shop) -> None:
    def why(channel: str) -> str:
        page = actions.person_page(shop.store, shop.person("user_id:u2"), PARTS)
        return {row.channel: row.why for row in page.reachable}[channel]

    shop.send(shop.identify("u2", NOW - 9 * DAY, email="u2@example.com", push_token="tok-1"),
              shop.track("u2", "group_joined", NOW - 9 * DAY))  # fmt: skip
    assert [why("email"), why("app"), why("wecom_group")] == ["reachable"] * 3
    shop.send(
        shop.track("u2", "group_left", NOW - 8 * DAY), shop.track("u2", "opted_out", NOW - 2 * HOUR, channel="email")
    )
    assert [why("email"), why("app"), why("wecom_group")] == ["consent_withdrawn", "reachable", "left"]
    shop.send(
        shop.track("u2", "app_uninstalled", NOW), shop.track("u2", "consent_granted", NOW - HOUR, channel="email")
    )
    assert [why("email"), why("app")] == ["reachable", "left"]


def test_the_engine_knows_the_same_reach(shop: Shop, mei: str) -> None:
    shop.send(
        shop.track("r1", "oa_followed", NOW - DAY),
        shop.identify("r1", NOW - DAY, email="r1@example.com", push_token="t"),
        shop.track("r1", "opted_out", NOW - DAY, channel=["email", "webhook"]),
        shop.track("r2", "group_joined", NOW - DAY),
        shop.track("r2", "opted_out", NOW - DAY),
        shop.track("r3", "mp_visited", NOW - DAY),
    )
    rows = shop.store.events.query("SELECT person, channels FROM persons FINAL WHERE deleted = 0 ORDER BY person").rows
    people = [int(row[0]) for row in rows]
    assert len(people) == 4
    with shop.store.state.read() as conn:
        lost = privacy.withdrawn(conn, people)
        one_by_one = {
            person: sorted(reach.channel for reach in reach_list(conn, person, lost) if reach.ok) for person in people
        }
    assert {int(person): sorted(channels) for person, channels in rows} == one_by_one
    assert any(one_by_one.values())


def test_page_shows_consent(admin: Client, shop: Shop, mei: str) -> None:
    shop.send(
        shop.track("u1", "consent_granted", NOW - DAY, channel="sms", text_version="v3"),
        shop.track("u1", "opted_out", NOW - HOUR, channel="email"),
    )
    page = admin.get(f"/api/persons/{mei}").json()
    said = {row["channel"]: row for row in page["consent"]}
    assert said["sms"] == {
        "channel": "sms", "purpose": "marketing", "state": "granted", "at": iso(NOW - DAY),
        "evidence": {"event": "consent_granted", "text_version": "v3"},
    }  # fmt: skip
    assert said["email"]["state"] == "withdrawn"
    reach = {row["channel"]: row["why"] for row in page["reachable"]}
    assert (reach["sms"], reach["email"]) == ("reachable", "consent_withdrawn")


@pytest.mark.parametrize(
    "text", ["u1", "mei@example.com", "13912345678", "+86 139 1234 5678", "139123", "小美", "dev-mei"]
)
def test_search_by_any_identifier_and_by_name(admin: Client, shop: Shop, mei: str, text: str) -> None:
    shop.send(shop.identify("someone-else", NOW - DAY, name="李雷", email="lilei@example.com"))
    assert [row["id"] for row in items(admin.get("/api/persons", params={"q": text}))] == [mei]


def test_search_by_public_name_and_for_nobody(admin: Client, mei: str) -> None:
    assert [row["id"] for row in items(admin.get("/api/persons", params={"q": mei}))] == [mei]
    assert items(admin.get("/api/persons", params={"q": "nobody@example.com"})) == []


def test_filters(admin: Client, shop: Shop, mei: str) -> None:
    shop.send(
        shop.identify("n1", NOW - DAY, email="n1@example.com"),
        shop.identify("n2", NOW - DAY),
        shop.identify("n3", NOW - 200 * DAY, email="n3@example.com"),
    )
    new, other, gone = (shop.person(f"user_id:n{number}") for number in (1, 2, 3))

    def found(**params: str) -> list[str]:
        answer = admin.get("/api/persons", params=params)
        assert answer.json()["total_estimate"] == len(items(answer))
        return [row["id"] for row in items(answer)]

    assert found(stage="repeat") == [mei]
    assert set(found(stage="new")) == {new, other}
    assert found(stage="churned") == [gone]
    assert found(stage="new", channel="email") == [new]
    assert set(found(channel="email")) == {mei, new, gone}
    assert found(q="n", stage="new", channel="email") == [new]
    assert found(stage="silent") == []


@pytest.mark.parametrize("params", [{}, {"stage": "new"}, {"q": "user"}])
def test_paging_sees_everybody_once(admin: Client, shop: Shop, params: dict[str, str]) -> None:
    shop.send(*(shop.identify(f"user{number:02}", NOW - DAY) for number in range(23)))
    seen: list[str] = []
    after: str | None = None
    for _ in range(10):
        extra = {"after": after} if after else {}
        answer = admin.get("/api/persons", params={**params, **extra, "limit": "5"}).json()
        assert answer["total_estimate"] == 23
        seen += [row["id"] for row in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 23


def test_timeline_is_newest_first_and_filtered_by_kind(admin: Client, mei: str) -> None:
    rows = items(admin.get(f"/api/persons/{mei}/timeline"))
    assert [row["event"] for row in rows] == [
        "lab_visited", "order_refunded", "order_paid", "order_paid", "cart_added", "oa_followed",
    ]  # fmt: skip
    assert rows[3]["amount_fen"] == 19_990
    assert rows[3]["props"]["phone"] == "139****5678"
    assert rows[2]["props"]["receiver"] == {"name": "张*"}
    assert rows[4]["props"]["name"] == "面霜", "a product's name is nobody's secret"
    assert rows[4]["label"] == {"zh": "加购", "en": "Added to cart"}
    assert rows[0]["source_name"] == "网店"

    def kinds(kind: str) -> list[str]:
        return [row["event"] for row in items(admin.get(f"/api/persons/{mei}/timeline", params={"kind": kind}))]

    assert kinds("order") == ["order_refunded", "order_paid", "order_paid"]
    assert kinds("custom") == ["lab_visited"]
    assert kinds("cart_added") == ["cart_added"]
    assert kinds("message") == []


def test_timeline_paging_over_events_of_one_moment(admin: Client, shop: Shop) -> None:
    shop.send(*(shop.track("u9", f"ping{number}", NOW - DAY * (number // 4)) for number in range(15)))
    person = shop.person("user_id:u9")
    seen: list[str] = []
    after: str | None = None
    for _ in range(9):
        params = {"limit": "2"} | ({"after": after} if after else {})
        answer = admin.get(f"/api/persons/{person}/timeline", params=params).json()
        seen += [row["key"] for row in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 15


def test_orders_keep_their_payload(admin: Client, mei: str) -> None:
    rows = items(admin.get(f"/api/persons/{mei}/orders"))
    told = [(row["order_id"], row["amount_fen"], row["refunded_fen"], row["status"], row["paid_at"]) for row in rows]
    assert told == [
        ("o2", 5_000, 2_000, "partly_refunded", iso(NOW - 3 * DAY)),
        ("o1", 19_990, 0, "paid", iso(NOW - 20 * DAY + HOUR)),
    ]
    assert rows[1]["raw"]["total"] == "199.90"
    assert rows[1]["raw"]["phone"] == "139****5678"
    first = admin.get(f"/api/persons/{mei}/orders", params={"limit": "1"}).json()
    second = admin.get(f"/api/persons/{mei}/orders", params={"limit": "1", "after": first["next"]}).json()
    assert [first["items"][0]["order_id"], second["items"][0]["order_id"], second["next"]] == ["o2", "o1", None]


def test_a_merged_person_is_one_everywhere(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.identify("m1", NOW - 5 * DAY, email="one@example.com"),
        shop.track("m1", "cart_added", NOW - 5 * DAY),
        shop.track("m1", "opted_out", NOW - 5 * DAY, channel="email"),
        shop._item("track", NOW - 4 * DAY, anonymousId="dev-m-2222", event="page_seen", properties={}),
        shop._item("track", NOW - 4 * DAY, anonymousId="dev-m-2222", event="consent_granted", properties={}),
    )
    old = {shop.person("user_id:m1"), shop.person("device:dev-m-2222")}
    assert len(old) == 2
    shop.send(shop.identify("m1", NOW - 3 * DAY, anonymous="dev-m-2222"))
    kept = shop.person("user_id:m1")
    [gone] = old - {kept}
    page = admin.get(f"/api/persons/{gone}").json()
    assert (page["id"], page["merged_from"]) == (kept, [gone])
    rows = items(admin.get(f"/api/persons/{kept}/timeline"))
    assert {row["event"] for row in rows} == {"cart_added", "opted_out", "page_seen", "consent_granted"}
    assert [row["id"] for row in items(admin.get("/api/persons"))] == [kept]
    reach = {row.channel: row.why for row in actions.person_page(shop.store, kept, PARTS).reachable}
    assert reach["email"] == "consent_withdrawn", "the stricter of two consents holds"


def test_reveal_is_audited(sign_in_as: Callable[..., Client], mei: str) -> None:
    client = sign_in_as("admin")
    answer = client.post(f"/api/persons/{mei}/reveal", json={"fields": ["identifiers", "name"]})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["name"] == "张小美"
    assert {"type": "mobile", "value": "+8613912345678"} in body["identifiers"]
    assert "traits" not in body
    [entry] = [row for row in items(client.get("/api/audit")) if row["action"] == "person.reveal"]
    assert entry["object"] == mei
    assert entry["detail"] == {"fields": ["identifiers", "name"]}
    assert "张小美" not in json.dumps(entry, ensure_ascii=False)


def test_a_viewer_sees_but_does_not_reveal(sign_in_as: Callable[..., Client], mei: str) -> None:
    client = sign_in_as("viewer")
    assert client.get(f"/api/persons/{mei}").status_code == 200
    assert client.post(f"/api/persons/{mei}/reveal", json={"fields": ["name"]}).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/persons/per_zzzz", 404),
        ("/api/persons/nobody", 404),
        ("/api/persons/per_zzzz/timeline", 404),
        ("/api/persons?after=nonsense", 400),
        ("/api/persons?limit=0", 400),
        ("/api/persons?stage=asleep", 400),
        ("/api/persons/{mei}/timeline?after=%%%", 400),
        ("/api/persons/{mei}/timeline?after=k88", 400),
        ("/api/persons/{mei}/orders?after=aGVsbG8", 400),
    ],
)
def test_bad_questions_are_named(admin: Client, mei: str, path: str, status: int) -> None:
    answer = admin.get(path.replace("{mei}", mei))
    assert answer.status_code in (status, 422) if status == 400 else answer.status_code == status, answer.text
    assert answer.json()["code"]


def test_nobody_gets_in_without_signing_in(client: Client, mei: str) -> None:
    assert client.get(f"/api/persons/{mei}").status_code == 401
