"""The abandoned-cart journey from event to mail, through the product's own doors only."""

from __future__ import annotations

from siyu.kit import DAY, HOUR, MINUTE
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def test_a_cart_left_alone_gets_exactly_one_mail(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei", name="小美")
    desk.send(desk.track("mei", "Product Added", name="玫瑰精华"))
    desk.turn()
    assert mailbox.received == []
    assert desk.trace("mei", journey) == ("waiting", ["entered", "waits"])

    desk.later(minutes=59)
    assert mailbox.received == []
    desk.later(minutes=1)
    [mail] = mailbox.received
    assert mailbox.recipients == ["mei@example.com"]
    assert mail["Subject"] == "小美，购物车里的好物还在等你"
    assert "玫瑰精华" in mail.get_body(("plain",)).get_content()

    desk.later(hours=2)
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=2)
    assert len(mailbox.received) == 1
    assert [m["state"] for m in desk.messages()] == ["sent"]
    verdict, steps = desk.trace("mei", journey)
    assert verdict == "message_sent"
    assert steps == [
        *("entered", "waits", "waited", "treated", "queued", "finished", "message_sent"),
        "reentry_window",
    ]


def test_who_pays_in_time_gets_nothing(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.later(minutes=30)
    desk.send(desk.track("mei", "Order Completed", order_id="o1", total=99))
    desk.later(hours=3)
    assert mailbox.received == []
    assert desk.trace("mei", journey)[0] == "exited"
    counts = desk.get(f"/api/journeys/{journey}")["counts"]
    assert (counts["entered"], counts["exited"], counts["waiting"], counts["sent"]) == (1, 1, 0, 0)


def test_an_order_that_settles_at_the_last_moment_still_counts(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    desk.clock.advance(HOUR)
    desk.send(desk.track("mei", "order_paid", order_id="o1", total=99))
    desk.turn()
    assert mailbox.received == []


def test_an_order_known_before_its_cart_counts_too(desk: Desk, mailbox: Mailbox) -> None:
    """The shop's server is quick; the phone that added to the cart was offline."""
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    desk.clock.advance(30 * MINUTE)
    desk.send(desk.track("mei", "order_paid", order_id="o1", total=99))
    desk.send(desk.track("mei", "cart_added", at=desk.clock.now_ms() - 10 * MINUTE))
    desk.later(hours=3)
    assert mailbox.received == []
    assert desk.trace("mei", journey)[0] == "exited"


def test_an_order_before_the_cart_does_not_end_the_journey(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    desk.clock.advance(30 * MINUTE)
    desk.send(desk.track("mei", "cart_added"))
    desk.send(desk.track("mei", "order_paid", at=desk.clock.now_ms() - 10 * MINUTE, order_id="o1", total=99))
    desk.later(hours=1)
    assert len(mailbox.received) == 1


def test_imported_history_sends_nothing(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    desk.clock.advance(3 * DAY)
    desk.send(desk.track("mei", "cart_added", at=desk.clock.now_ms() - 25 * HOUR))
    desk.later(hours=3)
    assert mailbox.received == []
    assert desk.trace("mei", journey) == ("too_old", ["too_old"])


def test_coming_back_after_the_reentry_days(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    desk.clock.advance(29 * DAY)
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    assert len(mailbox.received) == 1
    desk.clock.advance(2 * DAY)
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    assert len(mailbox.received) == 2


def test_the_holdout_gets_nothing_and_stays_the_same(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey(holdout={"percent": 50}, cart={"reentry_days": 1}, send={"repeat_days": 1})
    people = [f"p{number}" for number in range(20)]
    for user in people:
        desk.customer(user)
    groups = []
    for _ in range(2):
        desk.send(*[desk.track(user, "cart_added") for user in people])
        before = len(mailbox.recipients)
        desk.later(hours=1)
        groups.append({address.partition("@")[0] for address in mailbox.recipients[before:]})
        desk.clock.advance(2 * DAY)
    assert groups[0] == groups[1]
    assert 0 < len(groups[0]) < 20
    held = next(user for user in people if user not in groups[0])
    assert desk.trace(held, journey)[0] == "held_out"


def test_two_persons_who_turn_out_to_be_one_get_one_mail(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    anonymous = {"userId": None, "anonymousId": "device-1"}
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.send({**desk.track("", "cart_added"), **anonymous})
    desk.turn()
    assert desk.get(f"/api/journeys/{journey}")["counts"]["waiting"] == 2
    desk.send({**desk.identify("mei"), "anonymousId": "device-1"})
    desk.later(hours=2)
    assert len(mailbox.received) == 1
    counts = desk.get(f"/api/journeys/{journey}")["counts"]
    assert (counts["entered"], counts["waiting"], counts["done"], counts["exited"]) == (2, 0, 1, 1)


def test_a_paused_journey_takes_nobody_and_moves_nobody(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    desk.customer("lan")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    desk.post(f"/api/journeys/{journey}/pause")
    desk.send(desk.track("lan", "cart_added"))
    desk.later(hours=2)
    assert mailbox.received == []
    assert desk.trace("lan", journey) == ("paused", ["paused"])
    desk.post(f"/api/journeys/{journey}/resume")
    desk.turn()
    assert mailbox.recipients == ["mei@example.com"]


def test_retiring_ends_every_run(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    desk.post(f"/api/journeys/{journey}/retire")
    desk.later(hours=2)
    assert mailbox.received == []
    assert desk.trace("mei", journey)[0] == "retired"


def test_those_inside_finish_on_the_version_they_entered(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    desk.customer("lan")
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    draft = desk.get(f"/api/journeys/{journey}")
    for node in draft["graph"]["nodes"]:
        if node["id"] == "send":
            node["config"]["subject"] = "新版"
    desk.put(f"/api/journeys/{journey}", {"name": "加购未付款", "graph": draft["graph"]})
    assert desk.post(f"/api/journeys/{journey}/publish")["published_version"] == 2
    desk.send(desk.track("lan", "cart_added"))
    desk.later(hours=1)
    subjects = {address: mail["Subject"] for address, mail in zip(mailbox.recipients, mailbox.received, strict=True)}
    assert subjects["lan@example.com"] == "新版"
    assert subjects["mei@example.com"] != "新版"
