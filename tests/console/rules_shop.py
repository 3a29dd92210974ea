"""Four customers whose histories are known, and the rule builder before them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.pages import Demo, choose, new_source, send, signed_in, until, visit
from tests.servers import start_server

NOW = datetime.now(UTC)


SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat()


def day(ahead: int) -> str:
    return (NOW + timedelta(days=ahead)).astimezone(SHANGHAI).date().isoformat()


def did(who: str, event: str, when: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": who, "event": event, "timestamp": when, "properties": properties}


def paid(who: str, yuan: float, when: str) -> dict[str, Any]:
    return did(who, "Order Completed", when, revenue=yuan, order_id=f"{who} {when}")


PERSONS = [
    {"type": "identify", "userId": who, "traits": traits}
    for who, traits in {
        "ann": {
            "city": "上海",
            "level": 3,
            "phone": "13800138001",
            "expires": day(6),
            "birthday": (NOW + timedelta(days=3)).strftime("1990-%m-%d"),
        },
        "bob": {
            "city": "北京",
            "level": 1,
            "phone": "13800138002",
            "expires": day(-5),
            "birthday": (NOW + timedelta(days=90)).strftime("1991-%m-%d"),
        },
        "cat": {"city": "上海", "level": 2, "vip": True},
        "dan": {"city": "杭州", "level": 5},
    }.items()
]


EVENTS = [
    did("ann", "Product Added", at(days=2), category="精华"),
    did("bob", "Product Added", at(hours=5), category="面膜"),
    paid("bob", 50, at(hours=4)),
    did("bob", "Product Viewed", at(days=9, minutes=5), category="面膜"),
    did("bob", "Product Viewed", at(days=9), category="精华"),
    paid("cat", 100, at(days=60)),
    paid("cat", 5, at(days=3)),
    paid("dan", 30, at(days=10)),
    did("dan", "Product Viewed", at(days=1), category="面膜"),
    did("dan", "Product Viewed", at(minutes=20), category="面膜"),
    did("ann", "consent_granted", at(days=1), channel="sms"),
    did("bob", "opted_out", at(days=1), channel="sms"),
    did("ann", "oa_followed", at(days=5)),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, httpx.Client]]:
    server = start_server(tmp_path_factory.mktemp("rules") / "brand")
    api = server.sign_in()
    demo = Demo(server.url, "admin@example.com", "correct horse battery")
    send(demo, new_source(api, "商城"), *PERSONS, *EVENTS)
    until(lambda: len(api.get("/api/persons").json()["items"]) == 4)
    yield demo, api
    api.close()
    server.stop()


class Builder:
    """The rule builder, one clause at a time."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def add(self, kind: str) -> Locator:
        self.page.get_by_role("button", name=re.compile("添加条件$")).last.click()
        self.page.get_by_role("menuitem", name=kind, exact=True).click()
        return self.page.locator(".clause").last

    def pick(self, clause: Locator, place: int, text: str) -> None:
        choose(self.page, clause.locator(".ant-select").nth(place), text)

    def built(self, count: int) -> Any:
        """The clause as JSON, once the live count says ``count``; the clause is gone then."""
        expect(self.page.locator(".preview .count")).to_have_text(str(count))
        expect(self.page.locator(".preview [aria-live]")).to_contain_text("用时")
        self.page.get_by_role("tab", name="JSON").click()
        rule = json.loads(self.page.get_by_role("textbox", name="规则 JSON").input_value())
        self.page.get_by_role("tab", name="条件").click()
        self.page.locator(".clause").last.get_by_role("button", name="移除").last.click()
        return rule["all"][0]


def type_days(clause: Locator, *days: str) -> None:
    """Into a picker of one day or of two, each when the picker has come to it; it closes behind the last."""
    boxes = clause.locator(".ant-picker input")
    boxes.first.click()
    for place, text in enumerate(days):
        expect(boxes.nth(place)).to_be_focused()
        boxes.nth(place).fill(text)
        boxes.nth(place).press("Enter")
    expect(clause.page.locator(".ant-picker-dropdown:visible")).to_have_count(0)
    for place, text in enumerate(days):
        expect(boxes.nth(place)).to_have_value(text)


@pytest.fixture
def builder(browser: Browser, shop: tuple[Demo, httpx.Client]) -> Iterator[Builder]:
    with signed_in(browser, *shop) as page:
        visit(page, "/audiences/new")
        yield Builder(page)


WORDS: dict[str, str] = json.loads((Path(__file__).parents[2] / "web/src/audiences/zh-CN.json").read_text("utf-8"))
