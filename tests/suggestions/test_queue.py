"""The queue through HTTP: members without a strong identifier, a run, and what people decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.kit import MINUTE, SECOND, ManualClock
from siyu.store import Store

Client = TestClient[Any]
Import = Callable[..., None]
WorkOff = Callable[[], dict[str, Any]]


def run(client: Client, work_off: WorkOff, **wanted: Any) -> list[dict[str, Any]]:
    """Have everybody looked through; answers the queue."""
    answer = client.post("/api/suggestions/runs", json=wanted)
    assert answer.status_code == 201, answer.text
    desk = work_off()
    assert desk["run"]["state"] == "done", desk
    return items(client)


def items(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/suggestions", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def cards(item: dict[str, Any], admin: Client) -> set[str]:
    """The member cards of both sides, in clear."""
    found = set()
    for side in ("a", "b"):
        answer = admin.post(f"/api/persons/{item[side]['id']}/reveal", json={"fields": ["identifiers"]}).json()
        found |= {one["value"] for one in answer["identifiers"]}
    return found


def persons(client: Client) -> int:
    return int(client.get("/api/persons").json()["total_estimate"])


@pytest.fixture
def waiting(admin: Client, import_members: Import, work_off: WorkOff) -> list[dict[str, Any]]:
    import_members()
    return run(admin, work_off)


def test_a_run_suggests_those_who_are_probably_one(admin: Client, waiting: list[dict[str, Any]]) -> None:
    assert {frozenset(cards(item, admin)) for item in waiting} == {
        frozenset({"A001", "B001"}),
        frozenset({"A003", "B003"}),
    }
    assert [item["score"] for item in waiting] == sorted((item["score"] for item in waiting), reverse=True)
    desk = admin.get("/api/suggestions/desk").json()
    assert desk["run"]["persons"] == 8
    assert not desk["run"]["learned"]
    assert {"score": 0.9, "count": 2} in desk["bands"]


def test_the_evidence_says_field_by_field_why(admin: Client, waiting: list[dict[str, Any]]) -> None:
    item = next(item for item in waiting if "A001" in cards(item, admin))
    levels = {one["field"]: one["level"] for one in item["evidence"]}
    assert levels["surname"] == levels["given_name"] == levels["postcode"] == "same"
    assert levels["mobile"] == "tail"
    assert levels["birthday"] == "swapped"
    assert levels["address"] in ("close", "similar")
    weights = {one["field"]: one["weight"] for one in item["evidence"]}
    assert weights["mobile"] > weights["gender"] > 0


def test_nothing_becomes_one_by_itself(
    admin: Client, app: House, waiting: list[dict[str, Any]], clock: ManualClock
) -> None:
    assert len(waiting) == 2
    clock.advance(60 * MINUTE)
    app.suggester.step()
    app.pipeline.drain()
    assert persons(admin) == 8


def test_accepting_makes_one_person(admin: Client, app: House, waiting: list[dict[str, Any]]) -> None:
    chosen = waiting[0]
    assert admin.post(f"/api/suggestions/{chosen['id']}/accept").status_code == 204
    app.pipeline.drain()
    assert persons(admin) == 7
    ends = [admin.get(f"/api/persons/{chosen[side]['id']}").json()["id"] for side in ("a", "b")]
    assert ends[0] == ends[1]
    assert [item["id"] for item in items(admin)] == [waiting[1]["id"]]
    again = admin.post(f"/api/suggestions/{chosen['id']}/accept")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert "suggestion.accept" in {entry["action"] for entry in admin.get("/api/audit").json()["items"]}


def test_what_was_rejected_is_never_suggested_again(
    admin: Client, work_off: WorkOff, waiting: list[dict[str, Any]], clock: ManualClock
) -> None:
    clock.advance(SECOND)
    assert admin.post(f"/api/suggestions/{waiting[0]['id']}/reject").status_code == 204
    left = run(admin, work_off)
    assert admin.get("/api/suggestions/desk").json()["run"]["found"] == 1
    assert [cards(item, admin) for item in left] == [cards(waiting[1], admin)]
    assert persons(admin) == 8


def test_a_third_record_does_not_bring_the_rejected_together(
    admin: Client, import_members: Import, work_off: WorkOff, waiting: list[dict[str, Any]]
) -> None:
    chosen = next(item for item in waiting if "A001" in cards(item, admin))
    assert admin.post(f"/api/suggestions/{chosen['id']}/reject").status_code == 204
    import_members(
        "卡号,姓名,手机,生日,性别,邮编,地址,城市\n"
        "C001,张小美,138****8888,1990-03-05,女,200030,徐汇区漕溪北路18号301室,上海\n"
    )
    run(admin, work_off)
    joined = [cards(item, admin) for item in items(admin)]
    assert {"A001", "C001"} in joined
    assert not any("B001" in pair for pair in joined)


def test_who_became_one_elsewhere_leaves_the_queue(
    admin: Client, app: House, import_members: Import, waiting: list[dict[str, Any]]
) -> None:
    chosen = next(item for item in waiting if "A001" in cards(item, admin))
    import_members("卡号,邮箱\nA001,mei@example.com\nB001,mei@example.com\n", {"member_card": "卡号", "email": "邮箱"})
    assert chosen["id"] not in {item["id"] for item in items(admin)}
    assert admin.post(f"/api/suggestions/{chosen['id']}/reject").json()["code"] == "already_decided"


def test_accepting_in_bulk_needs_the_true_count(
    admin: Client, work_off: WorkOff, waiting: list[dict[str, Any]]
) -> None:
    wrong = admin.post("/api/suggestions/accept", json={"min_score": 0.9, "count": 3})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "count_changed")
    assert persons(admin) == 8
    right = admin.post("/api/suggestions/accept", json={"min_score": 0.9, "count": 2})
    assert (right.status_code, right.json()) == (202, {"count": 2})
    assert work_off()["accepting"] == 0
    assert (persons(admin), items(admin)) == (6, [])


def test_values_are_masked_until_revealed_and_that_is_written_down(
    admin: Client, waiting: list[dict[str, Any]]
) -> None:
    text = admin.get("/api/suggestions").text
    for secret in ("张小美", "小美", "欧阳", "漕溪北路18", "1990-03", "12栋"):
        assert secret not in text
    item = next(item for item in waiting if "A001" in cards(item, admin))
    clear = admin.post(f"/api/suggestions/{item['id']}/reveal").json()
    assert {clear["a"]["address"], clear["b"]["address"]} == {"徐汇区漕溪北路18号301室", "徐汇区 漕溪北路18号 301"}
    entry = next(one for one in admin.get("/api/audit").json()["items"] if one["action"] == "suggestion.reveal")
    assert entry["object"] == item["id"]
    assert set(entry["detail"]["persons"]) == {item["a"]["id"], item["b"]["id"]}


def test_the_queue_comes_in_pages(admin: Client, waiting: list[dict[str, Any]]) -> None:
    first = admin.get("/api/suggestions", params={"limit": 1}).json()
    second = admin.get("/api/suggestions", params={"limit": 1, "after": first["next"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == [item["id"] for item in waiting]
    assert (first["total_estimate"], second["next"]) == (2, None)
    assert admin.get("/api/suggestions", params={"after": "x~y"}).status_code == 400


def test_only_wanted_fields_are_compared(admin: Client, import_members: Import, work_off: WorkOff) -> None:
    import_members()
    found = run(admin, work_off, fields=["surname", "given_name", "mobile"], threshold=0.5)
    assert {one["field"] for item in found for one in item["evidence"]} <= {"surname", "given_name", "mobile"}
    unknown = admin.post("/api/suggestions/runs", json={"fields": ["shoe_size"]})
    assert unknown.status_code in (400, 422)


def test_two_user_ids_cannot_be_one_person(admin: Client, import_members: Import, work_off: WorkOff) -> None:
    """A person has one user id at most, so such a pair would only be refused."""
    text = "账号,姓名,生日,地址\nu1,张小美,1990-03-05,漕溪北路18号\nu2,张小美,1990-03-05,漕溪北路18号\n"
    import_members(text, {"user_id": "账号", "name": "姓名", "birthday": "生日", "trait.address": "地址"})
    assert run(admin, work_off, threshold=0.5) == []


def test_an_empty_shop_has_nothing_to_suggest(admin: Client, work_off: WorkOff) -> None:
    assert run(admin, work_off) == []


def test_one_run_at_a_time_and_it_can_be_cancelled(
    admin: Client, import_members: Import, work_off: WorkOff, app: House
) -> None:
    import_members()
    started = admin.post("/api/suggestions/runs", json={}).json()
    assert admin.post("/api/suggestions/runs", json={}).status_code == 409
    app.suggester.step()
    cancelled = admin.post(f"/api/suggestions/runs/{started['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert work_off()["run"]["state"] == "cancelled"
    assert items(admin) == []
    assert admin.post(f"/api/suggestions/runs/{started['id']}/cancel").status_code == 409


def test_a_run_whose_worker_was_killed_starts_again(
    admin: Client, import_members: Import, work_off: WorkOff, app: House, store: Store, clock: ManualClock
) -> None:
    import_members()
    admin.post("/api/suggestions/runs", json={})
    for _ in range(3):
        app.suggester.step()
    app.suggester.close()
    clock.advance(2 * MINUTE)
    assert work_off()["run"]["state"] == "done"
    assert len(items(admin)) == 2
    assert not list((store.settings.data / "matching").iterdir())


def test_viewers_look_but_do_not_decide(
    sign_in_as: Callable[..., Client], admin: Client, waiting: list[dict[str, Any]]
) -> None:
    place = f"/api/suggestions/{waiting[0]['id']}"
    sign_in_as("operator")
    assert admin.post("/api/suggestions/accept", json={"min_score": 0.9, "count": 2}).status_code == 403
    viewer = sign_in_as("viewer")
    assert len(items(viewer)) == 2
    for path in (f"{place}/accept", f"{place}/reject", f"{place}/reveal", "/api/suggestions/runs"):
        assert viewer.post(path, json={}).status_code == 403
