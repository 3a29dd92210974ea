"""Connectors and channel codes in the console: set up, tested, scanned and counted; gaps of the source tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.connectors.test_wechat_oa import Caller
from tests.connectors.vendors import Account
from tests.console.pages import opened, until, visit
from tests.console.test_channels import no_sideways, shot
from tests.console.test_seven_doors import Live
from tests.servers import Server


@pytest.fixture
def account() -> Iterator[Account]:
    made = Account()
    yield made
    made.close()


def test_a_connector_and_a_code_from_making_to_counting(browser: Browser, server: Server, account: Account) -> None:
    live = Live(server)
    with closing(live.api), closing(live.outside), opened(browser, server.url, silent=422) as page:
        cookie = {"name": "siyu_session", "value": live.api.cookies["siyu_session"], "url": server.url}
        page.context.add_cookies([cookie])
        visit(page, "/codes")
        page.get_by_role("button", name="新建活码").click()
        expect(page.get_by_text("先添加一个连接器")).to_be_visible()
        visit(page, "/connectors")
        page.get_by_role("button", name="添加连接器").click()
        drawer = page.get_by_role("dialog")
        expect(drawer.get_by_role("button", name="门店 POS")).to_be_visible()
        drawer.get_by_role("button", name="微信公众号").click()
        drawer.get_by_label("AppID").fill(account.appid)
        drawer.get_by_role("button", name="新 建").or_(drawer.get_by_role("button", name="新建")).click()
        expect(drawer.get_by_text("必填").first).to_be_visible()
        expect(drawer.get_by_label("AppID")).to_have_value(account.appid)
        drawer.get_by_label("AppSecret").fill(account.secret)
        drawer.get_by_label("回调 Token").fill(account.token_text)
        drawer.get_by_label("EncodingAESKey").fill(account.key)
        drawer.get_by_label("接口地址").fill(account.url)
        drawer.get_by_role("button", name="新 建").or_(drawer.get_by_role("button", name="新建")).click()
        expect(page.get_by_text("/connect/wechat_oa/").first).to_be_visible()
        page.get_by_role("button", name="测试连接").click()
        expect(page.get_by_text("连接正常").first).to_be_visible()
        assert account.secret not in page.content()
        shot(page, "connector-1280")

        visit(page, "/codes")
        page.get_by_role("button", name="新建活码").click()
        drawer.get_by_label("活码名称").fill("小红书博主合作")
        drawer.get_by_role("button", name="新 建").or_(drawer.get_by_role("button", name="新建")).click()
        expect(page.get_by_role("heading", name="小红书博主合作")).to_be_visible()
        expect(page.locator("canvas, .ant-qrcode svg").first).to_be_visible()
        [install] = live.api.get("/api/connectors").json()["items"]
        [code] = live.api.get("/api/codes").json()["items"]
        assert live.send(code["url"].removeprefix("http://127.0.0.1:8300")).is_success
        account.follow("oFan-1", live.now(), "union-1")
        fan = Caller(live, account, install)
        assert fan.sealed(fan.event("subscribe", f"qrscene_{code['state']}", openid="oFan-1")).is_success
        visit(page, "/codes")
        row = page.locator("tbody tr", has_text="小红书博主合作")
        expect(row.locator("td").nth(3)).to_have_text("1", timeout=10_000)
        expect(row.locator("td").nth(4)).to_have_text("1", timeout=20_000)
        shot(page, "codes-1280")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            for path in ("/connectors", f"/connectors/{install['id']}", "/codes", f"/codes/{code['id']}"):
                visit(page, path)
                no_sideways(page)


def test_an_audience_is_chosen_by_name_and_who_unfollowed_is_shown_as_forgotten(
    browser: Browser, server: Server, account: Account
) -> None:
    live = Live(server)
    with closing(live.api), closing(live.outside), opened(browser, server.url) as page:
        cookie = {"name": "siyu_session", "value": live.api.cookies["siyu_session"], "url": server.url}
        page.context.add_cookies([cookie])
        rule = {"all": [{"event": "oa_followed", "op": "gte", "value": 1}]}
        live.post("/api/audiences", {"name": "关注过的人", "rule": rule})
        install = live.account(account)
        fan, begun = Caller(live, account, install), live.now() - 3600
        account.follow("oFan-mei-0001", begun, "union-mei")
        assert fan.sealed(fan.event("subscribe", at=begun, openid="oFan-mei-0001")).is_success
        until(lambda: live.happened("oa_followed"))
        visit(page, f"/connectors/{install['id']}")
        row = page.get_by_role("group", name="人群同步为标签 1")
        page.locator(".ant-form-item", has_text="人群同步为标签").get_by_role("button", name="添加").click()
        row.get_by_label("人群", exact=True).click()
        page.get_by_title("关注过的人").click()
        row.get_by_label("标签").fill("粉丝")
        page.get_by_role("button", name="保 存").or_(page.get_by_role("button", name="保存")).click()
        until(lambda: [account.tags[id] for id in account.tagged.get("oFan-mei-0001", ())] == ["粉丝"])
        del account.fans["oFan-mei-0001"]
        assert fan.sealed(fan.event("unsubscribe", openid="oFan-mei-0001")).is_success
        until(lambda: live.happened("oa_unfollowed"))
        until(lambda: any(one["value"].startswith("~") for one in live.person()["identifiers"]))
        visit(page, f"/persons/{live.person()['id']}")
        known = page.locator(".panel", has=page.get_by_role("heading", name="标识"))
        expect(known.locator("li", has_text="OpenID")).to_contain_text("取关后已删除")
        visit(page, f"/persons/{live.person()['id']}?tab=identity")
        expect(page.get_by_text("取关后已删除").first).to_be_visible()
        no_sideways(page)


def test_the_source_tree_names_places_nobody_comes_in_from(browser: Browser, server: Server) -> None:
    live = Live(server)
    shops = {"天猫": "电商平台/天猫", "小程序": "微信生态/小程序"}
    keys = {
        name: live.post("/api/sources", {"name": name, "kind": "segment", "category": path})["write_key"]
        for name, path in shops.items()
    }
    with closing(live.api), closing(live.outside), opened(browser, server.url) as page:
        for name, key in keys.items():
            paid = {
                "type": "track",
                "userId": name,
                "event": "order_paid",
                "properties": {"order_id": name, "total": 9},
            }
            bound = [{"type": "track", "userId": name, "event": "phone_bound"}] if name == "小程序" else []
            answer = live.outside.post("/v1/batch", json={"batch": [paid, *bound]}, auth=(key, ""))
            assert answer.is_success
        cookie = {"name": "siyu_session", "value": live.api.cookies["siyu_session"], "url": server.url}
        page.context.add_cookies([cookie])
        for _ in range(50):
            if sum(one["buyers"] for one in live.api.get("/api/sources/coverage").json()) == 2:
                break
            page.wait_for_timeout(100)
        visit(page, "/sources")
        expect(page.get_by_text("1 处有人购买，却没有进入私域的入口：电商平台 / 天猫")).to_be_visible()
        expect(page.locator(".source-tree tr", has_text="天猫").last).to_contain_text("未覆盖")
        expect(page.locator(".source-tree tr", has_text="小程序").last).not_to_contain_text("未覆盖")
        shot(page, "source-tree-1280")
        page.set_viewport_size({"width": 390, "height": 900})
        visit(page, "/sources")
        no_sideways(page)


@pytest.mark.parametrize(
    ("language", "choose", "save", "off"),
    [("zh-CN", "使用连接器的凭据", "保存", "未启用"), ("en", "Use a connector's account", "Save", "Off")],
)
def test_a_channel_takes_the_account_of_a_connector(
    browser: Browser, server: Server, account: Account, language: str, choose: str, save: str, off: str
) -> None:
    live = Live(server)
    config = {"appid": account.appid, "secret": account.secret, "token": account.token_text, "mode": "plain"}
    body = {"connector": "wechat_oa", "name": "花间公众号", "config": config | {"api_url": account.url}}
    with closing(live.api), closing(live.outside), opened(browser, server.url) as page:
        install = live.api.post("/api/connectors", json=body).json()
        page.add_init_script(f"localStorage.setItem('siyu.language', '{language}')")
        cookie = {"name": "siyu_session", "value": live.api.cookies["siyu_session"], "url": server.url}
        page.context.add_cookies([cookie])
        visit(page, "/settings/channels?channel=wechat_customer")
        page.get_by_label(choose).click()
        page.get_by_title("花间公众号").click()
        page.get_by_label(off, exact=True).click()
        page.get_by_role("button", name=save).click()
        expect(page.locator(".channel-item[aria-current] .tag.good")).to_be_visible()
        expect(page.get_by_text(install["name"]).first).to_be_visible()
        shown = live.api.get("/api/channels/wechat_customer").json()
        assert (shown["enabled"], shown["config"]["connector"], shown["config"]["secret"]) == (True, install["id"], "")
        no_sideways(page)
