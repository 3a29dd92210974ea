"""Insight: shares against others, overlaps, and what those who stayed have that the lost had not."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.audiences import due_step
from siyu.audiences.insight import holm, two_proportions
from siyu.kit import DAY, ManualClock
from siyu.store import Store
from tests.audiences.test_api import BOUGHT, Door, create, identify, track
from tests.audiences.test_kinds import upload

Client = TestClient[Any]


@pytest.fixture
def door(admin: Client, app: House, store: Store) -> Door:
    return Door(admin, app, store)


def lines(found: dict[str, Any], dimension: str, name: str = "") -> dict[str, Any]:
    for one in found["distributions"]:
        if (one["dimension"], one["name"]) == (dimension, name):
            return {line["value"]: line for line in one["lines"]}
    return {}


def test_shares_against_everybody_and_another_audience(admin: Client, door: Door) -> None:
    for number in range(8):
        door.send(identify(f"u{number}", city="上海" if number < 4 else "北京", points=number))
    door.send(*[track(f"u{number}", "Order Completed", total=1, order_id=f"o{number}") for number in range(2)])
    buyers = create(admin, BOUGHT)
    found = admin.get(f"/api/audiences/{buyers['id']}/insight").json()
    assert (found["size"], found["base_size"], len(found["sample"])) == (2, 8, 2)
    city = lines(found, "trait", "city")
    assert (city["上海"]["count"], city["上海"]["share"], city["上海"]["tgi"]) == (2, 1.0, 200.0)
    assert (city["北京"]["count"], city["北京"]["tgi"]) == (0, 0.0)
    assert lines(found, "lifecycle")["first_order"]["base_count"] == 2
    assert lines(found, "event", "order_paid")[""]["tgi"] == 400.0
    shanghai = create(admin, {"trait": "city", "op": "eq", "value": "上海"}, "上海")
    other = admin.get(f"/api/audiences/{buyers['id']}/insight", params={"against": shanghai["id"]}).json()
    assert (other["base_size"], lines(other, "trait", "city")["上海"]["tgi"]) == (4, 100.0)
    assert admin.get(f"/api/audiences/{buyers['id']}/insight", params={"against": "aud_no"}).status_code == 404


def test_many_different_numbers_are_told_in_stretches(admin: Client, door: Door) -> None:
    door.send(*[identify(f"u{number}", points=number) for number in range(80)])
    everybody = create(admin, {"trait": "points", "op": "gte", "value": 40})
    points = lines(admin.get(f"/api/audiences/{everybody['id']}/insight").json(), "trait", "points")
    assert 6 <= len(points) <= 9
    assert sum(line["base_count"] for line in points.values()) == 80
    assert sum(line["count"] for line in points.values()) == 40


def test_overlaps_of_up_to_five(admin: Client, door: Door) -> None:
    door.send(*[identify(f"u{number}", points=number) for number in range(10)])
    low = create(admin, {"trait": "points", "op": "lt", "value": 6})["id"]
    high = create(admin, {"trait": "points", "op": "gte", "value": 4})["id"]
    found = admin.post("/api/audiences/overlap/preview", json={"audiences": [low, high]}).json()
    assert found["sizes"] == {low: 6, high: 6}
    regions = {tuple(one["audiences"]): (one["only"], one["within"]) for one in found["regions"]}
    assert regions == {(low,): (4, 6), (high,): (4, 6), (low, high): (2, 2)}
    for wrong in ([low], [low] * 5, [f"aud_{number}" for number in range(6)]):
        assert admin.post("/api/audiences/overlap/preview", json={"audiences": wrong}).status_code == 422


def test_five_overlap_in_every_combination(admin: Client, door: Door) -> None:
    """All 31 combinations of five against sets of plain numbers."""
    door.send(*[identify(f"u{number}", n=number) for number in range(40)])
    fives = {step: set(range(step, 40, step)) | {0} for step in (2, 3, 4, 5, 7)}
    ids = {
        create(admin, {"any": [{"trait": "n", "op": "in", "value": sorted(numbers)}]}, f"每 {step}")["id"]: numbers
        for step, numbers in fives.items()
    }
    found = admin.post("/api/audiences/overlap/preview", json={"audiences": list(ids)}).json()
    assert found["sizes"] == {name: len(numbers) for name, numbers in ids.items()}
    told = {frozenset(one["audiences"]): (one["only"], one["within"]) for one in found["regions"]}
    assert len(told) == len(found["regions"]) == 31
    for chosen, (only, within) in told.items():
        inside = set.intersection(*[ids[name] for name in chosen])
        outside = set().union(*[ids[name] for name in ids if name not in chosen])
        assert (only, within) == (len(inside - outside), len(inside)), chosen
    assert sum(only for only, _ in told.values()) == len(set().union(*ids.values()))


def test_who_stayed_against_who_was_lost(admin: Client, door: Door, clock: ManualClock, sign_in_as: Any) -> None:
    """Half of a list leaves; those who stay had all used the app."""
    for number in range(60):
        door.send(identify(f"u{number}", city="上海" if number % 2 else "北京"))
    door.send(*[track(f"u{number}", "Application Opened") for number in range(30)])
    text = "user_id\n" + "\n".join(f"u{number}" for number in range(60))
    made = upload(admin, text).json()["audience"]
    clock.advance(2 * DAY)
    sign_in_as("admin", "again@example.com")
    half = "user_id\n" + "\n".join(f"u{number}" for number in range(30))
    upload(admin, half, f"/api/audiences/{made['id']}/list", "PUT", headers={"If-Match": '"1"'})
    due_step(door._store)
    found = admin.get(f"/api/audiences/{made['id']}/contrast", params={"days": 1}).json()
    assert (found["stayed"], found["lost"], found["enough"]) == (30, 30, True)
    told = {(one["dimension"], one["name"], one["value"]): one for one in found["lines"]}
    opened = told["event", "app_opened", ""]
    assert (opened["stayed_share"], opened["lost_share"], opened["significant"]) == (1.0, 0.0, True)
    assert not told["trait", "city", "上海"]["significant"]


def test_the_test_of_two_shares_is_the_one_of_the_textbooks() -> None:
    """Of 100 and 100, 30 and 45: a chi-square of 4.8 with one degree of freedom, p = 0.02846."""
    assert two_proportions(30, 100, 45, 100) == pytest.approx(0.02846, abs=5e-6)
    assert two_proportions(0, 0, 1, 5) == two_proportions(0, 5, 0, 9) == 1.0
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_what_an_audience_stands_on_and_what_stands_on_it(admin: Client, door: Door) -> None:
    door.send(identify("u1", city="上海"))
    city = create(admin, {"trait": "city", "op": "eq", "value": "上海"}, "上海")["id"]
    seen = {"event": "product_viewed", "aggregate": "count", "op": "gte", "value": 1}
    middle = create(
        admin,
        {"all": [{"audience": city}, seen | {"window": {"since": "last", "event": "order_paid"}}]},
        "看过没买",
    )["id"]
    top = create(admin, {"not": {"audience": middle}}, "其他人")["id"]
    package = {"name": "包", "audience": middle, "content": {"columns": ["id"]}}
    made = admin.post("/api/packages", json=package).json()["id"]
    found = admin.get(f"/api/audiences/{middle}/dependencies").json()
    assert {(one["kind"], one["name"]) for one in found["nodes"]} == {
        ("audience", "看过没买"), ("audience", "上海"), ("audience", "其他人"), ("trait", "city"),
        ("event", "product_viewed"), ("event", "order_paid"), ("package", "包"),
    }  # fmt: skip
    assert {(one["user"], one["used"]) for one in found["edges"]} == {
        (middle, city), (city, "trait:city"), (middle, "event:product_viewed"), (middle, "event:order_paid"),
        (top, middle), (made, middle),
    }  # fmt: skip
    assert admin.get("/api/audiences/aud_no/dependencies").status_code == 404
    shares = [one["cost_share"] for one in admin.get("/api/audiences").json()["items"]]
    assert sum(shares) == pytest.approx(1, abs=0.01)


def test_a_circle_is_refused_with_its_path(admin: Client, door: Door) -> None:
    first = create(admin, {"trait": "city", "op": "exists"}, "甲")
    second = create(admin, {"audience": first["id"]}, "乙")
    body = {"name": "甲", "rule": {"all": [{"audience": second["id"]}]}}
    answer = admin.put(f"/api/audiences/{first['id']}", json=body, headers={"If-Match": '"1"'})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (422, "/all/0/audience", "cycle")
    assert "甲 → 乙 → 甲" in error["message"]
