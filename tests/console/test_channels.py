"""Channels in the console: real Chromium, a real server, a strict vendor behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.servers import Server
from tests.vendors.texts import Aliyun

SHOTS = os.environ.get("SIYU_SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(400)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def vendor() -> Iterator[Aliyun]:
    made = Aliyun()
    yield made
    made.close()


@pytest.fixture
def signed_in(server: Server, page: Page) -> Page:
    client = server.sign_in()
    page.context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in client.cookies.items()]
    )
    client.close()
    return page


def no_sideways(page: Page) -> None:
    wide, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= room, f"{wide} px in {room}"


def test_a_channel_is_set_up_tested_and_put_into_its_sandbox(server: Server, signed_in: Page, vendor: Aliyun) -> None:
    page = signed_in
    page.goto(f"{server.url}/settings/channels?channel=sms_aliyun")
    expect(page.get_by_role("heading", name="短信（阿里云）")).to_be_visible()
    page.get_by_label("未启用").click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("启用前需要填写。")).to_have_count(3)
    shot(page, "channel-errors-1280")
    page.get_by_label("短信签名").fill(vendor.sign_name)
    page.get_by_label("默认模板").fill("SMS_1")
    page.get_by_label("AccessKey ID").fill(vendor.key_id)
    page.get_by_label("AccessKey Secret").fill(vendor.key_secret)
    page.get_by_label("接口地址").fill(vendor.url)
    page.get_by_role("button", name="保存").click()
    item = page.get_by_role("button", name="短信（阿里云） 已启用")
    expect(item).to_be_visible()
    page.get_by_label("测试地址").fill("+8613912345678")
    page.get_by_role("button", name="发送测试").click()
    expect(page.get_by_text("已发送")).to_be_visible()
    assert len(vendor.sent) == 1
    assert vendor.key_secret not in page.content()
    page.locator("button").filter(has_text="显示").click()
    expect(page.get_by_text("/hook/sms_aliyun/")).to_be_visible()
    page.get_by_label("沙箱").click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="短信（阿里云） 沙箱")).to_be_visible()
    shot(page, "channel-1280")
    page.get_by_role("button", name="发送测试").click()
    expect(page.get_by_text("只记录，没有发出")).to_be_visible()
    assert len(vendor.sent) == 1
    no_sideways(page)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_it_fits_a_phone_in_both_languages(server: Server, signed_in: Page, language: str) -> None:
    page = signed_in
    page.add_init_script(f"localStorage.setItem('siyu.language', '{language}')")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("channels?channel=wecom_mass", "channels?channel=wechat_template", "policies"):
            page.goto(f"{server.url}/settings/{path}")
            expect(page.locator(".panel").last).to_be_visible()
            expect(page.locator(".bone")).to_have_count(0)
            shot(page, f"{path.replace('channels?channel=', '')}-{language}-{width}")
            no_sideways(page)


def test_windows_are_read_and_edited_as_rules(server: Server, signed_in: Page) -> None:
    page = signed_in
    page.goto(f"{server.url}/settings/policies")
    row: Any = page.get_by_role("row").filter(has_text="公众号客服消息").filter(has_text="48 h 内 5 条")
    expect(row).to_be_visible()
    row.get_by_role("button", name="修改").or_(row.get_by_role("button", name="编辑")).click()
    dialog = page.get_by_role("dialog")
    text = dialog.get_by_label("事件之后")
    text.fill('{"oa_scanned": {"sends": 2, "seconds": 30}}')
    dialog.get_by_label("依据").fill("测试")
    shot(page, "policy-edit-1280")
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_text("30 s 内 2 条")).to_be_visible()


def test_the_inbox_page_is_plain_and_narrow(server: Server, page: Page) -> None:
    with closing(server.sign_in()) as client:
        key = client.post("/api/sources", json={"name": "网店", "kind": "segment"}).json()["write_key"]
        item = {"type": "identify", "messageId": "1", "userId": "mei", "traits": {"name": "小美"}}
        assert client.post("/v1/batch", json={"batch": [item]}, auth=(key, "")).status_code == 200
        found: list[Any] = []
        for _ in range(100):
            found = client.get("/api/persons", params={"limit": 1}).json()["items"]
            if found:
                break
            page.wait_for_timeout(50)
        url = client.get(f"/api/persons/{found[0]['id']}/inbox").json()["url"]
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(url.replace("http://127.0.0.1:8300", server.url))
    expect(page.get_by_role("heading", name="消息")).to_be_visible()
    shot(page, "inbox-390")
    no_sideways(page)


def test_a_send_step_gets_a_channel_to_fall_back_to(server: Server, signed_in: Page) -> None:
    page = signed_in
    with closing(server.sign_in()) as client:
        journey = client.post("/api/journeys", json={"name": "加购", "template": "abandoned_cart"}).json()["id"]
        page.goto(f"{server.url}/journeys/{journey}")
        page.locator(".react-flow__node").filter(has_text="发送消息").click()
        panel = page.locator(".step-panel")
        panel.get_by_role("button", name="添加").last.click()
        row = page.get_by_role("group", name="备用渠道（按顺序） 1")
        row.get_by_label("渠道").click()
        page.locator(".ant-select-dropdown").get_by_title("站内信").click()
        row.get_by_label("正文").press_sequentially("站内看看 {{event.name|好物}}")  # typed: nothing of it is lost
        row.get_by_role("button", name="添加").click()
        row.get_by_label("名称").fill("thing1")
        row.get_by_label("内容").fill("玫瑰")
        shot(page, "fallback-1280")
        expect(page.locator(".save-mark")).to_have_text("草稿已保存")
        nodes = client.get(f"/api/journeys/{journey}").json()["graph"]["nodes"]
    [send] = [node for node in nodes if node["kind"] == "send"]
    [way] = send["config"]["then_by"]
    assert (way["channel"], way["body"], way["fields"]) == ("inbox", "站内看看 {{event.name|好物}}", {"thing1": "玫瑰"})
