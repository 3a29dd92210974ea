"""Product settings: read, change, refuse."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.settings import current_settings
from siyu.store import Store

Client = TestClient[Any]


def put(admin: Client, version: int = 0, **changes: Any) -> Any:
    return admin.put("/api/settings", json=changes, headers={"If-Match": f'"{version}"'})


def test_what_siyu_comes_with(admin: Client) -> None:
    answer = admin.get("/api/settings")
    assert answer.headers["etag"] == '"0"'
    assert answer.json() == {
        "lifecycle": {"new_days": 30, "silent_days": 90, "churned_days": 180, "preset": "general"},
        "timezone": "Asia/Shanghai",
        "language": "zh-CN",
        "brand_name": "",
        "quiet_hours": {"start": "22:00", "end": "08:00"},
        "version": 0,
    }


def test_a_change_is_seen_by_the_other_rooms(admin: Client, store: Store) -> None:
    windows = {"new_days": 14, "silent_days": 60, "churned_days": 120}
    answer = put(admin, lifecycle=windows, brand_name="素肌", quiet_hours=None)
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"1"'
    with store.state.read() as conn:
        now = current_settings(conn)
    assert (now.lifecycle.silent_days, now.brand_name, now.quiet_hours) == (60, "素肌", None)
    assert admin.get("/api/audit").json()["items"][0]["action"] == "settings.change"


def test_two_editors_do_not_overwrite_each_other(admin: Client) -> None:
    assert put(admin, brand_name="A").status_code == 200
    assert put(admin, brand_name="B").json()["code"] == "stale_edit"
    assert admin.put("/api/settings", json={}).json()["code"] == "version_needed"
    assert admin.get("/api/settings").json()["brand_name"] == "A"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"lifecycle": {"silent_days": 200}}, "lifecycle.churned_days"),
        ({"lifecycle": {"new_days": 400}}, "lifecycle.new_days"),
        ({"lifecycle": {"new_days": 0}}, "lifecycle.new_days"),
        ({"lifecycle": {"new_days": "x"}}, "lifecycle.new_days"),
        ({"quiet_hours": {"start": "25:00"}}, "quiet_hours.start"),
    ],
)
def test_a_wrong_value_is_named(admin: Client, change: dict[str, Any], field: str) -> None:
    answer = put(admin, **change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert admin.get("/api/settings").json()["version"] == 0
