"""Other systems hear of merges, audiences and events: signed, in order, at least once, never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from siyu.kit import DAY, HOUR, MINUTE, SECOND
from siyu.webhooks import Courier
from tests.delivery.desk import Desk
from tests.delivery.fixtures import desk, receiver
from tests.delivery.peers import Receiver

__all__ = ["desk", "receiver"]

Listen = Callable[..., str]


@pytest.fixture
def listen(desk: Desk, receiver: Receiver) -> Listen:
    """Make the receiver hear of some topics; answers the endpoint's path."""

    def listening(*topics: str, events: list[str] | None = None) -> str:
        wanted = {"name": "中台", "url": receiver.url, "topics": list(topics), "events": events or []}
        made = desk.post("/api/webhooks", wanted)
        receiver.secret = made["secret"]
        return f"/api/webhooks/{made['id']}"

    return listening


def post_all(desk: Desk) -> None:
    courier = Courier(desk.store)
    while courier.step() == 0:
        pass


def heard(receiver: Receiver) -> list[tuple[str, dict[str, Any]]]:
    return [(body["type"], body["data"]) for body in receiver.taken.values()]


def test_a_merge_is_told_with_both_names(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    listen("person.merged", "person.split")
    desk.send(desk.identify("mei", email="mei@example.com"))
    desk.send(desk._item("identify", None, anonymousId="phone-1", traits={"mobile": "13712345678"}))
    keep, gone = desk.person("mei"), desk.get("/api/persons", q="13712345678")["items"][0]["id"]
    desk.send(desk.identify("mei", mobile="13712345678"))
    post_all(desk)
    assert heard(receiver) == [("person.merged", {"person": keep, "absorbed": gone})]


def test_events_and_audiences_are_told_to_those_who_asked(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    rule = {"all": [{"event": "cart_added", "aggregate": "count", "op": "gte", "value": 1}]}
    audience = desk.post("/api/audiences", {"name": "加购", "rule": rule})["id"]
    listen("audience.entered", "event", events=["cart_added"])
    mei = desk.customer("mei")
    desk.send(desk.track("mei", "cart_added", name="精华", mobile="13812348888"), desk.track("mei", "page_viewed"))
    post_all(desk)
    (_, event), (_, entered) = sorted(heard(receiver), key=lambda one: one[0], reverse=True)
    assert (event["event"], event["person"], event["properties"]["name"]) == ("cart_added", mei, "精华")
    assert entered == {"audience": audience, "person": mei}


def test_what_is_personal_is_masked_in_the_log(desk: Desk, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    desk.send(desk.track("mei", "cart_added", mobile="13812348888"))
    [kept] = desk.get(f"{path}/deliveries")["items"]
    assert kept["body"]["data"]["properties"]["mobile"] == "138****8888"


def test_a_receiver_that_is_down_gets_everything_later_in_order(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    receiver.answers = [(503, {}), (500, {})]
    for number in range(5):
        desk.send(desk.track("mei", "cart_added", number=number))
    post_all(desk)
    assert [status for _, status in receiver.calls] == [503]
    [state] = desk.get("/api/webhooks")["items"]
    assert (state["waiting"], state["failing_since"] is not None) == (5, True)
    desk.clock.advance(9 * SECOND)
    post_all(desk)
    assert len(receiver.calls) == 1
    desk.clock.advance(2 * MINUTE)
    post_all(desk)
    desk.clock.advance(2 * MINUTE)
    post_all(desk)
    assert [data["properties"]["number"] for _, data in heard(receiver)] == [0, 1, 2, 3, 4]
    assert desk.get(path)["failing_since"] is None


def test_after_three_days_it_is_given_up_and_can_be_replayed(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    receiver.answers = [(500, {})] * 200
    desk.send(desk.track("mei", "cart_added"))
    for _ in range(30):
        post_all(desk)
        desk.clock.advance(6 * HOUR)
    [kept] = desk.get(f"{path}/deliveries", state="failed")["items"]
    assert kept["answer"].startswith("500")
    calls, receiver.answers = len(receiver.calls), []
    post_all(desk)
    assert len(receiver.calls) == calls
    assert desk.post(f"{path}/replay", {}) == {"deliveries": 1}
    post_all(desk)
    assert list(receiver.taken) == [kept["id"]]
    assert desk.get(f"{path}/deliveries")["items"][0]["state"] == "sent"
    desk.post(f"{path}/replay", {"ids": [kept["id"]]})
    post_all(desk)
    assert [key for key, _ in receiver.calls[-2:]] == [kept["id"]] * 2
    assert len(receiver.taken) == 1


def test_old_post_is_forgotten_but_never_what_waits(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    desk.send(desk.track("mei", "cart_added"))
    post_all(desk)
    desk.client.patch(path, json={"enabled": False}, headers={"If-Match": '"1"'})
    desk.clock.advance(31 * DAY)
    post_all(desk)
    assert desk.get(f"{path}/deliveries")["items"] == []


def test_a_new_secret_signs_what_waits(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    desk.send(desk.track("mei", "cart_added"))
    receiver.secret = desk.post(f"{path}/secret")["secret"]
    post_all(desk)
    assert len(receiver.taken) == 1
    assert desk.get(path)["secret"] is None


def test_switched_off_it_hears_nothing_new(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    assert desk.client.patch(path, json={"enabled": False}, headers={"If-Match": '"1"'}).json()["enabled"] is False
    desk.send(desk.track("mei", "cart_added"))
    post_all(desk)
    assert receiver.calls == []
    assert desk.client.delete(path).status_code == 204
    assert desk.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"topics": []}, "topics"),
        ({"topics": ["person.born"]}, "topics"),
        ({"name": ""}, "name"),
    ],
)
def test_a_bad_endpoint_is_refused_by_its_field(desk: Desk, wanted: dict[str, Any], field: str) -> None:
    good = {"name": "中台", "url": "https://example.com/hook", "topics": ["person.merged"]}
    answer = desk.client.post("/api/webhooks", json=good | wanted)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["field"].startswith(field)


def test_an_internal_address_is_never_called(desk: Desk, receiver: Receiver, listen: Listen) -> None:
    path = listen("event", events=["cart_added"])
    desk.store.settings = msgspec.structs.replace(desk.store.settings, allow_private_outbound=False)
    desk.send(desk.track("mei", "cart_added"))
    post_all(desk)
    assert receiver.calls == []
    [kept] = desk.get(f"{path}/deliveries")["items"]
    assert "internal address" in kept["answer"]
