"""The GrowingIO client, unmodified, with each of its consumers."""

from __future__ import annotations

from typing import Any

import pytest
from growingio_tracker import BufferedConsumer, DefaultConsumer, GrowingTracker

from tests.collect.clients.conftest import Desk


@pytest.mark.parametrize("consumer", [DefaultConsumer, BufferedConsumer])
def test_python(desk: Desk, consumer: Any) -> None:
    user = f"gio-{consumer.__name__}"
    made = consumer(desk.key("growingio"), "siyu", f"{desk.url}/")  # a slash too many becomes //v3
    client = GrowingTracker.consumer(made)
    known = {"city": "上海", "likes": ["a", "b"]}
    client.track_user(login_user_id=user, anonymous_id=f"{user}-device", attributes=known)
    client.track_custom_event("AddToCart", login_user_id=user, attributes={"product_id": "S1", "price": 9.9})
    client.track_custom_event("Browse", anonymous_id=f"{user}-device")
    order = {"order_id": f"{user}-1", "order_amount": 258.5}
    client.track_custom_event("PayOrder", login_user_key="$basic_userId", login_user_id=user, attributes=order)
    client.submit_item("product", "S1", {"name": "精华"})
    if consumer is BufferedConsumer:
        made.flush()
    items = desk.wait_for(user, "cart_added", "Browse", "order_paid")
    assert (items[0]["amount_fen"], items[2]["amount_fen"]) == (990, 25850)
    traits = {trait["name"]: trait["value"] for trait in desk.person(user)["traits"]}
    assert (traits["city"], traits["likes"]) == ("上海", ["a", "b"])


def test_the_snippet_of_the_console_runs(desk: Desk, run_python: Any) -> None:
    run_python(desk.snippet("growingio", "growingio-python"))
    [order] = desk.wait_for("13812345678", "order_paid")
    assert order["amount_fen"] == 25800
