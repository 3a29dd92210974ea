"""Every template, in both languages, can be published once its channel is on, and runs."""

from __future__ import annotations

import pytest

from siyu.journeys.templates import TEMPLATES
from siyu.kit import DAY
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_template_can_be_published_with_its_channel_on(desk: Desk, mailbox: Mailbox, language: str) -> None:
    offered = desk.get("/api/journeys/templates")
    assert [one["name"] for one in offered] == list(TEMPLATES)
    ids = {}
    for one in offered:
        wanted = one["audience"]
        audience = (
            desk.post("/api/audiences", {"name": wanted["label"]["zh"], "rule": wanted["rule"]})["id"] if wanted else ""
        )
        body = {"name": one["name"], "template": one["name"], "language": language, "audience": audience}
        ids[one["name"]] = desk.post("/api/journeys", body)["id"]
        problems = desk.post(f"/api/journeys/{ids[one['name']]}/check")["problems"]
        assert {problem["code"] for problem in problems} == {"channel_off"}, one["name"]
    desk.mail_channel(mailbox)
    for name, id in ids.items():
        assert desk.post(f"/api/journeys/{id}/check")["problems"] == [], name
        assert desk.post(f"/api/journeys/{id}/publish", {})["state"] == "live"


def test_a_template_without_its_audience_says_so_on_the_trigger(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.post("/api/journeys", {"name": "召回", "template": "win_back"})["id"]
    [problem] = desk.post(f"/api/journeys/{id}/check")["problems"]
    assert problem["node"] == "silent"


def test_texts_are_written_in_one_language(desk: Desk) -> None:
    for name in TEMPLATES:
        id = desk.post("/api/journeys", {"name": name, "template": name, "language": "en"})["id"]
        graph = desk.client.get(f"/api/journeys/{id}").text
        assert not [sign for sign in graph if "\u4e00" <= sign <= "\u9fff"], name


def test_friend_first_or_group_first_ends_with_both(desk: Desk, mailbox: Mailbox) -> None:
    """Half goes each way, and whoever does both comes to the goal by either."""
    desk.mail_channel(mailbox)
    id = desk.post("/api/journeys", {"name": "顺序", "template": "friend_and_group"})["id"]
    desk.post(f"/api/journeys/{id}/publish", {})
    people = [f"p{number}" for number in range(12)]
    for person in people:
        desk.customer(person)
    desk.send(*(desk.track(person, "order_paid", order_id=person, total=99) for person in people))
    desk.turn()
    desk.send(*(desk.track(person, event) for person in people for event in ("wecom_friend_added", "group_joined")))
    desk.turn()
    desk.clock.advance(DAY)
    desk.send(*(desk.track(person, event) for person in people for event in ("wecom_friend_added", "group_joined")))
    desk.turn()
    journey = desk.get(f"/api/journeys/{id}")
    counts = journey["nodes_counts"]
    assert counts["a_friend"]["in"] + counts["b_group"]["in"] == 12
    assert 0 < counts["a_friend"]["in"] < 12
    assert counts["both"]["in"] == 12
