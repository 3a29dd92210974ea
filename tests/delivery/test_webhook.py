"""The webhook channel against a strict receiver."""

from __future__ import annotations

from siyu.kit import HOUR
from tests.delivery.desk import Desk
from tests.delivery.peers import Receiver

_WEBHOOK = {"channel": "webhook", "subject": "主题", "coupon": "SPRING"}


def cart(desk: Desk, user: str) -> None:
    desk.customer(user)
    desk.send(desk.track(user, "cart_added"))
    desk.later(hours=1)


def test_a_signed_message_arrives_once(desk: Desk, receiver: Receiver) -> None:
    desk.webhook_channel(receiver)
    desk.journey(send=_WEBHOOK)
    cart(desk, "mei")
    [(key, body)] = receiver.taken.items()
    assert key == body["id"] == desk.messages(state="sent")[0]["id"]
    assert (body["person"], body["address"], body["coupon"]) == (desk.person("mei"), "mei", "SPRING")
    assert "SPRING" in body["text"]


def test_a_busy_receiver_is_tried_again_with_the_same_key(desk: Desk, receiver: Receiver) -> None:
    desk.webhook_channel(receiver)
    desk.journey(send=_WEBHOOK)
    receiver.answers = [(503, {}), (429, {"Retry-After": "7200"})]
    cart(desk, "mei")
    desk.later(minutes=1)
    assert [status for _, status in receiver.calls] == [503, 429]
    desk.later(hours=1)
    assert len(receiver.calls) == 2
    desk.later(hours=1)
    assert [status for _, status in receiver.calls] == [503, 429, 200]
    assert len({key for key, _ in receiver.calls}) == 1


def test_a_wrong_secret_is_refused_for_good(desk: Desk, receiver: Receiver) -> None:
    desk.webhook_channel(receiver, secret="another")
    desk.journey(send=_WEBHOOK)
    cart(desk, "mei")
    [message] = desk.messages()
    assert (message["state"], message["reason"]) == ("failed", "refused_by_peer")
    assert "401" in message["reason_text"]["zh"]
    desk.clock.advance(HOUR)
    desk.turn()
    assert len(receiver.calls) == 1


def test_a_receiver_that_cannot_be_reached(desk: Desk, receiver: Receiver) -> None:
    desk.webhook_channel(receiver, url="http://127.0.0.1:9/closed")
    desk.journey(send=_WEBHOOK)
    cart(desk, "mei")
    assert [(m["state"], m["reason"]) for m in desk.messages()] == [("queued", "no_peer")]
    desk.webhook_channel(receiver)
    desk.later(hours=1)
    assert len(receiver.taken) == 1
