"""A draft tried out over the past tells what then really happened to the same graph, and touches nothing."""

from __future__ import annotations

from siyu.journeys import try_out
from siyu.kit import DAY, HOUR
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox
from tests.journeys.drawing import CART, END, draw, node, publish


def test_a_back_test_tells_what_happened(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    send = node("s", "send", channel="email", subject="主题", body="正文 {{unsubscribe_url}}")
    nodes = [
        CART,
        node("p", "split", branches=[{"name": "A", "percent": 50}]),
        node("w", "wait", minutes=60),
        node("v", "wait", minutes=120),
        send,
        END,
    ]
    lines = ["a>p", "p>w>A", "p>v", "w>s", "v>s", "s>z"]
    users = [f"u{number}" for number in range(12)]
    for place, user in enumerate(users):
        desk.customer(user, consent=place % 4 != 0)
    desk.clock.advance(5 * HOUR)
    rules = {"exit_events": ["order_paid"], "reentry": "always"}
    live = publish(desk, nodes, lines, **rules)
    for hour in range(6):
        desk.send(*[desk.track(user, "cart_added", total=hour) for user in users[hour::4]])
        desk.send(desk.track(users[hour], "order_paid", order_id=f"o{hour}", total=5))
        desk.later(hours=1)
    desk.later(hours=12)
    real = desk.get(f"/api/journeys/{live}")
    assert real["counts"]["sent"] == len(mailbox.received) > 3
    assert real["counts"]["exited"] > 0
    assert real["counts"]["refused"] > 0

    desk.clock.advance(DAY - 18 * HOUR)
    draft = draw(desk, nodes, lines, **rules)
    before = desk.get(f"/api/journeys/{draft}")
    test = desk.post(f"/api/journeys/{draft}/backtest", {"days": 1}, status=202)
    assert (test["state"], test["result"]) == ("waiting", None)
    assert try_out(desk.store) == 0
    [told] = desk.get(f"/api/journeys/{draft}/backtests")
    assert (told["state"], told["progress"]) == ("done", 1.0)
    result = told["result"]
    for name in ("entered", "done", "exited"):
        assert result[name] == real["counts"][name], name
    assert result["sends"] == real["counts"]["sent"]
    refused = {one["said"]: one["times"] for one in result["gate"] if one["said"] != "queued"}
    assert sum(refused.values()) == real["counts"]["refused"]
    assert "consent_missing" in refused
    edges = {(edge["node"], edge["branch"]): edge["runs"] for edge in result["edges"]}
    assert edges["a", "then"] == result["entered"]
    assert edges["p", "A"] + edges["p", "else"] == sum(real["nodes_counts"][id]["in"] for id in ("w", "v"))
    assert sum(hour["sends"] for hour in result["hours"]) == result["sends"]
    assert len(result["hours"]) > 3

    assert desk.get(f"/api/journeys/{draft}") == before
    desk.turn()
    assert real["counts"]["sent"] == len(mailbox.received)
    assert not list(desk.store.settings.data.glob("backtest-*"))


def test_what_could_not_be_published_is_not_tried(desk: Desk) -> None:
    draft = draw(desk, [CART, END], [])
    assert desk.client.post(f"/api/journeys/{draft}/backtest", json={"days": 1}).status_code == 422
    assert desk.client.get(f"/api/journeys/{draft}/backtests/bkt_x").status_code == 404
