"""Annoyance: signals count and fade, the cap follows the score, and not every message may be an offer."""

from __future__ import annotations

from pathlib import Path

from siyu.bench.annoyance import run
from siyu.delivery import Template, annoyance
from siyu.kit import DAY
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox
from tests.delivery.test_gate import decide, request


def score(desk: Desk, user: str) -> dict[str, object]:
    found: dict[str, object] = desk.get(f"/api/persons/{desk.person(user)}/annoyance")
    return found


def test_bad_signals_make_a_score_that_fades_and_says_why(desk: Desk) -> None:
    desk.customer("mei")
    assert (score(desk, "mei")["score"], score(desk, "mei")["weekly"]) == (0, 3)
    desk.send(desk.track("mei", "group_left"), desk.track("mei", "oa_unfollowed"))
    fresh = score(desk, "mei")
    assert fresh["score"] == 44  # 100 * (1 - exp(-35 / 60))
    signals = fresh["signals"]
    assert isinstance(signals, list)
    assert [(one["signal"], one["points"], one["times"]) for one in signals] == [
        ("oa_unfollowed", 20.0, 1),
        ("group_left", 15.0, 1),
    ]
    assert fresh["weekly"] == 2
    desk.clock.advance(45 * DAY)
    assert score(desk, "mei")["score"] == 25
    desk.clock.advance(90 * DAY)
    assert (score(desk, "mei")["score"], score(desk, "mei")["weekly"]) == (7, 3)


def test_the_cap_shrinks_with_the_score_and_closes_at_the_top(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.policy("*", "cap", {"days_7": 3})
    for user in ("calm", "cross", "done"):
        desk.customer(user)
    desk.send(desk.track("cross", "oa_unfollowed"), desk.track("cross", "group_left"))
    desk.send(*[desk.track("done", event) for event in ("oa_unfollowed", "group_left", "blocked", "muted")])
    seen = {user: [decide(desk, request(desk, user))[0] for _ in range(4)] for user in ("calm", "cross", "done")}
    assert seen == {
        "calm": ["allowed"] * 3 + ["cap"],
        "cross": ["allowed"] * 2 + ["annoyed"] * 2,
        "done": ["annoyed"] * 4,
    }
    [message, *_] = desk.messages(reason="annoyed")
    assert "7 天内最多 0 条" in message["reason_text"]["zh"]


def test_long_ignoring_counts_until_somebody_answers(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.policy("*", "cap", {})
    desk.policy("*", "annoyance", {"ignored": 4})
    desk.customer("mei")
    for _ in range(9):
        assert decide(desk, request(desk, "mei")) == ["allowed"]
        desk.turn()
        desk.clock.advance(DAY)
    assert (score(desk, "mei")["ignored"], score(desk, "mei")["score"]) == (9, 12)
    desk.send(desk.track("mei", "order_paid", order_id="1", revenue=1))
    assert (score(desk, "mei")["ignored"], score(desk, "mei")["score"]) == (0, 0)


def test_the_score_is_a_trait_that_fades(desk: Desk) -> None:
    person = desk.customer("mei")
    desk.send(desk.track("mei", "oa_unfollowed"))

    def trait() -> list[object]:
        annoyance.tell(desk.store)
        desk.turn()
        return [one["value"] for one in desk.get(f"/api/persons/{person}")["traits"] if one["name"] == "annoyance"]

    assert trait() == [28]
    desk.clock.advance(45 * DAY)
    assert trait() == [15]
    assert trait() == [15]


def test_signals_come_in_any_order_and_once(desk: Desk) -> None:
    desk.customer("mei")
    now = desk.clock.now_ms()
    late = desk.track("mei", "group_left", at=now - 45 * DAY)
    desk.send(desk.track("mei", "group_left"))
    desk.send(late)
    desk.send(late)
    signals = score(desk, "mei")["signals"]
    assert isinstance(signals, list)
    assert [(one["times"], one["points"]) for one in signals] == [(2, 22.5)]


def test_not_every_message_may_be_an_offer(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.policy("*", "cap", {})
    desk.policy("*", "promo_share", {"percent": 60, "days": 30, "at_least": 5})
    desk.customer("mei")
    offer, word = Template("惠", "x", incentive="coupon"), Template("知", "x", incentive="knowledge")
    codes = [
        decide(desk, request(desk, "mei", template=one))[0] for one in (offer, offer, offer, offer, offer, word, offer)
    ]
    assert codes == ["allowed"] * 4 + ["promo_share", "allowed", "promo_share"]


def test_the_simulated_cap_beats_the_others_where_signals_tell_and_not_where_they_do_not() -> None:
    figures = run(Path(), 2_000, 11, lambda _text: None)
    assert figures["clicks_over_daily"] > 1.05
    assert figures["clicks_over_weekly"] > 1.01
    assert figures["control_clicks_over_weekly"] < figures["clicks_over_weekly"]
