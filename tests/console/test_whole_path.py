"""The whole path of a message: drawn, tried out, published, sent, clicked, paid for, reviewed, by real doors only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
import segment.analytics.client as segment
from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.pages import choose, opened, until
from tests.console.test_channels import no_sideways, shot
from tests.console.test_journeys import add, fit, saved, step, steps
from tests.delivery.peers import Mailbox
from tests.servers import Server

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
SAYS = {
    "subject": "{{name|你}}，还差一步",
    "text": "您选的{{event.name|好物}}还在：https://shop.example/cart?from=mail",
}


class Shop:
    """A running server with a mail account, a saved template and a source that anything can write to."""

    def __init__(self, server: Server, mailbox: Mailbox) -> None:
        self.server, self.mailbox, self.api = server, mailbox, server.sign_in()
        config = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "shop@brand.example"}
        self.put("/api/channels/email", {"enabled": True, "config": config})
        self.put("/api/settings", self.api.get("/api/settings").json() | {"quiet_hours": None})  # it runs at any hour
        always = {"channel": "email", "rule": "send_window", "value": {"from": "00:00", "to": "24:00"}}
        self.put("/api/policies", {"items": [always | {"evidence": "the test runs at any hour", "updated_at": ""}]})
        draft = {"name": "催付", "channel": "email", "incentive": "service", "appeal": "self", "says": {"zh": SAYS}}
        assert self.api.post("/api/templates", json=draft).is_success
        self.key = self.api.post("/api/sources", json={"name": "网店", "kind": "segment"}).json()["write_key"]

    def put(self, path: str, body: Any) -> None:
        version = self.api.get(path).headers["etag"]
        answer = self.api.put(path, json=body, headers={"If-Match": version})
        assert answer.is_success, answer.text

    def track(self, user: str, event: str, **properties: Any) -> None:
        item = {"type": "track", "userId": user, "event": event, "properties": properties}
        assert self.api.post("/v1/batch", json={"batch": [item]}, auth=(self.key, "")).is_success

    def known(self, user: str, event: str) -> bool:
        found = self.api.get("/api/persons", params={"q": user}).json()["items"]
        path = f"/api/persons/{found[0]['id']}/timeline" if found else ""
        return bool(path) and event in {item["event"] for item in self.api.get(path).json()["items"]}


@pytest.fixture
def shop(server: Server) -> Iterator[Shop]:
    with closing(Mailbox()) as mailbox:
        made = Shop(server, mailbox)
        with closing(made.api):
            yield made


def test_from_the_canvas_to_the_review(browser: Browser, shop: Shop) -> None:
    shop.track("lan", "cart_added", name="面膜")
    until(partial(shop.known, "lan", "cart_added"))
    with opened(browser, shop.server.url) as page:
        cookie = {"name": "siyu_session", "value": shop.api.cookies["siyu_session"], "url": shop.server.url}
        page.context.add_cookies([cookie])
        draw(page)
        try_out(page)
        publish(page)
        buy_almost(shop)
        mail = until(lambda: shop.mailbox.received and shop.mailbox.received[0])
        assert mail["Subject"] == "小美，还差一步"
        click(shop, mail)
        shop.track("mei", "order_paid", order_id="W1", revenue=258.0, currency="CNY", quantity=2)
        until(partial(shop.known, "mei", "order_paid"))
        review(page)
    assert shop.mailbox.recipients == ["mei@example.com"]


def picker(page: Page, label: str) -> Locator:
    item = page.locator(".step-panel .ant-form-item", has=page.get_by_text(label, exact=True))
    return item.locator(".ant-select")


def draw(page: Page) -> None:
    page.goto("/journeys")
    page.get_by_role("button", name="新建旅程").click()
    page.get_by_label("名称").fill("开始结算就提醒")
    page.get_by_role("button", name="创建").click()
    for name, label, choice in (("事件触发", "触发事件", "加购"), ("等待", "直到发生", "开始结算")):
        add(page, name)
        choose(page, picker(page, label), choice)
    for name in ("发送消息", "结束"):
        add(page, name)
    expect(steps(page)).to_have_count(4)
    fit(page)
    step(page, "等待").click()
    shot(page, "whole-path-wait")
    ways = page.locator(".step-panel .way-pick")
    choose(page, ways.filter(has_text="已发生").locator(".ant-select"), "发送消息")
    choose(page, ways.filter(has_text="时间到").locator(".ant-select"), "结束")
    step(page, "发送消息").click()
    shot(page, "whole-path-send")
    choose(page, picker(page, "消息模板"), "催付 · 邮件")
    saved(page)
    expect(page.locator(".step.faulty")).to_have_count(0)
    shot(page, "whole-path-drawn")
    no_sideways(page)


def try_out(page: Page) -> None:
    page.get_by_role("tab", name="回测").click()
    page.get_by_text("过去 7 天").click()
    page.get_by_role("button", name="开始回测").click()
    expect(page.locator(".figures-strip")).to_contain_text("会进入1", timeout=30_000)
    shot(page, "whole-path-backtest")


def publish(page: Page) -> None:
    page.get_by_role("button", name="检查并发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("线上第 1 版")).to_be_visible()


def buy_almost(shop: Shop) -> None:
    """Mei puts something into the cart, says that we may write, and stops at the till: told by Segment's own client."""
    failures: list[Exception] = []
    client = segment.Client(shop.key, host=shop.server.url, on_error=lambda error, _: failures.append(error))
    client.identify("mei", {"name": "小美", "email": "mei@example.com"})
    client.track("mei", "consent_granted", {"channel": "email", "purpose": "marketing"})
    client.track("mei", "Product Added", {"name": "玫瑰精华", "price": 129.0, "quantity": 2})
    client.track("mei", "Checkout Started", {"value": 258.0})
    client.shutdown()
    assert failures == []


def click(shop: Shop, mail: EmailMessage) -> None:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    text = body.get_content()
    assert "您选的玫瑰精华还在" in text
    [path] = re.findall(r"http://\S+?(/l/\w+)", text)
    # Within a second of the send it would be taken for a mail scanner's.
    sent = datetime.fromisoformat(shop.api.get("/api/messages").json()["items"][0]["at"])
    until(lambda: datetime.now(UTC) - sent > timedelta(seconds=1.1))
    with shop.server.client() as phone:
        answer = phone.get(path, headers={"User-Agent": PHONE}, follow_redirects=False)
    assert answer.headers["location"] == "https://shop.example/cart?from=mail"
    until(partial(shop.known, "mei", "message_clicked"))


def review(page: Page) -> None:
    page.get_by_role("link", name="复盘").click()
    figures = page.locator(".review-figures > div")
    for label, value, foot in (
        ("参与", "1", "另留 0 人对照"),
        ("触达", "1", ""),
        ("点击", "1", "1 次"),
        ("归因订单", "1", "2 件"),
        ("归因金额", "258", ""),
    ):
        figure = figures.filter(has=page.get_by_text(label, exact=True))
        expect(figure.locator("dd.num")).to_contain_text(value)
        expect(figure).to_contain_text(foot)
    expect(page.get_by_text("https://shop.example/cart", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="催付")).to_be_visible()
    shot(page, "whole-path-review")
    no_sideways(page)
