"""The queue of probable persons as an operator uses it, in a real browser."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.collect.test_imports import start, upload
from tests.console.pages import opened
from tests.servers import Server
from tests.suggestions.conftest import MAPPING, MEMBERS


def import_members(client: httpx.Client, text: str = MEMBERS) -> None:
    import_id = upload(client, text)["id"]  # type: ignore[arg-type]
    assert start(client, import_id, "persons", MAPPING).is_success  # type: ignore[arg-type]
    rows = len(text.strip().splitlines()) - 1
    deadline = time.monotonic() + 20
    while client.get("/api/persons").json()["total_estimate"] < rows:
        assert time.monotonic() < deadline, "the import did not settle"


def visit(page: Page, client: httpx.Client, server: Server, path: str) -> None:
    page.context.add_cookies([{"name": "siyu_session", "value": client.cookies["siyu_session"], "url": server.url}])
    page.goto(path)


def persons(client: httpx.Client) -> Any:
    return client.get("/api/persons").json()["total_estimate"]


def test_an_operator_looks_compares_and_decides(browser: Browser, server: Server) -> None:
    with closing(server.sign_in()) as client, opened(browser, server.url) as page:
        import_members(client)
        visit(page, client, server, "/suggestions")
        page.get_by_role("button", name="开始查找").click()
        rows = page.locator("tr.clickable-row")
        expect(rows).to_have_count(2, timeout=30_000)
        rows.first.click()
        drawer = page.get_by_role("dialog")
        expect(drawer.get_by_role("row", name="邮编")).to_contain_text("相同")
        drawer.get_by_role("button", name="查看完整资料").click()
        expect(drawer.get_by_role("row", name="地址").first).to_contain_text("号")
        drawer.get_by_role("button", name="是同一人，合并").click()
        expect(rows).to_have_count(1)
        rows.first.click()
        page.get_by_role("dialog").get_by_role("button", name="不是同一人").click()
        expect(page.get_by_text("没有要确认的了")).to_be_visible()
        deadline = time.monotonic() + 10
        while persons(client) != 7:
            assert time.monotonic() < deadline, "the two did not become one"


def test_many_at_once_need_the_number_typed(browser: Browser, server: Server) -> None:
    with closing(server.sign_in()) as client, opened(browser, server.url, width=390, language="en") as page:
        import_members(client)
        client.post("/api/suggestions/runs", json={})
        visit(page, client, server, "/suggestions")
        expect(page.locator(".record-card")).to_have_count(2, timeout=30_000)
        page.get_by_role("button", name="Merge many").click()
        merge = page.get_by_role("button", name="Merge 2 pairs")
        expect(merge).to_be_disabled()
        page.get_by_placeholder("2").fill("2")
        merge.click()
        expect(page.get_by_text("Nothing left to decide")).to_be_visible(timeout=20_000)
        deadline = time.monotonic() + 10
        while persons(client) != 6:
            assert time.monotonic() < deadline, "they did not become one"
