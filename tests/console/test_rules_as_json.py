"""Rules as JSON and as clauses, and what is wrong with them told in words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.console.pages import Demo, signed_in, visit
from tests.console.rules_shop import Builder, builder, shop

__all__ = ["builder", "shop"]


def test_groups_in_groups(builder: Builder) -> None:
    """Seen, or (into the cart and (paid, or not (seen))): five groups deep, by hand."""
    page = builder.page
    group = page.locator(".rule-group").first
    for event in ("浏览商品", "加购", "支付订单", "浏览商品"):
        group.get_by_role("button", name="添加条件组").last.click()
        group = page.locator(".rule-group").last
        builder.pick(group.locator(".clause"), 1, event)
    expect(page.locator(".preview .count")).to_have_text("2")
    group.get_by_role("button", name="排除").first.click()
    expect(page.locator(".preview .count")).to_have_text("3")
    page.get_by_role("tab", name="JSON").click()
    rule = json.loads(page.get_by_role("textbox", name="规则 JSON").input_value())
    for way in ("all", "any", "all", "any"):
        *events, rule = rule[way]
    assert (events[0]["event"], rule["not"]["all"][0]["event"]) == ("order_paid", "product_viewed")


SEEN = {"event": "product_viewed", "aggregate": "count", "op": "gte", "value": 1}


BOTH_WAYS: list[tuple[dict[str, Any], int, str, str]] = [
    ({"trait": "city", "op": "contains", "value": "海"}, 2, "海", "海"),
    ({"any": [{"lifecycle": ["repeat"]}, {"not": {"trait": "birthday", "op": "exists"}}]}, 2, "或", "or"),
    ({"all": [{"any": [SEEN, {"all": [{"reachable": "sms"}]}]}]}, 2, "浏览商品", "Viewed a product"),
    (SEEN | {"window": {"last": 2, "unit": "weeks"}, "where": [{"property": "category", "op": "eq", "value": "面膜"}]},
     2, "面膜", "面膜"),
    (SEEN | {"aggregate": "last", "property": "category", "op": "eq", "value": "面膜"}, 1, "面膜", "面膜"),
    (SEEN | {"aggregate": "count", "value": {"own": 2, "window": {"ago": [30, 90], "unit": "days"}},
             "window": {"last_days": 30}}, 0, "平时", "usual"),
    ({"sequence": [{"event": "cart_added"}, {"event": "order_paid"}], "within": {"n": 90, "unit": "minutes"},
      "window": None}, 1, "加购", "Added to cart"),
    ({"random": {"percent": 100, "salt": "spring"}}, 4, "100%", "100%"),
    ({"entered": {"op": "in_last_days", "value": 30}}, 1, "30", "30"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_json_becomes_clauses_and_json_again(browser: Browser, shop: tuple[Demo, httpx.Client], language: str) -> None:
    """Each rule typed as JSON is drawn as clauses, counted, read out, and the same JSON afterwards."""
    demo, api = shop
    tab, label = ("条件", "规则 JSON") if language == "zh-CN" else ("Conditions", "Rule JSON")
    with signed_in(browser, demo, api, language=language) as page:
        visit(page, "/audiences/new")
        for rule, count, zh, en in BOTH_WAYS:
            root = rule if {"all", "any"} & set(rule) else {"all": [rule]}
            page.get_by_role("tab", name="JSON").click()
            box = page.get_by_role("textbox", name=label)
            box.fill(json.dumps(rule, ensure_ascii=False))
            page.get_by_role("tab", name=tab).click()
            expect(page.locator(".clause").first).to_be_visible()
            expect(page.locator(".preview .count")).to_have_text(str(count))
            expect(page.locator(".preview .reading")).to_contain_text(zh if language == "zh-CN" else en)
            page.get_by_role("tab", name="JSON").click()
            assert json.loads(box.input_value()) == root


@pytest.mark.parametrize(
    ("language", "said"), [("zh-CN", "这里需要天数"), ("en", "A number of days above 0 and up to 3650 is needed.")]
)
def test_a_mistake_is_shown_at_its_clause(
    browser: Browser, shop: tuple[Demo, httpx.Client], language: str, said: str
) -> None:
    demo, api = shop
    wrong = {"all": [{"lifecycle": ["repeat"]}, SEEN | {"window": {"last_days": -5}}]}
    with signed_in(browser, demo, api, language=language, silent=422) as page:
        visit(page, "/audiences/new")
        page.get_by_role("tab", name="JSON").click()
        page.get_by_role("textbox").last.fill(json.dumps(wrong))
        page.get_by_role("tab").first.click()
        expect(page.locator(".clause.wrong")).to_have_count(1)
        expect(page.locator(".clause").nth(1).get_by_role("alert")).to_contain_text(said)
        expect(page.get_by_role("button", name=re.compile("保存人群|Save audience"))).to_be_disabled()


BAD_RULES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"any": [SEEN] * 500}, "alert", "条件超过 200 个，请拆成多个人群。", "More than 200 conditions"),
    ({"trait": "level", "op": "gt", "value": "many"}, "alert", "这里需要数字", "A number or an ISO date"),
    ({"trait": "level", "op": "between", "value": [9, 1]}, "alert", "下限大于上限", "nobody would fit"),
    (SEEN | {"op": "gte", "value": 3, "where": [{"property": "hue", "op": "exists"}]}, "status", "hue", "hue"),
    ({"trait": "city", "op": "gt", "value": 3}, "status", "的值看起来是", "look like"),
    ({"trait": "shoe_size", "op": "exists"}, "status", "还没有人有属性", "Nobody has a trait"),
    ({"all": [SEEN | {"value": 3}, SEEN | {"op": "lt", "value": 3}]}, "status", "互相矛盾", "contradict"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_bad_rules_are_told_in_words(browser: Browser, shop: tuple[Demo, httpx.Client], language: str) -> None:
    """Errors and oddities of rules that come as JSON, each at its place; nothing is saved."""
    demo, api = shop
    before = saved_audiences(api)
    with signed_in(browser, demo, api, language=language, silent=422) as page:
        visit(page, "/audiences/new")
        for rule, role, zh, en in BAD_RULES:
            page.get_by_role("tab", name="JSON").click()
            page.get_by_role("textbox").last.fill(json.dumps(rule))
            page.get_by_role("tab").first.click()
            said = page.locator("#content").get_by_role(role).filter(has_text=zh if language == "zh-CN" else en)
            expect(said.first).to_be_visible(timeout=20_000)  # five hundred clauses take a while to draw
    assert saved_audiences(api) == before


def saved_audiences(api: httpx.Client) -> list[str]:
    return [one["id"] for one in api.get("/api/audiences").json()["items"]]


@pytest.mark.parametrize(("language", "lines"), [("zh-CN", 600_000), ("en", 900_000)])
def test_ten_megabytes_of_identifiers(
    browser: Browser, shop: tuple[Demo, httpx.Client], tmp_path: Path, language: str, lines: int
) -> None:
    """What fits is answered row by row, what doesn't is refused in words; neither is saved by that."""
    demo, api = shop
    before = saved_audiences(api)
    file = tmp_path / "mixed.csv"
    file.write_text("ann\nuser_id:cat\n" + "1390000000\nnobody@example.com\n" * (lines // 2), "utf-8")
    with signed_in(browser, demo, api, language=language, silent=413) as page:
        visit(page, "/audiences")
        page.get_by_role("button", name=re.compile("上传名单|Upload")).click()
        page.locator("input[type=file]").set_input_files(file)
        dialog = page.get_by_role("dialog")
        if lines == 600_000:
            said = "共 600,002 行，对应 2 人；重复 0 行，有问题 600,000 行。"
            expect(dialog.get_by_role("status")).to_contain_text(said, timeout=60_000)
        else:
            expect(dialog.get_by_role("alert")).to_contain_text("too large", timeout=60_000)
            expect(dialog).to_contain_text("10 MB")
    assert saved_audiences(api) == before
