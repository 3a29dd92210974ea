"""Identity in the console: persons merged by hand and given back, a conflict judged, rules previewed."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from siyu.kit import person_no
from tests.console.pages import new_source, opened, until, visit
from tests.servers import Server


def _send(server: Server, key: str, *items: dict[str, object]) -> None:
    answer = httpx.post(f"{server.url}/v1/batch", json={"batch": items}, auth=(key, ""), trust_env=False)
    assert answer.is_success, answer.text


def _person(api: httpx.Client, text: str) -> str:
    found = until(lambda: api.get("/api/persons", params={"q": text}).json()["items"])
    return str(found[0]["id"])


def _track(event: str, **who: str) -> dict[str, object]:
    ids = [{"type": kind, "id": value} for kind, value in who.items()]
    return {"type": "track", "event": event, "context": {"externalIds": ids}}


def _confirm(page: Page, name: str) -> None:
    page.get_by_role("dialog").last.get_by_role("button", name=re.compile("^" + ".?".join(name) + "$")).click()


def _arcs(page: Page) -> Locator:
    return page.locator(".arcs g.arc")


def test_persons_are_merged_by_hand_and_given_back(browser: Browser, server: Server) -> None:
    api = server.sign_in()
    shop, app = new_source(api, "官方商城"), new_source(api, "小程序")
    _send(server, shop, _track("page_viewed", mobile="13812348888", device="cookie-1"))
    _send(server, app, _track("cart_added", email="mei@example.com", device="tablet-7"))
    one, two = _person(api, "13812348888"), _person(api, "mei@example.com")
    assert one != two
    with opened(browser, server.url) as page:
        page.context.add_cookies([{"name": "siyu_session", "value": api.cookies["siyu_session"], "url": server.url}])
        visit(page, f"/persons/{two}?tab=identity")
        expect(_arcs(page)).to_have_count(1)
        page.get_by_role("button", name=re.compile("合并用户")).click()
        page.get_by_placeholder("搜另一个用户").fill("13812348888")
        page.keyboard.press("Enter")
        page.locator(".pick").click()
        expect(page.locator(".beside")).to_contain_text("138****8888")
        page.get_by_placeholder("原因").fill("客户来电确认")
        _confirm(page, "合并")
        expect(page).to_have_url(re.compile(f"/persons/{min(one, two, key=person_no)}"))
        expect(_arcs(page)).to_have_count(3)
        told = page.locator(".story li.human")
        expect(told).to_contain_text("Admin 认定")
        expect(told).to_contain_text("客户来电确认")
        expect(page.get_by_text("正在同步")).to_have_count(0, timeout=10_000)
        page.get_by_role("tab", name="时间线").click()
        expect(page.locator(".entry")).to_have_count(2)

        page.get_by_role("tab", name="身份").click()
        page.get_by_role("button", name=re.compile("拆分用户")).click()
        page.get_by_role("dialog").get_by_text("tab*").click()
        expect(page.get_by_role("dialog").locator(".note")).to_contain_text("0 个事件跟着走，断开 1 条关联")
        page.get_by_role("dialog").get_by_text("example.com").click()
        expect(page.get_by_role("dialog").locator(".note")).to_contain_text("1 个事件跟着走，断开 1 条关联")
        page.keyboard.press("Escape")

        told.get_by_role("button", name=re.compile("撤.?销")).click()
        _confirm(page, "撤销")
        expect(_arcs(page)).to_have_count(1)
        expect(page.get_by_text("正在同步")).to_have_count(0, timeout=10_000)
        page.get_by_role("tab", name="时间线").click()
        expect(page.locator(".entry")).to_have_count(1)
    assert [_person(api, "13812348888"), _person(api, "mei@example.com")] == [one, two]
    shares = {row["alone"] / row["events"] for row in api.get("/api/sources/unjoined").json()}
    assert shares == {1.0}


def test_a_conflict_is_judged_and_rules_are_previewed(browser: Browser, server: Server) -> None:
    api = server.sign_in()
    key = new_source(api, "门店平板")
    for member in ("member-one", "member-two"):
        _send(server, key, _track("page_viewed", user_id=member, mobile="13900001111"))
        person = _person(api, member)
    with opened(browser, server.url) as page:
        page.context.add_cookies([{"name": "siyu_session", "value": api.cookies["siyu_session"], "url": server.url}])
        visit(page, "/")
        page.get_by_role("link", name=re.compile("1 个身份冲突待判断")).click()
        row = page.locator(".clickable-row", has_text="139****1111")
        expect(row).to_contain_text("用户 ID 会超过一个人的上限")
        row.click()
        drawer = page.get_by_role("dialog")
        expect(drawer.get_by_role("link", name=person)).to_be_visible()
        drawer.get_by_role("button", name="不是同一个人").click()
        expect(page.get_by_text("没有待判断的冲突")).to_be_visible()
        page.get_by_role("button", name="已认定不同人").click()
        expect(row).to_be_visible()

        visit(page, "/settings/identity")
        page.locator("tr", has_text="user_id").get_by_role("button", name=re.compile("编.?辑")).click()
        page.locator("#kind #limit").fill("2")
        page.get_by_role("button", name="放进草稿").click()
        bar = page.locator(".draft-bar")
        expect(bar.get_by_role("button", name=re.compile("保.?存"))).to_be_disabled()
        bar.get_by_role("button", name="预览影响").click()
        expect(bar).to_contain_text("没有人会因此合并或拆开；用户数 2 → 2")
        bar.get_by_role("button", name=re.compile("保.?存")).click()
        expect(bar).to_have_count(0)
        expect(page.locator("tr", has_text="user_id").locator("td").nth(2)).to_have_text("2")
    kinds = api.get("/api/identity/definitions").json()["kinds"]
    assert [kind["limit"] for kind in kinds if kind["name"] == "user_id"] == [2]


def test_why_an_identifier_was_ignored_is_said_in_words(browser: Browser, server: Server) -> None:
    api = server.sign_in()
    key = new_source(api, "门店收银")
    _send(server, key, _track("till_paid", user_id="till-1", mobile="12345", email="null"))
    person = _person(api, "till-1")
    with opened(browser, server.url) as page:
        page.context.add_cookies([{"name": "siyu_session", "value": api.cookies["siyu_session"], "url": server.url}])
        visit(page, "/debugger")
        page.locator(".clickable-row", has_text="till_paid").click()
        said = page.locator(".ant-drawer .note li")
        expect(said).to_have_text([re.compile("手机号 .*: 格式不对"), re.compile("邮箱 null: 占位值，或被屏蔽的值")])
        expect(page.locator(".ant-drawer")).not_to_contain_text("ignored_identifiers")
        page.evaluate("localStorage.setItem('siyu.language', 'en')")
        visit(page, f"/persons/{person}")
        page.locator(".entry-head", has_text="till_paid").click()
        said = page.locator(".entry-body .note li")
        expect(said).to_have_text([re.compile("Mobile .*: malformed"), re.compile("Email null: a placeholder")])
