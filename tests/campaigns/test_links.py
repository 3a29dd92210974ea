"""Tracked links: unguessable, lead where the message led, tell persons from programs, and bring orders home."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from siyu.kit import DAY
from tests.campaigns.shop import Shop
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"


class Sent(Shop):
    """A campaign that has gone out to some persons, a minute ago."""

    def __init__(self, desk: Desk, mailbox: Mailbox, count: int = 1, **plan: Any) -> None:
        super().__init__(desk, mailbox)
        self.people(count, city="上海")
        self.id = self.started(self.campaign(self.audience(), self.template(), **plan))
        self.turn()
        desk.clock.advance(60_000)
        self.codes: dict[str, str] = {}
        for letter in mailbox.received:
            text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            self.codes[str(letter["To"]).partition("@")[0]] = re.findall(r"/l/[a-z2-7]{16}", text)[0]

    def click(self, user: str, agent: str = PHONE, method: str = "GET", **headers: str) -> httpx.Response:
        sent = {"User-Agent": agent, **headers}
        client, keep = self.desk.client, dict(self.desk.client.headers)
        client.headers.pop("Authorization")
        try:
            return client.request(method, self.codes[user], headers=sent, follow_redirects=False)
        finally:
            client.headers.update(keep)

    def review(self) -> dict[str, Any]:
        self.turn()
        found: dict[str, Any] = self.desk.get(f"/api/reviews/{self.id}")
        return found


def test_a_link_leads_where_the_message_led_and_nowhere_else(desk: Desk, mailbox: Mailbox) -> None:
    sent = Sent(desk, mailbox)
    answer = sent.click("c0")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/new?from=%E4%B8%8A%E6%B5%B7")
    assert answer.headers["cache-control"] == "no-store"
    for wrong in ("/l/aaaaaaaaaaaaaaaa", f"{sent.codes['c0']}?url=https://evil.example", "/l/https:%2F%2Fevil.example"):
        other = desk.client.get(wrong, follow_redirects=False)
        assert "evil" not in other.headers.get("location", "")
        assert other.status_code == (302 if "?" in wrong else 404)


def test_a_click_is_an_event_of_the_person_and_the_message_is_clicked(desk: Desk, mailbox: Mailbox) -> None:
    sent = Sent(desk, mailbox)
    sent.click("c0")
    sent.turn()
    timeline = desk.get(f"/api/persons/{desk.person('c0')}/timeline")["items"]
    [clicked] = [one for one in timeline if one["event"] == "message_clicked"]
    assert (clicked["props"]["journey"], clicked["props"]["channel"]) == (sent.id, "email")
    assert desk.messages()[0]["receipt"] == "clicked"
    why = desk.get(f"/api/campaigns/{sent.id}/why/{desk.person('c0')}")
    assert [one["code"] for one in why["steps"]] == ["joined", "allowed", "sent", "clicked"]


@pytest.mark.parametrize(
    ("agent", "method", "headers", "why"),
    [
        (PHONE, "HEAD", {}, "method"),
        (PHONE, "GET", {"Sec-Purpose": "prefetch"}, "prefetch"),
        ("", "GET", {}, "no_agent"),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", "GET", {}, "agent"),
        ("python-requests/2.32", "GET", {}, "agent"),
    ],
)
def test_programs_are_kept_apart(
    desk: Desk, mailbox: Mailbox, agent: str, method: str, headers: dict[str, str], why: str
) -> None:
    sent = Sent(desk, mailbox)
    assert sent.click("c0", agent, method, **headers).status_code == 302
    review = sent.review()
    assert (review["clicks"], review["scans"], review["clicked"]) == (0, 1, 0)
    timeline = desk.get(f"/api/persons/{desk.person('c0')}/timeline")["items"]
    [scanned] = [one for one in timeline if one["event"] == "link_scanned"]
    assert scanned["props"]["why"] == why
    sent.click("c0")
    assert sent.review()["clicked"] == 1


def test_a_click_within_a_second_of_the_send_and_one_from_a_scanners_network_are_programs(
    desk: Desk, mailbox: Mailbox
) -> None:
    sent = Sent(desk, mailbox, 1)
    desk.policy("*", "machines", {"networks": ["127.0.0.0/8"], "seconds": 120})
    sent.click("c0")
    review = sent.review()
    assert (review["clicks"], review["scans"]) == (0, 1)


def test_an_order_belongs_to_the_last_click_within_the_window(desk: Desk, mailbox: Mailbox) -> None:
    desk.policy("*", "cap", {})
    first = Sent(desk, mailbox, 4)
    for user in ("c0", "c1", "c3"):
        first.click(user)
    desk.clock.advance(DAY)
    mailbox.received.clear()
    second = Sent(desk, mailbox, 4)
    second.click("c1")
    desk.clock.advance(60_000)
    for user in ("c0", "c1", "c2"):
        order = {"order_id": f"o-{user}", "revenue": 99.5, "quantity": 2}
        desk.send(desk.track(user, "order_paid", **order))
    desk.clock.advance(8 * DAY)
    desk.send(desk.track("c3", "order_paid", order_id="o-late", revenue=500, quantity=1))
    for sent in (first, second):
        review = sent.review()
        assert (review["orders"], review["units"], review["gmv"]) == (1, 2, 9_950)
        assert sum(review["hours"]) == review["clicks"]


def test_a_review_shows_lift_bad_signals_and_the_next_action_and_is_a_file(desk: Desk, mailbox: Mailbox) -> None:
    sent = Sent(desk, mailbox, 80, holdout=30)
    users = list(sent.codes)
    for user in users[:20]:
        desk.send(desk.track(user, "order_paid", order_id=f"o-{user}", revenue=10))
    desk.send(desk.track(users[0], "complained", channel="email"))
    review = sent.review()
    assert review["lift"]["treated"] == review["participants"] == len(users)
    assert review["lift"]["held_out"] == review["holdout"] == 80 - len(users)
    assert (review["lift"]["treated_converted"], review["lift"]["held_out_converted"]) == (20, 0)
    assert review["lift"]["lift"] is None
    assert review["ratio"]["off"] is False
    assert [(one["code"], one["count"]) for one in review["negative"]] == [("complained", 1)]
    decided = desk.client.put(f"/api/reviews/{sent.id}", json={"next_action": "=下次换周三发"})
    assert decided.json()["next_action"] == "=下次换周三发"
    csv = desk.client.get(f"/api/reviews/{sent.id}/export?format=csv")
    assert csv.headers["content-type"].startswith("text/csv")
    assert "'=下次换周三发" in csv.content.decode("utf-8-sig")
    book = desk.client.get(f"/api/reviews/{sent.id}/export?format=xlsx")
    assert book.content[:2] == b"PK"
    assert desk.client.get("/api/reviews/cmp_none").status_code == 404
    assert desk.client.get("/api/reviews/jrn_none").status_code == 404


def test_the_review_of_a_journey_counts_from_its_own_holdout(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.journey(holdout={"percent": 40})
    for number in range(20):
        desk.customer(f"u{number}")
    desk.send(*[desk.track(f"u{number}", "cart_added", product_name="茶") for number in range(20)])
    desk.turn()
    desk.later(hours=2)
    review = desk.get(f"/api/reviews/{id}")
    assert review["kind"] == "journey"
    assert review["participants"] == 20
    assert review["reached"] == len(mailbox.received) == review["lift"]["treated"]
    assert review["holdout"] == 20 - len(mailbox.received)
