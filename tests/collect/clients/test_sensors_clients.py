"""The Sensors clients, unmodified: Python with each of its consumers, Node, and the web client in a real browser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sensorsanalytics.sdk import (
    AsyncBatchConsumer,
    BatchConsumer,
    DebugConsumer,
    DefaultConsumer,
    SensorsAnalytics,
    SensorsAnalyticsIdentity,
)

from tests.collect.clients.conftest import Desk

Run = Callable[[str], None]


@pytest.mark.parametrize("consumer", [DefaultConsumer, BatchConsumer, AsyncBatchConsumer])
def test_python(desk: Desk, consumer: Any) -> None:
    user = consumer.__name__
    client = SensorsAnalytics(consumer(desk.sensors_url))
    client.profile_set(user, {"city": "上海", "member_since": datetime.fromisoformat("2025-01-02T03:04:05.005")}, True)
    client.profile_append(user, {"likes": ["serum"]}, is_login_id=True)
    for number in range(3):
        client.track(user, "ViewProduct", {"product_id": f"S{number}", "$app_version": "3"}, is_login_id=True)
    client.track(user, "PayOrder", {"order_id": f"{user}-1", "order_amount": 258.5}, is_login_id=True)
    client.close()
    items = desk.wait_for(user, "product_viewed", "product_viewed", "product_viewed", "order_paid")
    assert sorted(item["props"]["product_id"] for item in items[:3]) == ["S0", "S1", "S2"]
    assert items[3]["amount_fen"] == 25850
    traits = {trait["name"]: trait["value"] for trait in desk.person(user)["traits"]}
    assert (traits["city"], traits["likes"]) == ("上海", ["serum"])
    assert traits["member_since"] == "2025-01-02T03:04:05.005+08:00"


def test_python_identities(desk: Desk) -> None:
    client = SensorsAnalytics(BatchConsumer(desk.sensors_url))
    mobile = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.MOBILE, "13912340011")
    email = SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.EMAIL, "Ids@Example.com")
    client.track_by_id("ViewProduct", {"product_id": "S1"}, mobile)
    client.bind(mobile, email)
    client.track_by_id("AddToCart", {"price": 3}, email)
    client.track_signup("login-11", "anon-11", {})
    client.track("anon-11", "Browse", {})
    client.close()
    desk.wait_for("13912340011", "product_viewed", "$BindID", "cart_added")
    assert desk.timeline("ids@example.com") == desk.timeline("13912340011")
    desk.wait_for("login-11", "$SignUp", "Browse")


def test_python_debug(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    checking = SensorsAnalytics(DebugConsumer(desk.sensors_url, write_data=False))
    writing = SensorsAnalytics(DebugConsumer(desk.sensors_url, write_data=True))
    checking.track("debug-1", "OnlyChecked", {}, is_login_id=True)
    writing.track("debug-1", "Written", {}, is_login_id=True)
    assert capsys.readouterr().out.count("valid message") == 2
    desk.wait_for("debug-1", "Written")


@pytest.mark.parametrize("gzip", ["true", "false"])
def test_node(desk: Desk, run_node: Run, gzip: str) -> None:
    user = f"node-gzip-{gzip}"
    run_node(f"""
        import SensorsAnalytics from "sa-sdk-node";
        const sa = new (SensorsAnalytics.default ?? SensorsAnalytics)();
        const submitter = sa.submitTo({{ url: "{desk.sensors_url}", gzip: {gzip}, mode: "track" }});
        await sa.profileSet("{user}", {{ $is_login_id: true, level: "金卡" }});
        await sa.track("{user}", "AddToCart", {{ $is_login_id: true, product_id: "S1", price: 9.9 }});
        setTimeout(() => process.exit(0), 1500);
    """)
    items = desk.wait_for(user, "cart_added")
    assert items[0]["amount_fen"] == 990
    assert {trait["name"]: trait["value"] for trait in desk.person(user)["traits"]}["level"] == "金卡"


PAGE = """
<script src="/sensorsdata.min.js"></script>
<script>
  var sensors = window["sensorsDataAnalytic201505"];
  sensors.init(Object.assign({{ server_url: {url}, show_log: false }}, {options}));
  sensors.quick("autoTrackSinglePage");
  sensors.login({user});
  sensors.track("AddToCart", {{ product_id: "玫瑰精华", price: 12.5, at: new Date(2026, 0, 2, 3, 4, 5, 5) }});
  sensors.bind("$identity_mobile", {mobile});
  sensors.setProfile({{ skin: "油性" }});
</script>"""


def shop_page(desk: Desk, user: str, mobile: str, options: dict[str, Any]) -> str:
    return PAGE.format(
        url=json.dumps(desk.sensors_url), options=json.dumps(options), user=json.dumps(user), mobile=json.dumps(mobile)
    )


@pytest.mark.parametrize(
    ("way", "options", "mobile"),
    [
        ("image", {"send_type": "image"}, "13912340021"),
        ("ajax", {"send_type": "ajax"}, "13912340022"),
        ("beacon", {"send_type": "beacon"}, "13912340023"),
        ("batch", {"batch_send": {"send_interval": 300}}, "13912340024"),
    ],
)
def test_web_client_in_a_browser(
    desk: Desk, site: Callable[[str], str], page: Any, way: str, options: dict[str, Any], mobile: str
) -> None:
    seen: list[Any] = []
    page.on("response", lambda response: seen.append(response) if "/sa" in response.url else None)
    page.goto(site(shop_page(desk, f"web-{way}", mobile, options)))
    items = desk.wait_for(mobile, *_EVENTS)
    assert len(desk.timeline(f"web-{way}")) == len(items)
    cart = next(item for item in items if item["event"] == "cart_added")
    assert (cart["amount_fen"], cart["props"]["product_id"]) == (1250, "玫瑰精华")
    assert cart["props"]["at"] == "2026-01-02T03:04:05.005+08:00"
    view = next(item for item in items if item["event"] == "page_viewed")
    assert view["props"]["title"] == "Shop"
    assert view["context"]["$latest_search_keyword"] is None
    person = desk.person(mobile)
    assert {trait["name"]: trait["value"] for trait in person["traits"]}["skin"] == "油性"
    assert {one["type"] for one in person["identifiers"]} == {"user_id", "device", "mobile"}
    page.evaluate("0")  # lets the browser's messages in
    answers = [response for response in seen if "sensorsdata" not in response.url]
    assert {response.status for response in answers} == {200}
    if way == "image":
        assert {response.headers["content-type"] for response in answers} == {"image/gif"}


_EVENTS = ("page_viewed", "$SignUp", "cart_added", "$BindID")


def test_snippets_of_the_console_work_as_they_stand(
    desk: Desk, site: Callable[[str], str], page: Any, run_python: Run
) -> None:
    subprocess.run(["bash", "-ec", desk.snippet("sensors", "curl")], check=True, capture_output=True, timeout=30)
    desk.wait_for("u-1", "cart_added")
    run_python(desk.snippet("sensors", "sensors-python"))
    desk.wait_for("u-1", "cart_added", "order_paid")
    page.goto(site(desk.snippet("sensors", "sensors-web")))
    desk.wait_for("u-1", "cart_added", "order_paid", "page_viewed", "$SignUp", "cart_added")
