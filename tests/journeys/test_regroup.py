"""Runs and messages through merges and splits: nothing is sent twice, and everything stays with whom it belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.kit import MINUTE
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def anonymous(desk: Desk, event: str) -> dict[str, Any]:
    return desk._item("track", None, anonymousId="tab", event=event, properties={})


def log_in(desk: Desk, user: str) -> None:
    desk.send(desk._item("track", None, userId=user, anonymousId="tab", event="page_viewed", properties={}))
    desk.turn()


def claim(desk: Desk, user: str) -> None:
    """It turns out that the device was somebody else's first: it goes over to them."""
    long_ago = desk.clock.now_ms() - 600 * MINUTE
    desk.send(desk._item("track", long_ago, userId=user, anonymousId="tab", event="page_viewed", properties={}))
    desk.turn()


@pytest.fixture
def journey(desk: Desk, mailbox: Mailbox) -> str:
    desk.mail_channel(mailbox)
    made = desk.journey()
    desk.customer("ann")
    desk.customer("bob")
    desk.send(anonymous(desk, "cart_added"))
    desk.later(minutes=1)
    desk.send(desk.track("ann", "cart_added"))
    desk.later(minutes=1)
    log_in(desk, "ann")
    return made


def test_two_runs_become_one(desk: Desk, mailbox: Mailbox, journey: str) -> None:
    counts = desk.get(f"/api/journeys/{journey}")["counts"]
    assert (counts["entered"], counts["waiting"], counts["exited"]) == (2, 1, 1)
    desk.later(hours=3)
    assert mailbox.recipients == ["ann@example.com"]


def test_after_a_split_each_run_goes_its_way_and_none_twice(desk: Desk, mailbox: Mailbox, journey: str) -> None:
    claim(desk, "bob")
    runs = desk.get(f"/api/journeys/{journey}/runs")["items"]
    assert {(run["person"], run["state"], run["outcome"]) for run in runs} == {
        (desk.person("bob"), "waiting", None),
        (desk.person("ann"), "exited", "merged"),
    }
    assert desk.trace("ann", journey)[0] == "merged"
    desk.later(hours=3)
    assert mailbox.recipients == ["bob@example.com"]
    desk.send(desk.track("ann", "cart_added"))
    desk.later(hours=3)
    assert len(mailbox.recipients) == 1, "the run that was absorbed still counts as one she has had"


def test_a_message_stays_with_whom_it_was_sent_to(desk: Desk, mailbox: Mailbox, journey: str) -> None:
    desk.later(hours=3)
    [message] = desk.messages()
    claim(desk, "bob")
    [message] = desk.messages()
    assert (message["person"], message["state"]) == (desk.person("ann"), "sent")
    assert desk.get(f"/api/persons/{desk.person('bob')}/messages")["items"] == []


def test_leaving_by_a_link_goes_with_the_address(desk: Desk, mailbox: Mailbox, journey: str) -> None:
    desk.later(hours=3)
    [mail] = mailbox.received
    link = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://127.0.0.1:8300")
    claim(desk, "bob")
    assert desk.client.post(link, data={"List-Unsubscribe": "One-Click"}).is_success
    desk.turn()
    said = {user: desk.get(f"/api/persons/{desk.person(user)}")["consent"][0]["state"] for user in ("ann", "bob")}
    assert said == {"ann": "withdrawn", "bob": "granted"}
