"""The catalog and staff accounts in the console, against what came in by HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.console.pages import choose, new_source, opened, until, visit
from tests.servers import Server

NOW = datetime.now(UTC)


def _send(server: Server, key: str, *items: dict[str, object]) -> None:
    answer = httpx.post(f"{server.url}/v1/batch", json={"batch": items}, auth=(key, ""), trust_env=False)
    assert answer.is_success, answer.text


def _at(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def _track(user: str, event: str, days: float = 0.01, **props: object) -> dict[str, object]:
    return {"type": "track", "userId": user, "event": event, "timestamp": _at(days), "properties": props}


def _identify(user: str, **traits: object) -> dict[str, object]:
    return {"type": "identify", "userId": user, "timestamp": _at(0.02), "traits": traits}


def _signed_in(page: Page, api: httpx.Client, server: Server) -> None:
    page.context.add_cookies([{"name": "siyu_session", "value": api.cookies["siyu_session"], "url": server.url}])


def _names(api: httpx.Client, person: str) -> set[str]:
    """What a person did, once the past is renamed and a second visit has come in."""
    items = api.get(f"/api/persons/{person}/timeline").json()["items"]
    return {one["event"] for one in items} if len(items) == 2 else set()


def _save(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^保.?存$")).last.click()
    expect(page.get_by_text("已保存").last).to_be_visible()


def test_an_event_is_explained_and_merged_and_a_trait_kept_apart(browser: Browser, server: Server) -> None:
    api = server.sign_in()
    shop = new_source(api, "官方商城")
    _send(
        server, shop,
        _track("anna", "labVisit", level=3), _track("bert", "lab_visited", level="三楼", phone="13812345678"),
        _track("bert", "lab_visited", level=4), _identify("anna", allergy="花粉", city="杭州"),
    )  # fmt: skip
    until(lambda: api.get("/api/persons", params={"q": "bert"}).json()["items"])
    with opened(browser, server.url) as page:
        _signed_in(page, api, server)
        visit(page, "/")
        page.get_by_role("link", name=re.compile("1 个事件或属性看着不对")).click()
        row = page.locator(".clickable-row", has_text="lab_visited")
        expect(row).to_contain_text("类型混乱")
        row.click()
        expect(page.get_by_text("138****5678")).to_be_visible()
        page.get_by_label("中文叫法", exact=True).first.fill("到访实验室")
        page.get_by_label("什么意思").fill("在门店扫码进实验室")
        page.get_by_text("叫法与类型").click()
        page.get_by_label("level 应该是什么类型").click()
        page.locator(".ant-select-item-option", has_text="都可以").click()
        _save(page)
        expect(page.get_by_role("heading", name="到访实验室")).to_be_visible()
        expect(page.locator(".page-head")).to_contain_text("正常")

        visit(page, "/catalog/event/labVisit")
        page.get_by_label("并入哪个事件").click()
        page.get_by_label("并入哪个事件").fill("lab_visited")
        page.locator(".ant-select-item-option", has_text="lab_visited").click()
        page.get_by_role("button", name=re.compile("并.?入$")).click()
        page.locator(".ant-popover").get_by_role("button", name=re.compile("^确.?定$")).click()
        expect(page.locator(".page-head")).to_contain_text("并入 lab_visited")

        visit(page, "/catalog/traits")
        page.locator(".clickable-row", has_text="allergy").click()
        page.locator(".ant-segmented-item", has_text="健康").click()
        expect(page.get_by_text("已改，数据正在搬动")).to_be_visible()
        anna = until(lambda: api.get("/api/persons", params={"q": "anna"}).json()["items"])[0]["id"]
        visit(page, f"/persons/{anna}")
        expect(page.get_by_text("••••••")).to_be_visible()
        expect(page.get_by_role("button", name="本人未同意")).to_be_disabled()
        visit(page, "/catalog/portrait")
        expect(page.locator("tr", has_text="地区")).to_contain_text("50.0%")
        expect(page.locator("tr", has_text="地区")).to_contain_text("官方商城")
    _send(server, shop, _track("anna", "labVisit"))
    until(lambda: _names(api, anna) == {"lab_visited"})


def test_staff_are_left_out_by_rule_and_by_hand(browser: Browser, server: Server) -> None:
    api = server.sign_in()
    shop = new_source(api, "官方商城")
    _send(
        server,
        shop,
        _identify("boss", role="staff"),
        _identify("anna", role="customer"),
        _identify("carl", mobile="13800001111"),
    )
    until(lambda: len(api.get("/api/persons").json()["items"]) == 3)
    with opened(browser, server.url) as page:
        _signed_in(page, api, server)
        visit(page, "/settings/staff")
        page.get_by_role("button", name="添加规则").click()
        page.get_by_role("button", name=re.compile("添加条件$")).click()
        page.get_by_role("menuitem", name="属性", exact=True).click()
        clause = page.locator(".clause").last
        choose(page, clause.locator(".ant-select").nth(0), "role")
        clause.get_by_role("textbox", name="值").fill("staff")
        page.get_by_label("新增标识").fill("13800001111")
        _save(page)
        expect(page.get_by_text("138****1111")).to_be_visible()
        until(lambda: api.get("/api/overview").json()["persons"]["known"] == 1)
        expect(page.get_by_text(re.compile("现在共 . 个员工"))).to_be_visible()
        page.get_by_role("link", name="看是谁").click()
        expect(page.locator(".clickable-row")).to_have_count(2)
        expect(page.locator(".clickable-row").first).to_contain_text("员工/测试")
        anna = api.get("/api/persons", params={"q": "anna"}).json()["items"][0]["id"]
        visit(page, f"/persons/{anna}")
        page.get_by_role("button", name="员工或测试账号").click()
        page.get_by_role("menuitem", name="标为员工/测试").click()
        expect(page.locator(".page-head")).to_contain_text("不计入任何数字")
        until(lambda: api.get("/api/overview").json()["persons"]["known"] == 0)


def test_lifecycle_shows_flows_and_presets_say_what_they_would_do(browser: Browser, server: Server) -> None:
    api = server.sign_in()
    with opened(browser, server.url) as page:
        _signed_in(page, api, server)
        visit(page, "/lifecycle")
        expect(page.get_by_text("接入数据后，这里会显示每个阶段每天有多少人")).to_be_visible()
        shop = new_source(api, "官方商城")
        _send(
            server, shop,
            *[_track(f"u{n}", "order_paid", 40, order_id=f"a{n}", total=20) for n in range(6)],
            *[_track(f"u{n}", "order_paid", 2, order_id=f"b{n}", total=20) for n in range(4)],
        )  # fmt: skip
        until(lambda: api.get("/api/lifecycle/flows").json()["moved"] == 4)
        visit(page, "/lifecycle")
        ribbon = page.get_by_role("button", name=re.compile("从“首单”到“复购”：4 人"))
        ribbon.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".flow-persons tbody tr.ant-table-row")).to_have_count(4)
        expect(page.locator(".stage-legend")).to_contain_text("复购4")
        page.get_by_text("最近 90 天").click()
        expect(page.locator(".flow-sums")).to_contain_text("新来的6")
        expect(page.locator(".quarter.here")).to_contain_text("低频低价")
        page.set_viewport_size({"width": 390, "height": 844})
        until(lambda: page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
        page.set_viewport_size({"width": 1280, "height": 800})

        visit(page, "/settings/lifecycle")
        page.get_by_role("radio", name=re.compile("食品生鲜")).click()
        expect(page.locator(".note")).to_contain_text("今天会有 2 人换阶段（共 6 人）")
        page.locator("#silent_days").fill("95")
        expect(page.get_by_role("alert")).to_contain_text("流失天数要大于另外两个")
        page.get_by_role("button", name="用预设的天数").click()
        _save(page)
        until(lambda: api.get("/api/settings").json()["lifecycle"]["preset"] == "food")
        page.get_by_role("radio", name=re.compile("植发医美")).click()
        _save(page)
        visit(page, "/lifecycle")
        expect(page.locator(".stage-legend")).to_contain_text("已手术")
        expect(page.locator(".life-figures .head")).to_contain_text("私域转化率")
