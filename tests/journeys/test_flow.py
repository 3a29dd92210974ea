"""What is told about a journey that runs: which way people went, why messages were held back, its versions."""

from __future__ import annotations

from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def test_branches_and_refusals_are_counted_where_they_happen(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.journey()
    desk.customer("mei")
    desk.customer("lan", consent=False)
    desk.send(*(desk.track(who, "cart_added") for who in ("mei", "lan")))
    desk.later(hours=1)
    counts = desk.get(f"/api/journeys/{id}")["nodes_counts"]
    assert counts["wait"]["branches"] == {"then": 2}
    assert counts["holdout"]["branches"] == {"then": 2}
    assert counts["send"]["branches"] == {"then": 2}
    assert counts["send"]["refused"] == {"consent_missing": 1}
    assert counts["end"]["branches"] == {}


def test_versions_stay_as_they_were_published(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.journey()
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    graph = desk.get(f"/api/journeys/{id}")["graph"]
    first = desk.get(f"/api/journeys/{id}/versions")
    graph["nodes"][1]["config"]["minutes"] = 120
    desk.put(f"/api/journeys/{id}", {"name": "两版", "graph": graph})
    desk.post(f"/api/journeys/{id}/publish", {"inside": "finish"})
    second, kept = desk.get(f"/api/journeys/{id}/versions")
    assert [kept] == first
    assert (second["number"], second["inside"], second["graph"]) == (2, 0, graph)
    assert (kept["number"], kept["inside"], kept["published_by"]) == (1, 1, "desk")


def test_what_an_sdk_tells_in_one_batch_cuts_the_wait_short(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.journey(wait={"minutes": 60, "until": ["checkout_started", "cart_added"]})
    for who in ("mei", "lan"):
        desk.customer(who)
    told = [("mei", "cart_added"), ("mei", "checkout_started"), ("lan", "cart_added")]
    desk.send(*(desk.track(who, event) for who, event in told))
    desk.turn()
    flow = desk.get(f"/api/journeys/{id}")["nodes_counts"]["wait"]
    assert (flow["in"], flow["waiting"], flow["out"]) == (2, 1, 1), "what began the journey does not end its wait"
    assert "happened" in desk.trace("mei", id)[1]
