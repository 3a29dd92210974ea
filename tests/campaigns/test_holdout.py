"""The global holdout: sticky, refused by the gate alone, told of, and its worth reported."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.experiments import arm_of
from siyu.kit import DAY
from tests.campaigns.shop import Shop
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def held(desk: Desk, user: str, percent: float, salt: str = "1") -> bool:
    return bool(arm_of(salt, desk.number(user), (("held", percent), ("", 100 - percent))))


def test_a_campaign_and_a_journey_leave_it_out_and_a_service_notice_does_not(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    users = shop.people(40)
    desk.put("/api/holdout", {"percent": 30})
    out = {user for user in users if held(desk, user, 30)}
    assert 3 <= len(out) <= 25
    id = shop.campaign(shop.audience(), shop.template())
    seen = desk.post(f"/api/campaigns/{id}/estimate", status=200)
    assert (seen["reach"], {one["code"]: one["count"] for one in seen["refusals"]}) == (
        40 - len(out),
        {"global_holdout": len(out)},
    )
    shop.started(id)
    shop.turn()
    assert set(mailbox.recipients) == {f"{user}@example.com" for user in set(users) - out}
    one = desk.person(min(out))
    why = desk.get(f"/api/campaigns/{id}/why/{one}")
    assert why["verdict"]["code"] == "refused"
    assert "全局对照组里（30" in str(why["steps"])

    mailbox.recipients.clear()
    desk.policy("*", "cap", {"day": 9})
    marketing, service = desk.journey(), desk.journey(send={"service": True})
    desk.send(desk.track(min(out), "cart_added"))
    desk.later(hours=1)
    assert "global_holdout" in str(desk.get(f"/api/persons/{one}/trace", journey_id=marketing))
    assert desk.trace(min(out), service)[0] == "message_sent"
    assert mailbox.recipients == [f"{min(out)}@example.com"]


def test_who_may_set_it_and_that_it_is_written_down(desk: Desk) -> None:
    began = desk.put("/api/holdout", {"percent": 5})["since"]
    desk.clock.advance(DAY)
    assert desk.put("/api/holdout", {"percent": 5})["since"] == began
    assert desk.put("/api/holdout", {"percent": 6})["since"] > began, "the report begins anew"
    assert desk.client.put("/api/holdout", json={"percent": 51}, headers={"If-Match": '"3"'}).status_code == 422
    assert desk.client.put("/api/holdout", json={"percent": 4}, headers={"If-Match": '"1"'}).status_code == 412
    assert "holdout.change" in {entry["action"] for entry in desk.get("/api/audit")["items"]}


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_only_an_administrator_sets_it(sign_in_as: Any, role: str) -> None:
    client = sign_in_as(role)
    assert client.get("/api/holdout").status_code == 200
    assert client.put("/api/holdout", json={"percent": 5}).status_code == 403


def test_everyone_against_the_holdout(desk: Desk) -> None:
    now = desk.clock.now_ms()
    users = [f"c{number}" for number in range(600)]

    def orders(at: int, name: str, revenue: Any) -> None:
        desk.send(*(
            desk.track(user, "order_paid", at, order_id=f"{name}{user}", revenue=revenue(number, user))
            for number, user in enumerate(users)
        ))  # fmt: skip

    desk.send(*(desk.identify(user, vip=True) for user in users))
    orders(now - 5 * DAY, "before", lambda number, _: 10 * (number % 10) + 1)
    desk.put("/api/holdout", {"percent": 40, "salt": "autumn"})
    out = {user for user in users if held(desk, user, 40, "autumn")}
    assert desk.get("/api/holdout/report", days=7)["revenue"] is None, "nobody's seven days are over"
    desk.clock.advance(8 * DAY)
    orders(now + DAY, "after", lambda number, user: 10 * (number % 10) + number % 7 + (30 if user in out else 80))
    found = desk.get("/api/holdout/report", days=7)
    revenue, bought = found["revenue"], found["orders"]
    assert (revenue["treated"], revenue["held_out"]) == (600 - len(out), len(out)), "as the gate draws them"
    assert revenue["history"] > 0.95
    assert revenue["sure"]
    assert revenue["low"] <= 5_000 <= revenue["high"]
    assert (bought["treated_mean"], bought["held_out_mean"], bought["sure"]) == (1, 1, False)
    assert not found["ratio"]["off"]
