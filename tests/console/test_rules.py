"""Every clause and kind of membership, chosen by hand in Chromium, on events that came in by HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.console.pages import Demo, choose, new_source, send, signed_in, until, visit
from tests.console.rules_shop import NOW, SHANGHAI, WORDS, Builder, at, builder, did, shop, type_days

__all__ = ["builder", "shop"]


def test_windows_of_every_kind(builder: Builder) -> None:
    clause = builder.add("行为")
    builder.pick(clause, 1, "浏览商品")
    builder.pick(clause, 3, "分钟")
    assert builder.built(1)["window"] == {"last": 30, "unit": "minutes"}
    clause = builder.add("行为")
    builder.pick(clause, 1, "支付订单")
    builder.pick(clause, 2, "早于")
    assert builder.built(1)["window"] == {"before": 30, "unit": "days"}
    clause = builder.add("行为")
    builder.pick(clause, 1, "支付订单")
    builder.pick(clause, 2, "多久以前之间")
    assert builder.built(1)["window"] == {"ago": [7, 30], "unit": "days"}
    clause = builder.add("行为")
    builder.pick(clause, 1, "浏览商品")
    builder.pick(clause, 2, "自另一行为之后")
    builder.pick(clause, 4, "支付订单")
    assert builder.built(1)["window"] == {"since": "last", "event": "order_paid"}
    clause = builder.add("行为")
    builder.pick(clause, 1, "支付订单")
    builder.pick(clause, 2, "指定日期")
    assert set(builder.built(3)["window"]) == {"from", "to"}
    clause = builder.add("行为")
    builder.pick(clause, 1, "支付订单")
    builder.pick(clause, 2, "不限时间")
    assert builder.built(3)["window"] is None


def test_measures_of_what_somebody_did(builder: Builder) -> None:
    clause = builder.add("行为")
    builder.pick(clause, 0, "没做过")
    builder.pick(clause, 1, "支付订单")
    assert builder.built(1)["value"] == 0
    clause = builder.add("行为")
    builder.pick(clause, 0, "去重种数")
    builder.pick(clause, 1, "浏览商品")
    builder.pick(clause, 2, "品类")
    found = builder.built(1)
    assert (found["aggregate"], found["property"], found["value"]) == ("distinct", "props.category", 2)
    clause = builder.add("行为")
    builder.pick(clause, 0, "合计")
    builder.pick(clause, 1, "支付订单")
    builder.pick(clause, 3, "小于")
    clause.get_by_role("button", name="和本人平时比").click()
    found = builder.built(1)
    assert found["value"] == {"own": 0.5, "window": {"ago": [30, 210], "unit": "days"}}
    clause = builder.add("行为")
    builder.pick(clause, 0, WORDS["measure.last"])
    builder.pick(clause, 1, "支付订单")
    clause.get_by_role("spinbutton", name="值").fill("5")
    found = builder.built(2)
    assert (found["op"], found["value"]) == ("in_last_days", 5)
    clause = builder.add("行为")
    builder.pick(clause, 1, "加购")
    clause.get_by_role("button", name="加筛选").click()
    clause.locator(".ant-select").nth(4).click()
    builder.page.keyboard.type("category")
    builder.page.locator(".ant-select-dropdown:visible .ant-select-item-option").get_by_text("品类").click()
    builder.page.locator(".ant-select-dropdown:visible").wait_for(state="hidden")
    clause.get_by_role("textbox", name="值").fill("面膜")
    assert builder.built(1)["where"] == [{"property": "category", "op": "eq", "value": "面膜"}]


def test_the_purpose_of_a_consent_can_be_another(builder: Builder) -> None:
    clause = builder.add("同意")
    builder.pick(clause, 0, "短信")
    purpose = clause.get_by_role("combobox", name="用途")
    purpose.click()
    purpose.fill("service")
    purpose.press("Enter")
    builder.page.locator(".ant-select-dropdown:visible").wait_for(state="hidden")
    assert builder.built(0)["consent"] == {"channel": "sms", "purpose": "service", "state": "granted"}


def test_one_thing_after_another(builder: Builder) -> None:
    clause = builder.add("行为序列")
    builder.pick(clause, 0, "加购")
    builder.pick(clause, 2, "支付订单")
    assert builder.built(1) == {
        "sequence": [{"event": "cart_added"}, {"event": "order_paid", "absent": True}],
        "within": {"n": 1, "unit": "days"},
        "window": {"last_days": 30},
    }
    clause = builder.add("行为序列")
    builder.pick(clause, 0, "浏览商品")
    builder.pick(clause, 1, "之后做了")
    builder.pick(clause, 2, "加购")
    clause.get_by_role("button", name="加一步").click()
    builder.pick(clause, 2, "支付订单")
    builder.pick(clause, 3, "周")
    clause.get_by_role("spinbutton", name="时长").first.fill("2")
    found = builder.built(1)
    assert [step["event"] for step in found["sequence"]] == ["product_viewed", "cart_added", "order_paid"]
    assert found["within"] == {"n": 2, "unit": "weeks"}


def test_what_is_known_of_somebody(builder: Builder, shop: tuple[Demo, httpx.Client]) -> None:
    clause = builder.add("属性")
    builder.pick(clause, 0, "生日")
    builder.pick(clause, 1, "每年，未来")
    clause.get_by_role("spinbutton", name="值").fill("7")
    assert builder.built(1) == {"trait": "birthday", "op": "recurs_in_next_days", "value": 7}
    clause = builder.add("同意")
    builder.pick(clause, 0, "短信")
    assert builder.built(1) == {"consent": {"channel": "sms", "purpose": "marketing", "state": "granted"}}
    clause = builder.add("同意")
    builder.pick(clause, 0, "短信")
    builder.pick(clause, 2, "还没表态")
    assert builder.built(2)["consent"]["state"] == "unknown"
    clause = builder.add("随机抽样")
    clause.get_by_role("spinbutton", name="比例").fill("100")
    assert builder.built(4) == {"random": {"percent": 100}}
    clause = builder.add("生命周期")
    builder.pick(clause, 0, "复购")
    builder.page.keyboard.press("Escape")
    assert builder.built(1) == {"lifecycle": ["repeat"]}
    clause = builder.add("可触达")
    builder.pick(clause, 0, "短信")
    assert builder.built(1) == {"reachable": "sms"}
    builder.add("进入私域")
    assert builder.built(1) == {"entered": {"op": "in_last_days", "value": 30}}
    made = shop[1].post(
        "/api/audiences", json={"name": "上海人", "rule": {"trait": "city", "op": "eq", "value": "上海"}}
    )
    visit(builder.page, "/audiences/new")
    clause = builder.add("人群")
    builder.pick(clause, 0, "上海人")
    clause.get_by_role("button", name="排除").click()
    assert builder.built(2) == {"not": {"audience": made.json()["id"]}}


def test_what_is_odd_is_told_at_the_clause(builder: Builder) -> None:
    for city in ("上海", "北京"):
        clause = builder.add("属性")
        builder.pick(clause, 0, "城市")
        clause.get_by_role("textbox", name="值").fill(city)
    expect(clause.get_by_role("status")).to_contain_text("取值不同")
    expect(builder.page.locator(".preview .count")).to_have_text("0")


def test_kinds_are_chosen_and_shown(browser: Browser, shop: tuple[Demo, httpx.Client], tmp_path: Path) -> None:
    demo, api = shop
    with signed_in(browser, demo, api) as page:
        visit(page, "/audiences/new")
        page.locator("#name").fill("每周前二")
        builder = Builder(page)
        clause = builder.add("行为")
        builder.pick(clause, 1, "支付订单")
        builder.pick(clause, 2, "不限时间")
        page.get_by_text("定时", exact=True).click()
        form = page.locator(".kind-form")
        choose(page, form.locator(".ant-select").nth(0), "每周")
        form.get_by_role("button", name="只取前几名").click()
        form.get_by_role("spinbutton", name="人数").fill("2")
        page.get_by_role("button", name="保存人群").click()
        expect(page.get_by_role("heading", name="每周前二")).to_be_visible()
        expect(page.locator("#content")).to_contain_text("最高的 2 人")
        audience = api.get(f"/api/audiences/{page.url.rsplit('/', 1)[1]}").json()
        assert (audience["kind"], audience["size"], audience["schedule"]["every"]) == ("scheduled", 2, "week")
        page.get_by_role("button", name="重新计算").click()
        expect(page.get_by_text("已重新计算")).to_be_visible()
        page.get_by_role("tab", name="人数走势").click()
        expect(page.get_by_role("img", name="人数走势")).to_be_visible()
        page.get_by_text("表格", exact=True).click()
        expect(page.locator(".insight-table tbody tr")).to_have_count(3)
        page.get_by_role("tab", name="洞察").click()
        expect(page.locator(".insight-grid")).to_contain_text("支付订单")
        page.get_by_text("留下与流失", exact=True).click()
        expect(page.locator("#content")).to_contain_text("流失 0 人")


def test_a_list_is_looked_at_before_it_is_saved(
    browser: Browser, shop: tuple[Demo, httpx.Client], tmp_path: Path
) -> None:
    demo, api = shop
    file = tmp_path / "老客.csv"
    file.write_text("ann\nuser_id:cat\nnobody@example.com\n", "utf-8")
    with signed_in(browser, demo, api, silent=422) as page:
        visit(page, "/audiences")
        page.get_by_role("button", name="上传名单").click()
        page.locator("input[type=file]").set_input_files(file)
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("status")).to_contain_text("共 3 行，对应 2 人；重复 0 行，有问题 1 行。")
        expect(dialog.locator("tbody tr")).to_contain_text("没有这个用户")
        assert not [one for one in api.get("/api/audiences").json()["items"] if one["kind"] == "list"]
        dialog.get_by_role("button", name="保存名单").click()
        expect(page.get_by_role("heading", name="老客")).to_be_visible()
        expect(page.locator(".stat .figure").first).to_have_text("2")
        page.get_by_role("tab", name="洞察").click()
        page.get_by_text("重合", exact=True).click()
        others = page.get_by_role("combobox", name="选择要比较的人群")
        if api.get("/api/audiences").json()["items"][1:]:
            others.click()
            page.locator(".ant-select-dropdown:visible .ant-select-item-option").first.click()
            expect(page.locator(".insight-table tbody tr")).to_have_count(3)
        page.get_by_role("button", name="换一份名单").click()
        page.locator("input[type=file]").set_input_files([{"name": "x.csv", "mimeType": "text/csv", "buffer": b""}])
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("不能当作标识名单读取")


def test_the_other_measures_and_tests(builder: Builder) -> None:
    """What the tests above leave out of the event and trait clauses, chosen by hand."""

    def window(clause: Locator) -> Locator:
        return clause.locator(".ant-select", has=builder.page.get_by_label(WORDS["window.mode"]))

    clause = builder.add("行为")
    builder.pick(clause, 0, WORDS["measure.count"])
    builder.pick(clause, 1, "支付订单")
    choose(builder.page, window(clause), "不限时间")
    found = builder.built(1)
    assert (found["aggregate"], found["op"], found["value"]) == ("count", "gte", 2)
    for measure, yuan, count in (("avg", 40, 1), ("max", 40, 1), ("min", 20, 2)):
        clause = builder.add("行为")
        builder.pick(clause, 0, WORDS[f"measure.{measure}"])
        builder.pick(clause, 1, "支付订单")
        clause.get_by_role("spinbutton", name="值").fill(str(yuan))
        found = builder.built(count)
        assert (found["aggregate"], found["property"], found["value"]) == (measure, "amount", yuan * 100)
    clause = builder.add("行为")
    builder.pick(clause, 0, WORDS["measure.first"])
    builder.pick(clause, 1, "支付订单")
    choose(builder.page, window(clause), "不限时间")
    clause.get_by_role("spinbutton", name="值").fill("5")
    assert builder.built(1)["aggregate"] == "first"
    clause = builder.add("行为")
    builder.pick(clause, 0, WORDS["measure.last"])
    builder.pick(clause, 1, "浏览商品")
    builder.pick(clause, 2, "品类")
    clause.get_by_role("textbox", name="值").fill("面膜")
    found = builder.built(1)
    assert (found["aggregate"], found["property"], found["op"], found["value"]) == (
        "last", "props.category", "eq", "面膜",
    )  # fmt: skip
    clause = builder.add("行为")
    builder.pick(clause, 0, WORDS["measure.first"])
    builder.pick(clause, 1, "支付订单")
    builder.pick(clause, 2, WORDS["event.amount"])
    builder.pick(clause, 3, WORDS["op.gte"])
    clause.get_by_role("spinbutton", name="值").fill("40")
    choose(builder.page, window(clause), "不限时间")
    assert builder.built(2)["value"] == 4000
    clause = builder.add("行为")
    builder.pick(clause, 1, "加购")
    choose(builder.page, window(clause), "自另一行为之后")
    choose(builder.page, clause.locator(".ant-select").nth(3), WORDS["window.since.first"])
    builder.pick(clause, 4, "浏览商品")
    assert builder.built(1)["window"] == {"since": "first", "event": "product_viewed"}
    clause = builder.add("属性")
    builder.pick(clause, 0, "城市")
    builder.pick(clause, 1, WORDS["op.in"])
    clause.locator(".ant-select").nth(2).click()
    builder.page.keyboard.type("上海，北京，")
    assert builder.built(3)["value"] == ["上海", "北京"]
    clause = builder.add("属性")
    builder.pick(clause, 0, "level")
    builder.pick(clause, 1, WORDS["op.between"])
    for place, number in enumerate(("2", "3")):
        clause.get_by_role("spinbutton", name="值").nth(place).fill(number)
    assert builder.built(2) == {"trait": "level", "op": "between", "value": [2, 3]}
    clause = builder.add("同意")
    builder.pick(clause, 0, "短信")
    builder.pick(clause, 2, WORDS["consent.withdrawn"])
    assert builder.built(1)["consent"]["state"] == "withdrawn"


OPERATORS: list[tuple[str, str, tuple[str, ...], int]] = [
    ("城市", "eq", ("上海",), 2),
    ("城市", "ne", ("上海",), 2),
    ("城市", "in", ("上海，杭州，",), 3),
    ("城市", "not_in", ("上海，杭州，",), 1),
    ("城市", "contains", ("海",), 2),
    ("城市", "starts_with", ("杭",), 1),
    ("level", "eq", ("3",), 1),
    ("level", "ne", ("3",), 3),
    ("level", "gt", ("3",), 1),
    ("level", "gte", ("3",), 2),
    ("level", "lt", ("3",), 2),
    ("level", "lte", ("3",), 3),
    ("level", "between", ("2", "3"), 2),
    ("生日", "before", ("1991-01-01",), 1),
    ("生日", "after", ("1991-01-01",), 1),
    ("生日", "between", ("1990-01-01", "1990-12-31"), 1),
    ("expires", "in_last_days", ("300",), 1),
    ("expires", "in_next_days", ("4",), 0),
    ("expires", "in_next_days", ("300",), 1),
    ("生日", "recurs_in_next_days", ("7",), 1),
    ("生日", "exists", (), 2),
    ("生日", "not_exists", (), 2),
]


def test_every_operator(builder: Builder) -> None:
    for trait, op, values, count in OPERATORS:
        clause = builder.add("属性")
        builder.pick(clause, 0, trait)
        builder.pick(clause, 1, WORDS[f"op.{op}"])
        boxes = clause.locator(":is(.ant-input-number, .ant-select-multiple) input, input.ant-input")
        if trait == "生日" and values and "-" in values[0]:
            type_days(clause, *values)
            values = ()
        for place, value in enumerate(values):
            boxes.nth(place).click()
            boxes.nth(place).fill(value)
        found = builder.built(count)
        assert (found["op"], "value" in found) == (op, "exists" not in op), found
    clause = builder.add("属性")
    builder.pick(clause, 0, "vip")
    builder.pick(clause, 2, WORDS["value.yes"])
    assert builder.built(1) == {"trait": "vip", "op": "eq", "value": True}


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_days_are_the_shops_wherever_the_browser_is(
    browser: Browser, shop: tuple[Demo, httpx.Client], zone: str
) -> None:
    """What is picked, kept and shown again are days in Shanghai; dan paid ten days ago by that calendar."""

    demo, api = shop
    with signed_in(browser, demo, api, zone=zone) as page:
        visit(page, "/audiences/new")
        builder = Builder(page)
        clause = builder.add("属性")
        builder.pick(clause, 0, "生日")
        builder.pick(clause, 1, WORDS["op.before"])
        type_days(clause, "1991-01-01")
        assert builder.built(1)["value"] == "1990-12-31T16:00:00.000Z"
        clause = builder.add("行为")
        builder.pick(clause, 1, "支付订单")
        builder.pick(clause, 2, "指定日期")
        boxes, today = clause.locator(".ant-picker input"), datetime.now(SHANGHAI).date()
        shown = [(today - timedelta(days=ago)).isoformat() for ago in (30, 0)]
        assert [box.input_value() for box in boxes.all()] == shown
        paid_on = (NOW - timedelta(days=10)).astimezone(SHANGHAI).date().isoformat()
        type_days(clause, paid_on, paid_on)
        expect(page.locator(".preview .count")).to_have_text("1")
        page.get_by_role("tab", name="JSON").click()
        page.get_by_role("tab", name="条件").click()
        assert [box.input_value() for box in boxes.all()] == [paid_on, paid_on]
        start = datetime.fromisoformat(paid_on).replace(tzinfo=SHANGHAI).astimezone(UTC)
        end = start + timedelta(days=1, milliseconds=-1)
        said = [f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z" for moment in (start, end)]
        assert builder.built(1)["window"] == {"from": said[0], "to": said[1]}


def test_five_audiences_overlap(browser: Browser, shop: tuple[Demo, httpx.Client]) -> None:
    demo, api = shop
    for least in (1, 2, 3, 4, 5):
        rule = {"trait": "level", "op": "gte", "value": least}
        made = api.post("/api/audiences", json={"name": f"至少 {least} 级", "rule": rule}).json()
    with signed_in(browser, demo, api) as page:
        visit(page, f"/audiences/{made['id']}")
        page.get_by_role("tab", name="洞察").click()
        page.get_by_text("重合", exact=True).click()
        others = page.locator(".ant-select", has=page.get_by_role("combobox", name="选择要比较的人群"))
        for least in (1, 2, 3, 4):
            choose(page, others, f"至少 {least} 级")
        rows = page.locator(".insight-table tbody tr")
        expect(rows).to_have_count(31)
        expect(rows.last.locator("td").nth(1)).to_have_text("1")
        for least in (1, 2, 3, 4, 5):
            expect(rows.last).to_contain_text(f"至少 {least} 级")


def test_what_has_just_come_in_is_offered(builder: Builder, shop: tuple[Demo, httpx.Client]) -> None:
    """An event, its property and a trait nobody has sent before can be asked for within seconds."""
    demo, api = shop
    key = new_source(api, "快闪店")
    send(demo, key, did("bob", "快闪店打卡", at(minutes=1), gift="小样"))
    send(demo, key, {"type": "identify", "userId": "bob", "traits": {"鞋码": 38}})

    def offered() -> bool:
        found = api.get("/api/catalog").json()
        names = {one["name"] for one in [*found["events"], *found["traits"]]}
        return {"快闪店打卡", "鞋码"} <= names

    until(offered, seconds=10)
    visit(builder.page, "/audiences/new")
    clause = builder.add("行为")
    builder.pick(clause, 1, "快闪店打卡")
    clause.get_by_role("button", name="加筛选").click()
    builder.pick(clause.locator(".where-line"), 0, "gift")
    builder.pick(clause.locator(".where-line"), 1, WORDS["op.exists"])
    assert builder.built(1)["where"] == [{"property": "gift", "op": "exists"}]
    clause = builder.add("属性")
    builder.pick(clause, 0, "鞋码")
    clause.get_by_role("spinbutton", name="值").fill("38")
    assert builder.built(1)["value"] == 38
