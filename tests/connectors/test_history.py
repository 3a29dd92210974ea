"""Past orders of every shop that has them: what is read and what is pushed count once, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from siyu.connectors.registry import connectors
from siyu.vendors import doudian
from tests.connectors.hub import Hub
from tests.connectors.shops import DouyinShop, WechatShop, YouzanShop

Shop = YouzanShop | DouyinShop | WechatShop
KINDS = [YouzanShop, DouyinShop, WechatShop]
SOLD, DAY = 111, 86_400


@pytest.fixture(params=KINDS, ids=lambda kind: kind.connector)
def shop(request: pytest.FixtureRequest, hub: Hub) -> Iterator[Shop]:
    made: Shop = request.param()
    now = hub.now()
    for number in range(SOLD):
        days = 4 if number % 20 else number // 20 * 3 + 1
        made.sell(number + 1, f"buyer-{number % 7}", now - days * DAY - number * 60, 1000 + number, number % 10 != 9)
    for number in range(0, SOLD, 5):
        made.refund(number + 1, f"7{number:03}", 100 + number)
    yield made
    made.close()


def counted(hub: Hub) -> dict[str, int]:
    rows = hub.desk.store.events.query("SELECT event, count() FROM events GROUP BY event", {})
    return {str(event): int(number) for event, number in rows}


def by_buyer(hub: Hub, shop: Shop) -> dict[str, tuple[int, int, int]]:
    """Buyer → orders, fen, fen given back."""
    found = {}
    for number in range(7):
        ref = hub.ref(shop.kind, f"buyer-{number}")
        rows = hub.desk.get(f"/api/persons/{ref}/orders", limit=100)["items"]
        spent, back = (sum(row[name] for row in rows) for name in ("amount_fen", "refunded_fen"))
        found[f"buyer-{number}"] = (len(rows), spent, back)
    return found


def wanted(shop: Shop) -> dict[str, tuple[int, int, int]]:
    found: dict[str, Counter[str]] = {}
    for one in shop.orders.values():
        if one.paid:
            found.setdefault(one.buyer, Counter()).update(orders=1, fen=one.fen, back=sum(one.refunds.values()))
    return {buyer: (sums["orders"], sums["fen"], sums["back"]) for buyer, sums in found.items()}


def test_what_is_read_and_what_is_pushed_count_once(hub: Hub, shop: Shop) -> None:
    install = hub.install(shop.connector, **shop.config())
    shop.push_paid(hub, install, 1)
    shop.push_refund(hub, install, 1, "7000")
    hub.turn()

    def meanwhile(page: int) -> None:
        if page == 2:
            shop.expire()
        if page == 3:
            shop.limits = 2
            shop.push_paid(hub, install, 3)
            shop.push_paid(hub, install, SOLD)

    shop.on_page = meanwhile
    done = hub.pull(install, "orders", seconds=24 * 3600)
    assert (done["state"], done["error"]) == ("done", "")
    shop.push_refund(hub, install, 6, "7005")
    hub.turn()
    everything = {"order_paid": sum(one.paid for one in shop.orders.values())}
    everything["order_refunded"] = sum(len(one.refunds) for one in shop.orders.values())
    assert counted(hub) == everything
    assert by_buyer(hub, shop) == wanted(shop)
    shop.on_page = None
    assert hub.pull(install, "orders")["state"] == "done"
    assert counted(hub) == everything


def test_a_history_tells_how_far_it_is_and_goes_on_where_it_stopped(hub: Hub, shop: Shop) -> None:
    install = hub.install(shop.connector, **shop.config())
    hub.desk.post(f"/api/connectors/{install['id']}/pulls/orders")
    seen: list[float] = []

    def stop(page: int) -> None:
        [standing] = hub.show(install)["pulls"]
        seen.append(standing["share"])
        if page == 4:
            id, version = install["id"], hub.show(install)["version"]
            patch = {"json": {"paused": True}, "headers": {"If-Match": f'"{version}"'}}
            assert hub.desk.client.patch(f"/api/connectors/{id}", **patch).status_code == 200

    shop.on_page = stop
    while shop.pages < 4:
        hub.turn()
        hub.desk.clock.advance(60_000)
    hub.turn()
    assert shop.pages == 4
    version = hub.show(install)["version"]
    patch = {"json": {"paused": False}, "headers": {"If-Match": f'"{version}"'}}
    hub.desk.client.patch(f"/api/connectors/{install['id']}", **patch)
    done = hub.wait(install, "orders", 24 * 3600)
    assert done["state"] == "done"
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert 0 < seen[-1] < 1
    assert counted(hub)["order_paid"] == sum(one.paid for one in shop.orders.values())


def test_a_history_keeps_to_the_calls_a_minute_the_vendor_allows(hub: Hub, shop: Shop) -> None:
    install, begun = hub.install(shop.connector, **shop.config()), hub.desk.clock.now_ms()
    seen: list[tuple[int, int]] = []
    shop.on_page = lambda _page: seen.append((hub.desk.clock.now_ms(), len(shop.calls)))
    assert hub.pull(install, "orders")["state"] == "done"
    [pull] = connectors()[shop.connector].pulls
    at, calls = seen[-1]
    most_a_step = max(later - earlier for (_, earlier), (_, later) in pairwise([(begun, 0), *seen]))
    assert len(seen) > 3
    assert calls - most_a_step <= pull.per_minute * (at - begun) / 60_000


@pytest.mark.parametrize("shop", [YouzanShop], indirect=True, ids=["youzan"])
def test_a_window_with_more_than_its_pages_show_is_halved(hub: Hub, shop: Any) -> None:
    install = hub.install(shop.connector, **shop.config())
    shop.crowded = 5 * DAY
    assert hub.pull(install, "orders")["state"] == "done"
    assert counted(hub)["order_paid"] == sum(one.paid for one in shop.orders.values())


@pytest.mark.parametrize("kind", [YouzanShop, DouyinShop])
def test_without_a_shop_nothing_is_read_and_the_console_says_what_is_missing(hub: Hub, kind: type[Any]) -> None:
    made = kind()
    install = hub.install(made.connector, **(made.config() | {"kdt_id": ""} if kind is YouzanShop else
                                             made.config() | {"shop_id": ""}))  # fmt: skip
    stopped = hub.pull(install, "orders")
    assert stopped["state"] == "failed"
    assert "Fill in" in stopped["error"]
    assert made.calls == []
    made.close()


def test_calls_of_douyin_shop_are_signed_as_anothers_client_signs_them() -> None:
    """The digest a Java client's own tests expect for these."""
    wanted = "8a5350b8fdacaa753c0885ab9859d382a31de4add09c6943c1d34298bd2165f1"
    body = '{"page":0,"size":100}'
    assert doudian.sign("appkey123", "secret123", "order.searchList", body, "1800000000") == wanted
