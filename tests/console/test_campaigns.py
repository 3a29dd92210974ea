"""Templates, campaigns and the global holdout in the console: written, estimated, sent, reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.pages import choose, opened, until, visit
from tests.console.test_channels import no_sideways, shot
from tests.servers import Server, start_server


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("campaigns") / "server")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def api(shop: Server) -> Iterator[httpx.Client]:
    """Signed in; a channel that needs no vendor, three members and an audience of them."""
    with closing(shop.sign_in()) as client:
        version = client.get("/api/channels/inbox").headers["etag"]
        body = {"enabled": True, "config": {}}
        assert client.put("/api/channels/inbox", json=body, headers={"If-Match": version}).is_success
        key = client.post("/api/sources", json={"name": "网店", "kind": "segment"}).json()["write_key"]
        batch: list[dict[str, Any]] = []
        for user in ("mei", "lan", "qiu"):
            batch.append({"type": "identify", "userId": user, "traits": {"vip": True, "name": user}})
            said = {"channel": "inbox", "purpose": "marketing"}
            batch.append({"type": "track", "userId": user, "event": "consent_granted", "properties": said})
        assert client.post("/v1/batch", json={"batch": batch}, auth=(key, "")).is_success
        until(lambda: len(client.get("/api/persons").json()["items"]) == 3)
        rule = {"trait": "vip", "op": "eq", "value": True}
        assert client.post("/api/audiences", json={"name": "会员", "rule": rule}).is_success
        yield client


@pytest.fixture
def page(browser: Browser, shop: Server, api: httpx.Client) -> Iterator[Page]:
    with opened(browser, shop.url, silent=422) as made:
        cookie = {"name": "siyu_session", "value": api.cookies["siyu_session"], "url": shop.url}
        made.context.add_cookies([cookie])
        yield made


def test_a_template_is_written_refused_previewed_and_versioned(page: Page, api: httpx.Client) -> None:
    visit(page, "/templates/new")
    page.get_by_label("名称").fill("上新")
    for label, option in (("渠道", "站内信"), ("激励类型", "知识内容"), ("主要诉求", "利己：对自己有好处")):
        choose(page, page.locator(".ant-form-item", has_text=label).locator(".ant-select").first, option)
    page.locator("#said-subject").fill("{{name}}好")
    page.locator("#said-text").fill("春天到了，{{city|您那里}}上新")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("变量 name 没有默认值").first).to_be_visible()
    assert api.get("/api/templates").json()["items"] == [], "a variable needs a default"
    page.locator("#said-subject").fill("{{name|您}}好")
    shot(page, "template-new")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="上新")).to_be_visible()
    page.locator("#said-text").fill("夏天到了")
    page.get_by_role("button", name="保存为第 2 版").click()
    expect(page.get_by_role("button", name="保存为第 3 版")).to_be_visible()
    shot(page, "template-saved")
    no_sideways(page)


def test_a_campaign_is_planned_estimated_sent_and_reviewed(page: Page, api: httpx.Client) -> None:
    says = {"zh": {"subject": "{{name|您}}好", "text": "春天到了"}}
    draft = {"name": "春天", "channel": "inbox", "incentive": "care", "appeal": "self", "says": says}
    assert api.post("/api/templates", json=draft).is_success
    visit(page, "/campaigns/new")
    page.get_by_label("名称").fill("春季上新")
    for label, option in (("人群", "会员 · 3"), ("内容", "春天 · 站内信")):
        choose(page, page.locator(".ant-form-item", has_text=label).locator(".ant-select").first, option)
    page.get_by_label("对照组 %").fill("0")
    page.get_by_role("button", name="保存计划").click()
    panel = page.locator(".panel", has=page.get_by_role("heading", name="预估与合适度"))
    expect(panel).to_contain_text("会收到3")
    shot(page, "campaign-estimate")
    page.get_by_role("button", name="开始发送").click()
    page.get_by_role("button", name="确 定").or_(page.get_by_role("button", name="确定")).click()
    figures = page.locator(".review-figures > div")
    id = page.url.partition("?")[0].rsplit("/", 1)[1]
    until(lambda: api.get(f"/api/campaigns/{id}").json()["state"] == "done")
    page.reload()
    expect(figures.filter(has=page.get_by_text("触达", exact=True)).locator("dd.num")).to_have_text("3")
    shot(page, "campaign-done")
    no_sideways(page)


def test_a_goal_is_chosen_by_name_and_a_start_by_the_clock_of_the_shop(page: Page, api: httpx.Client) -> None:
    says = {"zh": {"subject": "{{name|您}}好", "text": "夏天到了"}}
    draft = {"name": "夏天", "channel": "inbox", "incentive": "care", "appeal": "self", "says": says}
    assert api.post("/api/templates", json=draft).is_success
    visit(page, "/campaigns/new")
    page.get_by_label("名称").fill("夏季上新")
    for label, option in (("人群", "会员 · 3"), ("内容", "夏天 · 站内信"), ("成功事件", "加购")):
        choose(page, page.locator(".ant-form-item", has_text=label).locator(".ant-select").first, option)
    page.get_by_label("开始时间").fill("2031-03-02 10:30")
    page.get_by_label("开始时间").press("Enter")
    page.get_by_role("button", name="保存计划").click()
    expect(page).to_have_url(re.compile("/campaigns/cmp_"))
    plan = api.get(f"/api/campaigns/{page.url.rsplit('/', 1)[1]}").json()["plan"]
    assert (plan["goal_event"], plan["starts_at"][:19]) == ("cart_added", "2031-03-02T02:30:00")
    page.reload()
    expect(page.get_by_label("开始时间")).to_have_value("2031-03-02 10:30")
    expect(page.locator(".ant-form-item", has_text="成功事件")).to_contain_text("加购")


def test_the_global_holdout_is_set_and_its_report_waits(page: Page, api: httpx.Client) -> None:
    visit(page, "/campaigns")
    page.get_by_text("全局对照组", exact=True).click()
    shot(page, "holdout-first")
    page.get_by_role("spinbutton").fill("5")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("起生效")).to_be_visible()
    expect(page.get_by_text("还没有足够的人满 30 天")).to_be_visible()
    shot(page, "holdout")
    no_sideways(page)
    assert api.get("/api/holdout").json()["percent"] == 5
