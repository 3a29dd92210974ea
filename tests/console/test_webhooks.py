"""Webhooks in the console: made, heard of, mended and replayed in a real browser."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Browser, expect

from tests.console.pages import opened, visit
from tests.delivery.fixtures import receiver
from tests.delivery.peers import Receiver
from tests.servers import Server

__all__ = ["receiver"]


def test_a_webhook_from_its_making_to_a_replay(browser: Browser, server: Server, receiver: Receiver) -> None:
    api = server.sign_in()
    with opened(browser, server.url) as page:
        key = api.post("/api/sources", json={"name": "网店", "kind": "segment"}).json()["write_key"]
        cookie = {"name": "siyu_session", "value": api.cookies["siyu_session"], "url": server.url}
        page.context.add_cookies([cookie])
        visit(page, "/settings/webhooks")
        page.get_by_role("button", name="新建 Webhook").click()
        page.locator("#webhook #name").fill("数据中台 · 一个很长很长的名字，看看会不会把表格撑坏")
        page.locator("#webhook #url").fill("not an address")
        page.keyboard.press("Enter")
        expect(page.get_by_text("请填 http:// 或 https:// 开头的地址")).to_be_visible()
        page.locator("#webhook #url").fill(receiver.url)
        page.get_by_label("事件", exact=True).check()
        page.locator("#webhook #events").fill("cart_added")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=re.compile("新.?建")).click()
        secret = page.locator(".code pre")
        expect(secret).to_contain_text("whsec_")
        receiver.secret, receiver.answers = secret.inner_text(), [(500, {})]
        page.keyboard.press("Escape")
        expect(page.get_by_text("还没投递过")).to_be_visible()

        item = {"type": "track", "userId": "mei", "event": "cart_added", "properties": {"mobile": "13812348888"}}
        answer = httpx.post(f"{server.url}/v1/batch", json={"batch": [item]}, auth=(key, ""), trust_env=False)
        assert answer.is_success
        page.locator("tbody tr", has_text="数据中台").click()
        drawer = page.locator(".ant-drawer")
        row = drawer.locator(".clickable-row", has_text="事件")
        expect(row).to_be_visible(timeout=10_000)
        row.click()
        expect(drawer.get_by_text(re.compile("^500"))).to_be_visible(timeout=10_000)
        expect(drawer.get_by_text('"mobile": "138****8888"')).to_be_visible()
        drawer.get_by_role("button", name="重放").click()
        expect(drawer.locator(".clickable-row", has_text="已送达")).to_be_visible(timeout=15_000)
        assert [body["data"]["properties"]["mobile"] for body in receiver.taken.values()] == ["13812348888"]
        page.keyboard.press("Escape")
        expect(page.locator("tbody tr", has_text="数据中台")).to_contain_text("正常", timeout=10_000)
