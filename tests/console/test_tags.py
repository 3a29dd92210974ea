"""Every kind of tag, made by hand in Chromium, on events that came in by HTTP; read and given on the person page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.pages import Demo, choose, signed_in, visit
from tests.console.rules_shop import shop

__all__ = ["shop"]


@pytest.fixture
def page(browser: Browser, shop: tuple[Demo, httpx.Client]) -> Iterator[Page]:
    with signed_in(browser, *shop) as page:
        yield page


def begin(page: Page, kind: str, name: str) -> None:
    visit(page, "/tags/new")
    page.locator(".tag-kind").filter(has=page.get_by_text(kind, exact=True)).click()
    page.get_by_label("标签名称").fill(name)


def field(page: Page, label: str) -> Locator:
    return page.locator(".ant-form-item").filter(has=page.locator("label", has_text=re.compile(f"^{re.escape(label)}")))


def pick(page: Page, label: str, text: str) -> None:
    choose(page, field(page, label).locator(".ant-select").first, text)


def previewed(page: Page, persons: int) -> None:
    expect(page.locator(".preview .count")).to_have_text(str(persons))


def saved(page: Page, *values: str) -> None:
    page.get_by_role("button", name="保存标签").click()
    expect(page).to_have_url(re.compile(r"/tags/tag_"))
    for value in values:
        expect(page.locator(".tag-counts").get_by_text(value, exact=True)).to_be_visible()


def test_numbers_times_and_favourites(page: Page) -> None:
    begin(page, "数值统计", "累计消费")
    pick(page, "行为", "支付订单")
    pick(page, "统计方式", "合计")
    pick(page, "属性", "金额")
    previewed(page, 3)
    saved(page, "¥105.00", "¥50.00", "¥30.00")
    begin(page, "首次 / 末次", "最近浏览品类")
    pick(page, "行为", "浏览商品")
    pick(page, "取哪一次", "最近一次")
    pick(page, "取什么", "品类")
    previewed(page, 2)
    saved(page, "面膜")
    begin(page, "偏好", "偏好品类")
    pick(page, "行为", "浏览商品")
    pick(page, "属性", "品类")
    previewed(page, 2)
    saved(page, "面膜")
    begin(page, "时间分布", "活跃星期")
    pick(page, "行为", "浏览商品")
    pick(page, "看什么", "一周的哪一天")
    previewed(page, 2)
    saved(page)
    expect(page.locator(".tag-counts li").first).to_contain_text("周")


def test_sequences_bands_cycles_and_stages(page: Page) -> None:
    begin(page, "行为序列", "加购后购买")
    choose(page, page.locator(".tag-step .ant-select").nth(0), "加购")
    choose(page, page.locator(".tag-step .ant-select").nth(1), "支付订单")
    previewed(page, 2)
    saved(page, "是", "否")
    begin(page, "RFM", "客群")
    previewed(page, 3)
    saved(page)
    expect(page.locator(".tag-counts li")).not_to_have_count(0)
    begin(page, "购买周期", "购买周期")
    previewed(page, 1)
    saved(page, "57 天")
    begin(page, "生命周期", "阶段")
    page.get_by_label("沉默（天）").fill("5")
    previewed(page, 4)
    saved(page, "沉默")


def test_bands_of_a_recency_and_an_amount_of_money_of_ones_own(page: Page, shop: tuple[Demo, httpx.Client]) -> None:
    begin(page, "RFM", "分档")
    pick(page, "结果", "分数代码（如 543）")
    pick(page, "分档方式", "固定分界")
    for label, edges in {"最近消费": "5,30", "消费次数": "2,", "消费金额": "40.5，100，"}.items():
        field(page, label).locator(".ant-select input").fill(edges)
    previewed(page, 3)
    saved(page, "312", "323", "211")
    _, api = shop
    made = api.get(f"/api/tags/{page.url.rsplit('/', 1)[1]}").json()
    held = {name: made["config"][name] for name in ("recency", "frequency", "money")}
    assert held == {"recency": [5, 30], "frequency": [2], "money": [4050, 10000]}
    page.get_by_role("tab", name="定义").click()
    told = page.get_by_role("tabpanel", name="定义")
    for text in ("支付订单", "固定分界", "40.5", "元", "算不出值时：清空"):
        expect(told).to_contain_text(text)


def test_how_a_tag_is_kept_who_uses_it_and_what_it_was(page: Page, shop: tuple[Demo, httpx.Client]) -> None:
    begin(page, "数值统计", "下单天数")
    pick(page, "行为", "支付订单")
    pick(page, "统计方式", "距今天数")
    previewed(page, 3)
    choose(page, page.locator(".panel", has_text="保留原值").locator(".ant-select").first, "每周")
    page.get_by_text("保留原值", exact=True).click()
    saved(page, "0 天", "3 天", "10 天")
    _, api = shop
    tag = api.get(f"/api/tags/{page.url.rsplit('/', 1)[1]}").json()
    assert (tag["schedule"]["every"], tag["empty"], tag["persons"]) == ("week", "keep", 3)
    rule = {"tag": tag["id"], "op": "gte", "value": 3}
    assert api.post("/api/audiences", json={"name": "三天没买", "rule": rule}).json()["size"] == 2
    page.reload()
    expect(page.locator(".stats")).to_contain_text("75.0%")
    expect(page.locator(".stats").get_by_role("link", name="三天没买")).to_be_visible()
    page.get_by_role("button", name="立即计算").click()
    page.get_by_role("tab", name="计算记录").click()
    runs = page.get_by_role("tabpanel", name="计算记录").locator("tbody tr")
    expect(runs).to_have_count(2, timeout=15_000)
    expect(runs.first).to_contain_text(re.compile(r"3\s*0\s*成功"))
    page.get_by_role("tab", name="历史").click()
    expect(page.get_by_role("img", name="历史")).to_be_visible()


def test_given_to_a_whole_audience(page: Page, shop: tuple[Demo, httpx.Client]) -> None:
    _, api = shop
    body = {"name": "上海客户", "rule": {"trait": "city", "op": "eq", "value": "上海"}}
    assert api.post("/api/audiences", json=body).json()["size"] == 2
    begin(page, "手工", "门店顾问")
    saved(page)
    page.get_by_role("button", name="批量打标签").click()
    dialog = page.get_by_role("dialog")
    choose(page, dialog.locator(".ant-select").first, "上海客户")
    dialog.get_by_label("标签值").fill("小李")
    dialog.get_by_role("button", name="打标签").click()
    expect(page.get_by_text("已给 2 人打上")).to_be_visible()
    expect(page.locator(".tag-counts")).to_contain_text("小李")


def test_rules_with_several_values(page: Page) -> None:
    begin(page, "规则", "等级")
    page.get_by_role("textbox", name="标签值").fill("高")
    page.get_by_role("button", name="添加条件").first.click()
    page.get_by_role("menuitem", name="行为", exact=True).click()
    choose(page, page.locator(".clause .ant-select").nth(1), "支付订单")
    page.get_by_label("都不符合时").fill("其他")
    previewed(page, 4)
    saved(page, "高", "其他")


def test_sql_is_held_to_reading(browser: Browser, shop: tuple[Demo, httpx.Client]) -> None:
    with signed_in(browser, *shop, silent=422) as page:
        begin(page, "SQL", "下单次数")
        box = page.locator("textarea.mono")
        box.fill("SELECT person, sleep(1) AS value FROM events")
        expect(page.get_by_text(re.compile("不能使用函数“sleep”")).first).to_be_visible()
        box.fill("SELECT person, count() AS value FROM events WHERE event = 'order_paid' GROUP BY person")
        previewed(page, 3)
        saved(page, "1", "2")


def test_given_by_hand_and_explained_on_the_person_page(page: Page, shop: tuple[Demo, httpx.Client]) -> None:
    begin(page, "手工", "专属顾问")
    saved(page)
    _, api = shop
    person = api.get("/api/persons", params={"q": "ann"}).json()["items"][0]["id"]
    visit(page, f"/persons/{person}")
    page.get_by_role("button", name="打标签").click()
    dialog = page.get_by_role("dialog")
    choose(page, dialog.locator(".ant-select").first, "专属顾问")
    dialog.get_by_label("标签值").fill("小王")
    dialog.get_by_role("button", name="打标签").click()
    page.get_by_role("button", name="小王").click()
    expect(page.get_by_text(re.compile("打上“小王”"))).to_be_visible()


def test_imported_from_a_file(page: Page, shop: tuple[Demo, httpx.Client], tmp_path: Path) -> None:
    begin(page, "导入", "门店分级")
    saved(page)
    file = tmp_path / "levels.csv"
    file.write_text("user_id,标签值\nann,A\nbob,B\nnobody,A\n", "utf-8")
    page.get_by_role("button", name="导入取值").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("3 行：2 人有值，0 行重复，1 行不能用。")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^保")).click()
    expect(page.locator(".tag-counts").get_by_text("A", exact=True)).to_be_visible()


def test_an_audience_asks_for_a_tag(page: Page, shop: tuple[Demo, httpx.Client]) -> None:
    _, api = shop
    body: dict[str, Any] = {"name": "次数", "kind": "number", "config": {"event": "order_paid"}}
    api.post("/api/tags", json=body)
    visit(page, "/audiences/new")
    page.get_by_role("button", name=re.compile("添加条件$")).last.click()
    page.get_by_role("menuitem", name="标签", exact=True).click()
    clause = page.locator(".clause").last
    choose(page, clause.locator(".ant-select").first, "次数")
    clause.get_by_label("值").fill("2")
    previewed(page, 1)
    expect(page.locator(".preview .reading")).to_have_text("标签“次数” 至少 2")


def test_stages_are_called_as_the_industry_does(page: Page, shop: tuple[Demo, httpx.Client]) -> None:
    """On the tag, in the list of its values, and in the rule; one value is asked for, so the list closes behind it."""
    _, api = shop
    body: dict[str, Any] = {"name": "植发阶段", "kind": "lifecycle", "config": {}}
    tag = api.post("/api/tags", json=body).json()["id"]
    usual = api.get("/api/settings").json()["lifecycle"]
    _set_lifecycle(api, {"new_days": 90, "silent_days": 365, "churned_days": 1095, "preset": "hair_transplant"})
    try:
        visit(page, f"/tags/{tag}")
        page.get_by_role("button", name="立即计算").click()
        expect(page.locator(".tag-counts").get_by_text("已手术", exact=True)).to_be_visible(timeout=15_000)
        visit(page, "/audiences/new")
        page.get_by_role("button", name=re.compile("添加条件$")).last.click()
        page.get_by_role("menuitem", name="标签", exact=True).click()
        clause = page.locator(".clause").last
        choose(page, clause.locator(".ant-select").nth(0), "植发阶段")
        choose(page, clause.locator(".ant-select").nth(1), "等于")
        choose(page, clause.locator(".ant-select").nth(2), "已手术")
        expect(page.locator(".ant-select-dropdown:visible")).to_have_count(0)
        expect(page.locator(".preview .reading")).to_have_text("标签“植发阶段” 是 已手术")
        page.get_by_role("button", name=re.compile("添加条件$")).last.click()
        page.get_by_role("menuitem", name="生命周期", exact=True).click()
        choose(page, page.locator(".clause").last.locator(".ant-select").first, "复诊加购")
        expect(page.locator(".preview .reading")).to_contain_text("生命周期为 复诊加购")
    finally:
        _set_lifecycle(api, usual)


def _set_lifecycle(api: httpx.Client, lifecycle: dict[str, Any]) -> None:
    version = api.get("/api/settings").json()["version"]
    answer = api.put("/api/settings", json={"lifecycle": lifecycle}, headers={"If-Match": f'"{version}"'})
    assert answer.is_success, answer.text
