"""Segment's and RudderStack's own clients, unmodified: what they send is on the right person's timeline."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

from tests.collect.clients.conftest import Desk

Run = Callable[[str], None]


def test_segment_python(desk: Desk) -> None:
    failures: list[Exception] = []
    client = segment.Client(desk.key("segment"), host=desk.url, on_error=lambda error, _: failures.append(error))
    client.identify("sp-1", {"name": "张小美", "phone": "13912340001"})
    client.page("sp-1", "Shop", "Home", {"url": "https://shop.example/"})
    client.track("sp-1", "Product Added", {"product_id": "S1", "price": 129.0, "quantity": 2})
    client.track("sp-1", "Order Completed", {"order_id": "SP1", "revenue": 258.0, "currency": "CNY"})
    client.shutdown()
    assert failures == []
    items = desk.wait_for("13912340001", "page_viewed", "cart_added", "order_paid")
    assert [item["amount_fen"] for item in items] == [0, 25800, 25800]
    assert desk.person("sp-1")["revenue_fen"] == 25800


def test_segment_python_gzipped_and_joined_by_alias(desk: Desk) -> None:
    client = segment.Client(desk.key("segment"), host=desk.url, gzip=True)
    client.track(None, "Product Viewed", anonymous_id="anon-sp-2")
    client.alias("anon-sp-2", "sp-2")
    client.track("sp-2", "Product Added", {"price": 1})
    client.shutdown()
    desk.wait_for("sp-2", "product_viewed", "cart_added")
    assert desk.timeline("anon-sp-2") == desk.timeline("sp-2")


def test_rudder_python(desk: Desk) -> None:
    failures: list[Exception] = []
    client = rudder.Client(desk.key("segment"), host=desk.url, gzip=True, on_error=lambda e, _: failures.append(e))
    client.identify("rp-1", {"email": "rp1@example.com"})
    client.track("rp-1", "Order Completed", {"order_id": "RP1", "revenue": 99.9})
    client.shutdown()
    assert failures == []
    items = desk.wait_for("rp1@example.com", "order_paid")
    assert items[0]["amount_fen"] == 9990


def test_segment_node(desk: Desk, run_node: Run) -> None:
    run_node(f"""
        import {{ Analytics }} from "@segment/analytics-node";
        const analytics = new Analytics({{ writeKey: "{desk.key("segment")}", host: "{desk.url}", flushAt: 3 }});
        const failures = [];
        analytics.on("error", (error) => failures.push(error));
        analytics.identify({{ userId: "sn-1", traits: {{ phone: "13912340003" }} }});
        for (const n of [1, 2, 3, 4]) {{
          const timestamp = new Date(Date.now() - 60000 + n * 1000);
          analytics.track({{ userId: "sn-1", event: `Step ${{n}}`, timestamp }});
        }}
        const who = {{ anonymousId: "anon-sn-1", userId: "sn-1" }};
        analytics.track({{ ...who, event: "Product Added", properties: {{ price: 5 }} }});
        await analytics.closeAndFlush();
        if (failures.length) throw failures[0];
    """)
    desk.wait_for("13912340003", "Step 1", "Step 2", "Step 3", "Step 4", "cart_added")
    assert desk.timeline("anon-sn-1") == desk.timeline("sn-1")


def test_rudder_node(desk: Desk, run_node: Run) -> None:
    run_node(f"""
        import RudderAnalytics from "@rudderstack/rudder-sdk-node";
        const client = new RudderAnalytics("{desk.key("segment")}", {{ dataPlaneUrl: "{desk.url}", gzip: true }});
        client.identify({{ userId: "rn-1", traits: {{ phone: "13912340004" }} }});
        client.track({{ userId: "rn-1", event: "Product Added", properties: {{ price: 129 }} }});
        await new Promise((done, fail) => client.flush((error) => (error ? fail(error) : done())));
        process.exit(0);
    """)
    items = desk.wait_for("13912340004", "cart_added")
    assert items[0]["amount_fen"] == 12900


def test_every_snippet_of_the_console_works_as_it_stands(desk: Desk, run_python: Run, run_node: Run) -> None:
    subprocess.run(["bash", "-ec", desk.snippet("segment", "curl")], check=True, capture_output=True, timeout=30)
    desk.wait_for("u-1", "cart_added")
    run_python(desk.snippet("segment", "segment-python"))
    desk.wait_for("13812345678", "cart_added", "order_paid")
    run_python(desk.snippet("segment", "rudder-python") + "\nrudder_analytics.shutdown()")
    run_node(desk.snippet("segment", "segment-node"))
    desk.wait_for("13812345678", "cart_added", "order_paid", "cart_added")
    run_node(desk.snippet("segment", "rudder-node"))
    desk.wait_for("13812345678", "cart_added", "order_paid", "cart_added", "cart_added")
