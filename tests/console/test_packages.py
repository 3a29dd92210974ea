"""Packages, dependencies and set algebra by hand in Chromium, on events that came in by HTTP."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.console.pages import Demo, choose, new_source, send, signed_in, until, visit
from tests.servers import start_server

Shop = tuple[Demo, httpx.Client, dict[str, str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    server = start_server(tmp_path_factory.mktemp("packages") / "brand")
    api = server.sign_in()
    demo = Demo(server.url, "admin@example.com", "correct horse battery")
    people = [("ann", "上海", 3), ("bob", "北京", 1), ("cat", "上海", 1)]
    said = [
        {"type": "identify", "userId": who, "traits": {"city": city, "level": level, "mobile": f"1381234567{level}"}}
        for who, city, level in people
    ]
    yes = {"type": "track", "userId": "ann", "event": "consent_granted", "properties": {"purpose": "advertising"}}
    send(demo, new_source(api, "商城"), *said, yes)
    until(lambda: len(api.get("/api/persons").json()["items"]) == 3)
    rules: dict[str, Any] = {
        "上海客户": {"trait": "city", "op": "eq", "value": "上海"},
        "高等级": {"trait": "level", "op": "gte", "value": 2},
    }
    ids = {}
    for name, rule in rules.items():
        ids[name] = api.post("/api/audiences", json={"name": name, "rule": rule}).json()["id"]
    yield demo, api, ids
    api.close()
    server.stop()


def test_a_package_is_made_and_downloaded(browser: Browser, shop: Shop) -> None:
    demo, api, ids = shop
    with signed_in(browser, demo, api) as page:
        visit(page, f"/audiences/{ids['上海客户']}")
        page.get_by_role("tab", name="人群包").click()
        page.get_by_role("button", name="新建人群包").click()
        form = page.locator(".ant-drawer")
        form.locator("#package_name").fill("上海名单")
        choose(page, form.locator(".ant-select:has(#package_content_columns)"), "城市")
        page.keyboard.press("Escape")
        form.get_by_text("个人信息不脱敏").click()
        form.get_by_role("button", name=re.compile("保\\s?存")).click()
        expect(page.get_by_role("heading", name="上海名单")).to_be_visible()
        expect(page.locator(".facts")).to_contain_text("CSV · 6 列 · 明文")
        page.get_by_role("button", name="立即生成").click()
        link = page.get_by_role("link", name=re.compile(r"上海名单-.*\.csv"))
        expect(link).to_be_visible(timeout=15_000)
        with page.expect_download() as taken:
            link.click()
        raw = Path(taken.value.path()).read_bytes()
        assert raw.decode("utf-8-sig").count("\r\n") == 3
        assert "+8613812345673" in raw.decode("utf-8-sig")
        expect(page.locator("#content")).to_contain_text(hashlib.sha256(raw).hexdigest()[:10])
        expect(page.locator("#content")).to_contain_text("2 行")


def test_hashed_for_an_ad_platform(browser: Browser, shop: Shop) -> None:
    demo, api, _ = shop
    with signed_in(browser, demo, api) as page:
        visit(page, "/packages")
        page.get_by_role("button", name="新建人群包").click()
        form = page.locator(".ant-drawer")
        form.locator("#package_name").fill("投放包")
        choose(page, form.locator(".ant-form-item", has_text=re.compile("^人群")).locator(".ant-select"), "上海客户")
        form.get_by_text("广告平台（加密）").click()
        choose(page, form.locator(".ant-select:has(#package_ad_platform)"), "巨量引擎")
        expect(form).to_contain_text("SHA256 (MOBILE_HASH_SHA256)")
        expect(form).to_contain_text("没表态的不算同意")
        form.get_by_role("button", name=re.compile("保\\s?存")).click()
        expect(page.get_by_role("heading", name="投放包")).to_be_visible()
        page.get_by_role("button", name="立即生成").click()
        expect(page.get_by_role("link", name=re.compile(r"投放包-.*\.txt"))).to_be_visible(timeout=15_000)
        expect(page.locator("#content")).to_contain_text("1 人未同意")


def test_a_fault_of_the_destination_is_shown(browser: Browser, shop: Shop) -> None:
    demo, api, ids = shop
    place = {"kind": "webhook", "url": "http://127.0.0.1:9/none"}
    content = {"columns": ["id"], "format": "jsonl"}
    body = {"name": "坏去处", "audience": ids["上海客户"], "content": content, "destination": place}
    made = api.post("/api/packages", json=body).json()
    assert api.post(f"/api/packages/{made['id']}/runs").status_code == 202
    with signed_in(browser, demo, api) as page:
        visit(page, f"/packages/{made['id']}")
        expect(page.locator("#content")).to_contain_text("等待重试", timeout=15_000)
        expect(page.locator("#content")).to_contain_text("refused")


def test_audiences_are_put_together_and_drawn(browser: Browser, shop: Shop) -> None:
    demo, api, ids = shop
    with signed_in(browser, demo, api, silent=422) as page:
        counts = {"并集": 2, "交集": 1, "差集": 1, "对称差": 1}
        for operation, count in counts.items():
            visit(page, "/audiences")
            page.get_by_role("button", name="人群运算").click()
            dialog = page.get_by_role("dialog")
            which = dialog.locator(".ant-select").first
            choose(page, which, "上海客户")
            choose(page, which, "高等级")
            page.keyboard.press("Escape")
            dialog.locator(".ant-select").nth(1).click()
            options = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
            options.get_by_text(re.compile(f"^{operation}：")).click()
            expect(dialog.get_by_role("status")).to_contain_text(f"现在 {count} 人")
        dialog.get_by_role("textbox", name="名称").fill("只在一边")
        dialog.get_by_text("快照", exact=True).click()
        dialog.get_by_role("button", name="新建").click()
        expect(page.get_by_role("heading", name="只在一边")).to_be_visible()
        made = api.get(f"/api/audiences/{page.url.rsplit('/', 1)[1]}").json()
        assert (made["kind"], made["size"]) == ("snapshot", 1)
        visit(page, f"/audiences/{ids['上海客户']}")
        page.get_by_role("tab", name="依赖关系").click()
        drawn = page.get_by_role("img", name="依赖关系")
        for name in ("上海客户", "城市", "只在一边"):
            expect(drawn).to_contain_text(name)
        drawn.get_by_role("link", name="只在一边").click()
        expect(page.get_by_role("heading", name="只在一边")).to_be_visible()
        visit(page, f"/audiences/{ids['上海客户']}/edit")
        page.get_by_role("tab", name="JSON").click()
        page.get_by_role("textbox", name="规则 JSON").fill(json.dumps({"all": [{"audience": made["id"]}]}))
        page.get_by_role("tab", name="条件").click()
        page.get_by_role("button", name="保存人群").click()
        expect(page.locator(".clause.wrong").get_by_role("alert")).to_contain_text("上海客户 → 只在一边 → 上海客户")
