"""Journeys in the console: drawn on the canvas, published, followed, changed; staff tasks; on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.pages import choose, until
from tests.console.test_channels import no_sideways, shot
from tests.servers import Server, start_server


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("journeys") / "server")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def api(shop: Server) -> Iterator[httpx.Client]:
    """Signed in, with a channel that needs no vendor."""
    with closing(shop.sign_in()) as client:
        version = client.get("/api/channels/inbox").headers["etag"]
        body = {"enabled": True, "config": {}}
        assert client.put("/api/channels/inbox", json=body, headers={"If-Match": version}).is_success
        yield client


@pytest.fixture(scope="module")
def track(api: httpx.Client) -> Callable[..., None]:
    """``track("mei", "cart_added")``: an event arrives by HTTP from somebody who agreed to be written to."""
    key = api.post("/api/sources", json={"name": "网店", "kind": "segment"}).json()["write_key"]

    def send(who: str, event: str, **props: Any) -> None:
        consent = {"type": "track", "userId": who, "event": "consent_granted", "properties": {"channel": "inbox"}}
        item = {"type": "track", "userId": who, "event": event, "properties": props}
        assert api.post("/v1/batch", json={"batch": [consent, item]}, auth=(key, "")).is_success

    return send


@pytest.fixture
def opened(browser: Browser, shop: Server, api: httpx.Client) -> Iterator[Callable[..., Page]]:
    """``opened(width, language)``: the console, signed in; it must not complain in its own console."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def make(width: int = 1280, language: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=shop.url, viewport={"width": width, "height": 800}, locale=language, reduced_motion="reduce"
        )
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('siyu.language', '{language}')")
        context.add_cookies([{"name": name, "value": value, "url": shop.url} for name, value in api.cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert [text for text in complaints if "status of 412" not in text] == []


def new(api: httpx.Client, name: str, template: str | None = None, graph: Any = None) -> str:
    journey = api.post("/api/journeys", json={"name": name, "template": template, "language": "zh-CN"}).json()
    if graph:
        put(api, journey["id"], name, graph)
    return str(journey["id"])


def put(api: httpx.Client, id: str, name: str, graph: Any) -> None:
    version = api.get(f"/api/journeys/{id}").headers["etag"]
    answer = api.put(f"/api/journeys/{id}", json={"name": name, "graph": graph}, headers={"If-Match": version})
    assert answer.is_success, answer.text


def steps(page: Page) -> Locator:
    return page.locator(".react-flow__node")


def step(page: Page, name: str) -> Locator:
    return steps(page).filter(has_text=name)


def fit(page: Page) -> None:
    """Bring every step into view. One that was just added may not be laid out yet: then once more."""

    def inside() -> bool:
        page.locator(".react-flow__controls-fitview").click()
        canvas = page.locator(".react-flow").bounding_box()
        boxes = [one.bounding_box() for one in steps(page).all()]
        return canvas is not None and all(box is not None and _holds(canvas, box) for box in boxes)

    until(inside)


def _holds(outer: Mapping[str, float], inner: Mapping[str, float]) -> bool:
    return (
        outer["x"] <= inner["x"]
        and outer["y"] <= inner["y"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    )


def add(page: Page, name: str) -> None:
    page.locator(".palette").get_by_role("button", name=name, exact=True).click()


def saved(page: Page) -> None:
    expect(page.locator(".save-mark")).to_have_text("草稿已保存")


def field(page: Page, label: str) -> Locator:
    return page.locator(".step-panel").get_by_label(label, exact=True)


STRAIGHT = {
    "nodes": [
        {"id": "start", "kind": "trigger_event", "config": {"event": "cart_added"}},
        {"id": "pause", "kind": "wait", "config": {"minutes": 1440}},
        {"id": "end", "kind": "exit", "config": {}},
    ],
    "edges": [{"from": "start", "to": "pause"}, {"from": "pause", "to": "end"}],
}


def test_a_journey_is_drawn_published_and_followed(
    opened: Callable[..., Page], api: httpx.Client, track: Callable[..., None]
) -> None:
    page = opened()
    page.goto("/journeys")
    page.get_by_role("button", name="新建旅程").click()
    page.get_by_label("名称").fill("加购之后写一句")
    page.get_by_role("button", name="创建").click()
    add(page, "事件触发")
    expect(step(page, "事件触发")).to_contain_text("还没填：触发事件")
    choose(page, page.locator(".step-panel .ant-select").first, "加购")
    expect(step(page, "事件触发")).to_contain_text("加购")
    for name in ("对照组", "发送消息", "结束"):
        add(page, name)
    expect(steps(page)).to_have_count(4)
    fit(page)
    step(page, "对照组").click()
    field(page, "对照组比例").or_(field(page, "对照组比例（%）")).fill("0")
    step(page, "发送消息").click()
    expect(page.locator(".step-panel .note.bad")).to_contain_text("缺少正文")
    shot(page, "canvas-faults")
    choose(page, page.locator(".step-panel .ant-select").first, "站内信")
    field(page, "主题").fill("看看购物车")
    field(page, "正文").fill("「{{event.name|好物}}」还在等你")
    saved(page)
    expect(page.get_by_text("检查通过")).to_be_visible()
    expect(page.locator(".step.faulty")).to_have_count(0)
    shot(page, "canvas-drawn")
    page.get_by_role("button", name="检查并发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("线上第 1 版")).to_be_visible()
    expect(step(page, "事件触发")).to_contain_text("到达0")
    for person in ("mei", "lan"):
        track(person, "cart_added", name="玫瑰精华")
    expect(step(page, "结束")).to_contain_text("到达2", timeout=20_000)
    expect(step(page, "发送消息")).to_contain_text("离开2")
    id = page.url.rsplit("/", 1)[1]
    sent = until(lambda: [m for m in api.get(f"/api/messages?journey={id}").json()["items"] if m["state"] == "sent"])
    assert {message["subject"] for message in sent} == {"看看购物车"}
    expect(page.locator(".way-share").first).to_have_text("2", timeout=10_000)
    shot(page, "canvas-live")
    no_sideways(page)


def test_steps_are_undone_copied_moved_and_cut_by_keyboard(opened: Callable[..., Page], api: httpx.Client) -> None:
    id = new(api, "键盘", graph=STRAIGHT)
    page = opened()
    page.goto(f"/journeys/{id}")
    step(page, "等待").click()
    page.keyboard.press("Control+d")
    expect(steps(page)).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(steps(page)).to_have_count(3)
    page.keyboard.press("Control+Shift+z")
    expect(steps(page)).to_have_count(4)
    page.keyboard.press("Delete")
    expect(steps(page)).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(steps(page)).to_have_count(4)
    page.get_by_role("button", name="撤销").click()
    expect(steps(page)).to_have_count(3)
    step(page, "事件触发").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".step-panel h2")).to_have_text("等待")
    page.keyboard.press("Delete")
    expect(steps(page)).to_have_count(2)
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    saved(page)
    graph = api.get(f"/api/journeys/{id}").json()["graph"]
    assert [(edge["from"], edge["to"]) for edge in graph["edges"]] == [("start", "end")]


def test_steps_are_pasted_into_another_journey(opened: Callable[..., Page], api: httpx.Client) -> None:
    page = opened()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/journeys/{new(api, '从这里', graph=STRAIGHT)}")
    step(page, "等待").click()
    step(page, "结束").click(modifiers=["Control"])
    expect(page.locator(".step.chosen")).to_have_count(2)
    page.keyboard.press("Control+c")
    other = new(api, "到那里", graph={"nodes": STRAIGHT["nodes"][:1], "edges": []})
    page.goto(f"/journeys/{other}")
    step(page, "事件触发").click()
    page.keyboard.press("Control+v")
    expect(steps(page)).to_have_count(3)
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    saved(page)
    assert api.post(f"/api/journeys/{other}/check").json()["problems"] == []


def test_lines_are_drawn_dragged_and_chosen_from_a_list(opened: Callable[..., Page], api: httpx.Client) -> None:
    id = new(api, "连线", graph=STRAIGHT)
    page = opened()
    page.goto(f"/journeys/{id}")
    page.locator(".palette").get_by_role("button", name="发送消息").drag_to(step(page, "等待"))
    expect(steps(page)).to_have_count(4)
    expect(page.locator(".react-flow__edge")).to_have_count(3)
    ways = page.locator(".step-panel .way-pick")
    choose(page, ways.filter(has_text="继续").locator(".ant-select"), "结束")
    expect(page.locator(".react-flow__edge")).to_have_count(4)
    fit(page)
    refused = step(page, "发送消息").locator(".react-flow__handle-bottom").nth(1)
    refused.drag_to(step(page, "结束").locator(".react-flow__handle-top"), force=True)
    expect(page.locator(".react-flow__edge")).to_have_count(5)
    page.locator(".react-flow__edge").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    expect(page.locator(".react-flow__edge")).to_have_count(4)
    saved(page)


def test_two_who_edit_at_once_lose_nothing(opened: Callable[..., Page], api: httpx.Client) -> None:
    id = new(api, "两个人", graph=STRAIGHT)
    page = opened()
    page.goto(f"/journeys/{id}")
    expect(steps(page)).to_have_count(3)
    theirs = {"nodes": STRAIGHT["nodes"], "edges": STRAIGHT["edges"][:1]}
    step(page, "等待").click()
    put(api, id, "两个人", theirs)
    page.keyboard.press("Control+d")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("草稿刚被别人改过")
    expect(dialog.locator(".changes")).to_contain_text("新增")
    shot(page, "clash")
    dialog.get_by_role("button", name="用我的").click()
    saved(page)
    assert len(api.get(f"/api/journeys/{id}").json()["graph"]["nodes"]) == 4
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    saved(page)


def test_a_new_version_is_compared_and_takes_people_along(
    opened: Callable[..., Page], api: httpx.Client, track: Callable[..., None]
) -> None:
    id = new(api, "两版", graph=STRAIGHT)
    assert api.post(f"/api/journeys/{id}/publish", json={}).is_success
    track("qiu", "cart_added")
    until(lambda: api.get(f"/api/journeys/{id}").json()["counts"]["waiting"] == 1)
    page = opened()
    page.goto(f"/journeys/{id}")
    page.get_by_role("tab", name="草稿").click()
    step(page, "等待").click()
    field(page, "等待").fill("2")
    saved(page)
    page.get_by_role("button", name="检查并发布新版本").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("旧版里还有 1 人")
    dialog.get_by_label("移到新版").check()
    shot(page, "publish-move")
    dialog.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("线上第 2 版")).to_be_visible()
    page.get_by_role("tab", name="版本").click()
    first = page.locator(".clickable-row").first
    expect(first).to_contain_text("第 2 版")
    first.click()
    expect(page.locator(".changes")).to_contain_text("等待（分钟）: 1440 → 2880")
    shot(page, "versions")
    versions = api.get(f"/api/journeys/{id}/versions").json()
    assert [(one["number"], one["inside"]) for one in versions] == [(2, 1), (1, 0)]


def test_a_draft_is_tried_out_over_past_days(
    opened: Callable[..., Page], api: httpx.Client, track: Callable[..., None]
) -> None:
    for number in range(5):
        track(f"past{number}", "searched")
    until(lambda: api.get("/api/persons?q=past4").json()["items"])
    graph = {**STRAIGHT, "nodes": [{**STRAIGHT["nodes"][0], "config": {"event": "searched"}}, *STRAIGHT["nodes"][1:]]}
    graph["nodes"][1] = {"id": "pause", "kind": "holdout", "config": {"percent": 0}}
    id = new(api, "试一遍", graph=graph)
    page = opened()
    page.goto(f"/journeys/{id}")
    page.get_by_role("tab", name="回测").click()
    expect(page.get_by_text("还没有回测过")).to_be_visible()
    page.get_by_text("过去 7 天").click()
    page.get_by_role("button", name="开始回测").click()
    expect(step(page, "事件触发")).to_contain_text("到达5", timeout=60_000)
    expect(step(page, "结束")).to_contain_text("到达5")
    expect(page.locator(".figures-strip")).to_contain_text("会进入5")
    expect(page.get_by_text("最忙的一小时")).to_be_visible()
    shot(page, "backtest")
    assert api.get(f"/api/journeys/{id}/runs").json()["items"] == []


def test_a_template_brings_its_audience(opened: Callable[..., Page], api: httpx.Client) -> None:
    page = opened()
    page.goto("/journeys")
    page.get_by_role("button", name="新建旅程").click()
    page.get_by_role("radio", name="沉默召回").click()
    expect(page.get_by_label("名称")).to_have_value("沉默召回")
    shot(page, "gallery")
    page.get_by_role("button", name="创建").click()
    expect(step(page, "进出人群触发")).to_contain_text("沉默和流失的老客")
    expect(page.locator(".react-flow__minimap")).to_have_count(0)
    names = [audience["name"] for audience in api.get("/api/audiences").json()["items"]]
    assert "沉默和流失的老客" in names


def test_a_task_is_done_and_the_journey_goes_on_by_its_result(
    opened: Callable[..., Page], api: httpx.Client, track: Callable[..., None]
) -> None:
    results = [{"name": "愿意"}, {"name": "不需要"}]
    call = {"title": "回访一下", "note": "问问用得怎样", "results": results}
    graph = {
        "nodes": [
            {"id": "start", "kind": "trigger_event", "config": {"event": "store_visited"}},
            {"id": "call", "kind": "task", "config": call},
            {"id": "yes", "kind": "exit", "config": {"outcome": "愿意"}},
            {"id": "no", "kind": "exit", "config": {"outcome": "不需要"}},
        ],
        "edges": [
            {"from": "start", "to": "call"},
            {"from": "call", "to": "yes", "branch": "愿意"},
            {"from": "call", "to": "no", "branch": "不需要"},
            {"from": "call", "to": "no", "branch": "done"},
        ],
    }
    id = new(api, "到店回访", graph=graph)
    published = api.post(f"/api/journeys/{id}/publish", json={})
    assert published.is_success, published.text
    track("shu", "store_visited")
    until(lambda: api.get("/api/tasks").json()["items"])
    page = opened()
    page.goto("/journeys")
    page.get_by_role("tab", name="员工任务").click()
    page.locator(".clickable-row", has_text="回访一下").click()
    drawer = page.locator(".ant-drawer")
    expect(drawer).to_contain_text("问问用得怎样")
    expect(drawer.get_by_role("button", name="办完了")).to_be_disabled()
    drawer.get_by_label("愿意", exact=True).check()
    shot(page, "task")
    drawer.get_by_role("button", name="办完了").click()
    expect(page.get_by_text("已记下，旅程接着走")).to_be_visible()
    until(lambda: api.get(f"/api/journeys/{id}").json()["nodes_counts"].get("yes", {}).get("in") == 1)
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.locator(".clickable-row", has_text="回访一下")).to_contain_text("愿意")


def test_a_phone_reads_the_journey_as_a_list(opened: Callable[..., Page], api: httpx.Client) -> None:
    id = new(api, "一个名字特别特别长的旅程用来看看手机上会不会撑破" * 2, template="win_back")
    page = opened(390, "en")
    page.goto(f"/journeys/{id}")
    lines = page.locator(".step-line")
    expect(lines).to_have_count(9)
    expect(page.locator(".react-flow")).to_have_count(0)
    no_sideways(page)
    shot(page, "phone-list")
    lines.nth(2).click()
    expect(page.locator(".ant-drawer")).to_contain_text("Send a message")
    shot(page, "phone-step")
    for path in ("/journeys", "/tasks"):
        page.goto(path)
        expect(page.get_by_role("heading", name="Journeys")).to_be_visible()
        expect(page.locator(".bone")).to_have_count(0)
        no_sideways(page)
