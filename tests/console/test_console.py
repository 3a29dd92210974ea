"""The console as operators use it: real Chromium against a real server with a small demo in it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests import postgres
from tests.console.pages import PASSWORD, Demo, choose, new_source, opened, send, sign_in, signed_in, until, visit
from tests.servers import Server, free_port

PAGES = (
    "/",
    "/sources",
    "/debugger",
    "/quarantine",
    "/imports",
    "/persons",
    "/conflicts",
    "/suggestions",
    "/audiences",
    "/audiences/new",
    "/packages",
    "/journeys",
    "/tasks",
    "/messages",
    "/settings",
    "/catalog",
    "/catalog/traits",
    "/catalog/portrait",
    "/tags",
    "/tags/new",
    "/lifecycle",
    "/codes",
    "/connectors",
    "/campaigns",
    "/campaigns/new",
    "/templates",
    "/templates/new",
    "/settings/staff",
    "/settings/channels",
    "/settings/policies",
    "/settings/identity",
    "/settings/operators",
    "/settings/keys",
    "/settings/webhooks",
    "/settings/audit",
)


KEY = re.compile(r"^[a-z]+(\.[a-z_]+)+$")


TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (!parentElement.closest("code, pre, script, style")) texts.push(data.trim());
  }
  for (const element of document.querySelectorAll("[placeholder], [aria-label]"))
    texts.push(...["placeholder", "aria-label"].map((name) => element.getAttribute(name) ?? ""));
  return texts;
}"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("console") / "brand"
    command = [sys.executable, "-m", "siyu", "demo", "--data", str(folder), "--port", str(free_port())]
    command += ["--customers", "120", "--no-live"]
    environment = postgres.environment(command)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, f"the demo ended: {said}"
        said += line
    found = [re.search(rf"{name}\s+(\S+)", said) for name in ("Console", "Email", "Password")]
    yield Demo(*(one[1] for one in found if one))
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.fixture(scope="module")
def api(demo: Demo) -> Iterator[httpx.Client]:
    with demo.client() as client:
        yield client


@pytest.fixture(scope="module")
def colleague(api: httpx.Client) -> Callable[[str, str], str]:
    """``colleague("viewer", "en")`` makes an operator and answers the email address."""

    def make(role: str, language: str) -> str:
        email = f"{role}-{language}@example.com".lower()
        body = {"name": f"小{role}", "email": email, "password": PASSWORD, "role": role, "language": language}
        answer = api.post("/api/operators", json=body)
        assert answer.is_success, answer.text
        return email

    return make


def test_the_first_visit_makes_an_administrator(browser: Browser, server: Server) -> None:
    with opened(browser, server.url) as page:
        page.goto("/persons")
        expect(page).to_have_url(f"{server.url}/setup")
        page.get_by_role("button", name="开始使用").click()
        expect(page.get_by_text("请填写邮箱")).to_be_visible()
        page.locator("#name").fill("王小明")
        page.locator("#email").fill("wang@example.com")
        page.locator("#password").fill("short")
        page.keyboard.press("Enter")
        expect(page.locator(".ant-form-item-explain-error", has_text="至少 10 个字符")).to_be_visible()
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=re.compile("王小明"))).to_be_visible()
        expect(page.get_by_role("link", name="接入数据")).to_be_visible()
        expect(page.locator(".stages li")).to_have_count(5)
        page.goto("/setup")
        expect(page).to_have_url(f"{server.url}/")
    with server.client() as client:
        assert client.get("/api/session").json()["needs_setup"] is False


def test_signing_in_and_out(browser: Browser, demo: Demo, colleague: Callable[[str, str], str]) -> None:
    email = colleague("operator", "en")
    with opened(browser, demo.url, silent=401) as page:
        page.goto("/audiences")
        expect(page).to_have_url(re.compile("/login"))
        sign_in(page, email, "not the password")
        expect(page.get_by_role("alert")).to_have_text("邮箱或密码不对。")
        sign_in(page, email, PASSWORD)
        expect(page.get_by_role("heading", name="Audiences")).to_be_visible()
        expect(page).to_have_url(f"{demo.url}/audiences")
        page.locator(".account-button").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.locator("#password")).to_be_visible()
        page.goto("/persons")
        expect(page).to_have_url(re.compile("/login"))


def test_from_a_new_source_to_its_first_event(
    browser: Browser, demo: Demo, colleague: Callable[[str, str], str]
) -> None:
    with demo.client(colleague("operator", "zh-CN"), PASSWORD) as client, signed_in(browser, demo, client) as page:
        visit(page, "/sources")
        page.get_by_role("button", name="新建数据源").click()
        page.locator("#create-source #name").fill("线下快闪店 🧴 Pop-up")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="线下快闪店 🧴 Pop-up")).to_be_visible()
        expect(page.get_by_text("还没有收到事件")).to_be_visible()
        key = page.locator(".code pre.wrap").inner_text()
        page.get_by_role("button", name="复制密钥").click()
        expect(page.get_by_role("button", name="已复制")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == key
        page.get_by_role("tab", name="curl").click()
        snippet = page.get_by_role("tabpanel").filter(has_text="curl").locator("pre").last
        expect(snippet).to_contain_text(key)
        expect(snippet).to_contain_text("/v1/")

        visit(page, "/debugger")
        page.get_by_placeholder("筛选事件名或标识").fill("popup_visited")
        expect(page.get_by_text("没有符合筛选的事件")).to_be_visible()
        item = {"type": "track", "userId": "popup-1", "event": "popup_visited", "properties": {"gift": "小样"}}
        send(demo, key, item)
        row = page.locator(".clickable-row", has_text="popup_visited")
        expect(row).to_be_visible(timeout=3000)
        expect(row).to_contain_text("线下快闪店")
        expect(row.locator("a")).to_have_attribute("href", re.compile("/persons/per_"))
        row.click()
        expect(page.locator(".ant-drawer").get_by_text('"gift": "小样"')).to_be_visible()


def test_a_bad_record_is_seen_mended_and_replayed(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    key = new_source(api, "会漏事件名的系统")
    bad = {"type": "track", "event": "", "userId": "mend-1", "messageId": "mend-1"}
    send(demo, key, bad, {"type": "track", "event": "neighbour_kept", "userId": "mend-1"})
    with signed_in(browser, demo, api) as page:
        visit(page, "/quarantine")
        page.get_by_role("group", name="原因").get_by_text("没有事件名").click()
        rows = page.locator(".clickable-row", has_text="会漏事件名的系统")
        rows.click()
        expect(page.locator(".ant-drawer .note.bad")).to_contain_text("track 调用要有 event（事件名）。")
        record = page.get_by_role("textbox", name="原始记录")
        mended = json.loads(record.input_value()) | {"event": "mended_event"}
        record.fill(json.dumps(mended))
        page.get_by_role("button", name="保存并重放").click()
        expect(page.get_by_text("重放 1 条：1 条入库，0 条仍有问题")).to_be_visible()
        expect(rows).to_have_count(0)
        visit(page, "/debugger")
        expect(page.locator(".clickable-row", has_text="mended_event")).to_be_visible()
        expect(page.locator(".clickable-row", has_text="neighbour_kept")).to_be_visible()


def test_a_person_is_found_read_and_revealed_on_record(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    key = new_source(api, "会员页")
    who = {"userId": "web-42"}
    traits = {"name": "欧阳小美", "phone": "13912345678", "email": "xiaomei@example.com"}
    send(
        demo,
        key,
        who | {"type": "identify", "traits": traits},
        who | {"type": "track", "event": "Product Added", "properties": {"name": "玫瑰精华", "price": 129}},
        who | {"type": "track", "event": "Order Completed", "properties": {"order_id": "C-1", "revenue": 258.5}},
    )
    found = until(lambda: api.get("/api/persons?q=web-42").json()["items"])
    with signed_in(browser, demo, api) as page:
        visit(page, "/")
        page.keyboard.press("/")
        page.keyboard.type("13912345678")
        page.keyboard.press("Enter")
        row = page.locator(".clickable-row")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("139****5678")
        row.click()
        expect(page.locator("h1")).to_have_text("欧*")
        expect(page.locator(".entry", has_text="支付订单")).to_contain_text("¥258.50")
        expect(page.locator(".entry", has_text="加购")).to_contain_text("玫瑰精华")
        expect(page.locator("#content")).not_to_contain_text("13912345678")
        page.get_by_role("tab", name="订单").click()
        expect(page.locator(".clickable-row", has_text="C-1")).to_contain_text("已支付")
        page.get_by_role("button", name="显示完整信息").click()
        expect(page.locator("h1")).to_have_text("欧阳小美")
        expect(page.locator("#content")).to_contain_text("13912345678")
        visit(page, "/settings/audit")
        entry = page.locator(".ant-table-row", has=page.locator(f"a[href='/persons/{found[0]['id']}']"))
        expect(entry).to_contain_text("查看用户完整信息")
        expect(entry).to_contain_text("演示管理员")


def _count(page: Page) -> int:
    """The live count, when it stands still."""
    expect(page.locator(".preview [aria-live]")).to_contain_text("用时")
    return int(page.locator(".preview .count").inner_text().replace(",", ""))


def test_an_audience_is_built_by_hand(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    with signed_in(browser, demo, api) as page:
        visit(page, "/audiences")
        page.get_by_role("button", name="新建人群").click()
        page.locator("#name").fill("女性老客，没退过款")
        add = page.get_by_role("button", name=re.compile("添加条件$")).last
        add.click()
        page.get_by_role("menuitem", name="属性", exact=True).click()
        clause = page.locator(".clause")
        choose(page, clause.nth(0).locator(".ant-select").first, "性别")
        clause.nth(0).get_by_role("textbox", name="值").fill("女")
        females = _count(page)
        add.click()
        page.get_by_role("menuitem", name="行为", exact=True).click()
        selects = clause.nth(1).locator(".ant-select")
        choose(page, selects.nth(0), "合计")
        choose(page, selects.nth(1), "支付订单")
        choose(page, selects.nth(4), "不限时间")
        clause.nth(1).get_by_role("spinbutton", name="值").fill("300")
        page.get_by_role("button", name="添加条件组").click()
        group = page.locator(".rule-group .rule-group")
        group.get_by_role("button", name="排除").first.click()
        selects = group.locator(".clause .ant-select")
        choose(page, selects.nth(1), "订单退款")
        choose(page, selects.nth(2), "不限时间")
        expect(page.locator(".preview .reading")).to_contain_text("不满足")
        page.get_by_role("tab", name="JSON").click()
        rule = json.loads(page.get_by_role("textbox", name="规则 JSON").input_value())
        trait, spent, refunds = rule["all"]
        assert trait == {"trait": "gender", "op": "eq", "value": "女"}
        assert (spent["event"], spent["aggregate"], spent["value"]) == ("order_paid", "sum", 30_000)
        assert refunds["not"]["any"][0]["event"] == "order_refunded"
        asked = api.post("/api/audiences/preview", json={"rule": rule}).json()
        assert 0 < asked["count"] < females < asked["everyone"]
        assert _count(page) == asked["count"]

        page.get_by_role("button", name="保存人群").click()
        expect(page.get_by_role("heading", name="女性老客，没退过款")).to_be_visible()
        audience = page.url.rsplit("/", 1)[1]
        expect(page.locator(".stat .figure").first).to_have_text(str(asked["count"]))
        members = api.get(f"/api/audiences/{audience}/persons?limit=50").json()["items"]
        assert len(members) == min(asked["count"], 50)
        expect(page.locator(".clickable-row")).to_have_count(len(members))


def test_a_number_of_persons_leads_to_these_persons(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    with signed_in(browser, demo, api) as page:
        for label in ("可触达", "活跃用户"):
            visit(page, "/")
            card = page.locator(".stat", has=page.get_by_text(label, exact=True))
            shown = int(card.locator(".figure").inner_text().replace(",", ""))
            card.locator("a").click()
            expect(page.get_by_role("heading", name="新建人群")).to_be_visible()
            assert _count(page) == shown > 0


def test_a_journey_is_checked_and_answers_why(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    with signed_in(browser, demo, api) as page:
        visit(page, "/journeys")
        page.get_by_text("弃购挽回").click()
        expect(page.locator(".react-flow__node")).to_have_count(5)
        page.get_by_role("button", name="检查并发布新版本").click()
        expect(page.get_by_role("dialog")).to_contain_text("检查通过，可以发布。")
        page.get_by_role("dialog").get_by_role("button", name="取消").click()
        page.locator(".react-flow__node", has_text="对照组").click()
        expect(page.get_by_role("spinbutton").first).to_have_value("10")

        page.get_by_role("tab", name="执行记录").click()
        journey = page.url.rsplit("/", 1)[1]
        runs = f"/api/journeys/{journey}/runs"
        person = api.get(f"{runs}?limit=1").json()["items"][0]
        first = api.get(f"{runs}/{person['run_id']}").json()["steps"][0]
        run = page.locator(".clickable-row").first
        expect(run.locator("a")).to_have_attribute("href", f"/persons/{person['person']}")
        run.click()
        expect(page.locator(".ant-drawer .trace li").first).to_contain_text(first["text"]["zh"])
        page.keyboard.press("Escape")
        expect(page.locator(".ant-drawer .trace")).to_be_hidden()

        page.get_by_role("tab", name="为什么").click()
        box = page.get_by_role("tabpanel").get_by_role("searchbox")
        box.fill(person["person"])
        box.press("Enter")
        page.locator(".pick").click()
        expect(page.locator(".trace li").first).to_contain_text("进入旅程")
        ran = {one["person"] for one in api.get(f"{runs}?limit=200").json()["items"]}
        everyone = api.get("/api/persons?limit=200").json()["items"]
        stranger = next(one["id"] for one in everyone if one["id"] not in ran)
        verdict = api.get(f"/api/persons/{stranger}/trace?journey_id={journey}").json()["verdict"]["text"]["zh"]
        box.fill(stranger)
        box.press("Enter")
        page.locator(".pick").click()
        expect(page.get_by_text(verdict).first).to_be_visible()


def test_a_viewer_looks_and_touches_nothing(
    browser: Browser, demo: Demo, api: httpx.Client, colleague: Callable[[str, str], str]
) -> None:
    person = api.get("/api/persons?limit=1").json()["items"][0]["id"]
    journey = api.get("/api/journeys").json()["items"][0]["id"]
    with demo.client(colleague("viewer", "zh-CN"), PASSWORD) as client, signed_in(browser, demo, client) as page:
        buttons = {
            "/sources": "新建数据源",
            "/imports": "导入文件",
            "/quarantine": "全部重放",
            f"/persons/{person}": "显示完整信息",
            f"/journeys/{journey}": "暂停",
        }
        for path, button in buttons.items():
            visit(page, path)
            expect(page.get_by_role("button", name=button)).to_be_disabled()
        page.get_by_role("button", name="暂停").hover(force=True)
        expect(page.get_by_role("tooltip")).to_have_text("你是只读成员，请联系管理员开通编辑权限")


def _drawn(page: Page, path: str) -> None:
    visit(page, path)
    assert [text for text in page.evaluate(TEXTS) if KEY.match(text)] == []


def test_every_page_speaks_both_languages(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    with signed_in(browser, demo, api) as page:
        for path in PAGES:
            _drawn(page, path)
        page.locator(".account-button").click()
        page.get_by_role("menuitem", name="English").click()
        expect(page.get_by_role("link", name="Audiences")).to_be_visible()
        for path in ("/", "/sources", "/settings/audit"):
            _drawn(page, path)
        assert page.evaluate("document.documentElement.lang") == "en"
        page.locator(".account-button").click()
        page.get_by_role("menuitem", name="中文").click()
        expect(page.get_by_role("link", name="人群")).to_be_visible()


def test_every_page_fits_a_phone(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    """In English, whose words are longer."""
    person = api.get("/api/persons?stage=repeat&limit=1").json()["items"][0]["id"]
    details = [f"/{noun}/{api.get(f'/api/{noun}').json()['items'][0]['id']}" for noun in ("audiences", "journeys")]
    with signed_in(browser, demo, api, width=390, language="en") as page:
        for path in (*PAGES, f"/persons/{person}", *details):
            _drawn(page, path)
            wide, room = page.evaluate(
                "(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])(document.documentElement)"
            )
            assert wide <= room, path
        page.get_by_role("button", name="Open menu").click()
        page.locator(".menu").get_by_role("link", name="Journeys").click()
        expect(page.get_by_role("heading", name="Journeys")).to_be_visible()


def test_no_tab_or_switch_breaks_its_page(browser: Browser, demo: Demo, api: httpx.Client) -> None:
    nouns = ("audiences", "journeys", "campaigns", "tags", "packages", "codes", "connectors", "sources", "persons")
    details = [f"/{noun}/{api.get(f'/api/{noun}').json()['items'][0]['id']}" for noun in nouns]
    with signed_in(browser, demo, api) as page:
        for path in ("/", "/catalog", "/lifecycle", "/journeys", "/campaigns", "/templates", "/messages", *details):
            visit(page, path)
            switches = page.locator("#content :is(.ant-tabs-tab, .ant-segmented-item):visible")
            place = 0
            while place < switches.count():
                switches.nth(place).click()
                expect(page.locator("h1")).to_be_visible()
                place += 1
