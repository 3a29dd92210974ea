"""Campaigns through the doors: look ahead, send once, throttle, stop, go on, why."""

from __future__ import annotations

from typing import Any

from siyu.campaigns import step
from siyu.kit import DAY, MINUTE, iso, parse_iso
from tests.campaigns.shop import Shop
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def test_a_campaign_goes_to_everybody_once_and_ends(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(12)
    id = shop.started(shop.campaign(shop.audience(), shop.template()))
    shop.turn()
    seen = shop.view(id)
    assert (seen["state"], seen["progress"]["asked"], seen["progress"]["messages"]) == ("done", 12, {"sent": 12})
    assert len({letter["To"] for letter in mailbox.received}) == len(mailbox.received) == 12
    shop.turn()
    assert len(mailbox.received) == 12
    [first, *_] = desk.messages()
    assert (first["journey"], first["journey_id"]) == ("春季上新", id)


def test_the_estimate_says_whom_the_gate_refuses_and_must_be_seen_before_the_start(
    desk: Desk, mailbox: Mailbox
) -> None:
    shop = Shop(desk, mailbox)
    shop.people(8)
    desk.send(desk.track("c0", "opted_out", channel="email"))
    desk.send(desk.identify("nobody", vip=True), desk.identify("quiet", vip=True, email="quiet@example.com"))
    id = shop.campaign(shop.audience(), shop.template(), per_minute=2)
    refused = desk.client.post(f"/api/campaigns/{id}/start")
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_not_checked")
    seen = desk.post(f"/api/campaigns/{id}/estimate", status=200)
    assert (seen["audience"], seen["reach"], seen["units"], seen["minutes"]) == (10, 7, 7, 4)
    assert {one["code"]: one["count"] for one in seen["refusals"]} == {"consent_missing": 2, "consent_withdrawn": 1}
    fit = {line["code"]: line["level"] for line in seen["fit"]}
    assert fit["reach"] == "good"
    assert fit["answered"] == "bad"
    assert desk.messages() == []
    plan = shop.view(id)["plan"]
    desk.put(f"/api/campaigns/{id}", {"name": "改过", "plan": plan})
    assert desk.client.post(f"/api/campaigns/{id}/start").json()["code"] == "campaign_not_checked"
    shop.started(id)
    shop.turn()
    desk.clock.advance(4 * MINUTE)
    shop.turn()


def test_a_throttle_a_stop_and_going_on(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(9)
    id = shop.started(shop.campaign(shop.audience(), shop.template(), per_minute=4))
    shop.turn()
    assert len(mailbox.received) == 4
    desk.clock.advance(MINUTE + 1)
    step(desk.store)  # four more are queued, none handed over
    desk.post(f"/api/campaigns/{id}/stop", status=200)
    shop.turn()
    seen = shop.view(id)
    assert (seen["state"], len(mailbox.received), seen["progress"]["waiting"]) == ("stopped", 4, 5)
    assert desk.client.post(f"/api/campaigns/{id}/stop").status_code == 409
    desk.post(f"/api/campaigns/{id}/resume", status=200)
    for _ in range(3):
        desk.clock.advance(MINUTE + 1)
        shop.turn()
    assert shop.view(id)["state"] == "done"
    assert len({letter["To"] for letter in mailbox.received}) == len(mailbox.received) == 9


def test_a_schedule_begins_on_time_with_the_audience_of_then(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(3)
    at = desk.clock.now_ms() + 60 * MINUTE
    id = shop.started(shop.campaign(shop.audience(), shop.template(), starts_at=iso(at)))
    shop.turn()
    assert shop.view(id)["state"] == "scheduled"
    shop.people(5)
    desk.clock.set(at)
    shop.turn()
    assert (shop.view(id)["state"], len(mailbox.received)) == ("done", 5)


def test_at_night_everybody_waits_for_the_morning(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(3)
    desk.clock.set(parse_iso("2026-03-02T14:30:00Z"))  # 22:30 in Shanghai
    id = shop.started(shop.campaign(shop.audience(), shop.template()))
    shop.turn()
    assert (shop.view(id)["progress"]["waiting"], mailbox.received) == (3, [])
    why = desk.get(f"/api/campaigns/{id}/why/{desk.person('c0')}")
    assert [one["code"] for one in why["steps"]] == ["joined", "later"]
    desk.clock.set(parse_iso("2026-03-03T00:00:00Z"))
    shop.turn()
    assert (shop.view(id)["state"], len(mailbox.received)) == ("done", 3)


def test_a_holdout_and_two_contents(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(60)
    one, two = (
        shop.template("甲 https://shop.example/a"),
        shop.template("乙 https://shop.example/b", appeal="altruistic"),
    )
    id = shop.started(shop.campaign(shop.audience(), one, two, holdout=30))
    shop.turn()
    seen = shop.view(id)
    held = seen["progress"]["held"]
    assert 5 <= held <= 32
    assert len(mailbox.received) == 60 - held
    review = desk.get(f"/api/reviews/{id}")
    assert {(row["template"], row["appeal"]) for row in review["variants"]} == {
        (f"{one}@1", "self"),
        (f"{two}@1", "altruistic"),
    }
    assert sum(row["sent"] for row in review["variants"]) == 60 - held
    members = desk.get(f"/api/campaigns/{id}/members", state="held")["items"]
    assert len(members) == held
    why = desk.get(f"/api/campaigns/{id}/why/{members[0]['person']}")
    assert (why["verdict"]["code"], [step["code"] for step in why["steps"]]) == ("held", ["joined", "held"])


def test_one_address_gets_it_once(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(2)
    with desk.store.state.write() as conn:
        conn.exec_driver_sql("DELETE FROM identity_identifiers WHERE key = 'email:c1@example.com'")
        conn.exec_driver_sql(
            "UPDATE profiles_traits SET value = '\"c0@example.com\"' WHERE name = 'email' AND person_id = "
            f"{desk.number('c1')}"
        )
    id = shop.started(shop.campaign(shop.audience(), shop.template()))
    shop.turn()
    assert len(mailbox.received) == 1
    assert {one["code"]: one["count"] for one in desk.get(f"/api/reviews/{id}")["refusals"]} == {"address_repeat": 1}


def test_a_cap_refuses_and_the_second_campaign_says_so_before(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(4)
    audience = shop.audience()
    first = shop.started(shop.campaign(audience, shop.template(), name="第一场"))
    shop.turn()
    second = shop.campaign(audience, shop.template(), name="第二场", retry_hours=0)
    seen = desk.post(f"/api/campaigns/{second}/estimate", status=200)
    assert (seen["reach"], [(one["code"], one["count"]) for one in seen["refusals"]]) == (0, [("cap", 4)])
    assert [(one["id"], one["persons"]) for one in seen["clashes"]] == [(first, 4)]
    desk.post(f"/api/campaigns/{second}/start", status=200)
    shop.turn()
    assert shop.view(second)["progress"]["refused"] == 4
    day = desk.clock.now_ms()
    span: dict[str, Any] = {"since": iso(day - 60 * MINUTE), "until": iso(day + 60 * MINUTE)}
    items = desk.get("/api/campaigns/calendar", **span)["items"]
    assert {item["name"] for item in items} == {"第一场", "第二场"}
    assert all(item["clashes"] for item in items)


def test_what_cannot_be_sent_is_refused(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk)
    shop.people(1)
    audience, template = shop.audience(), shop.template()

    def fields(**plan: Any) -> set[str]:
        whole = {"audience": audience, "variants": [{"template": template}]} | plan
        answer = desk.client.post("/api/campaigns", json={"name": "x", "plan": whole})
        assert answer.status_code == 422, answer.text
        return {error["field"] for error in answer.json()["errors"]}

    assert fields(audience="aud_none") == {"plan.audience"}
    assert fields(variants=[{"template": "tpl_none"}]) == {"plan.variants.0.template"}
    assert fields(starts_at="tomorrow") == {"plan.starts_at"}
    id = shop.campaign(audience, template)
    desk.post(f"/api/campaigns/{id}/estimate", status=200)
    off = desk.client.post(f"/api/campaigns/{id}/start")
    assert (off.status_code, off.json()["errors"][0]["code"]) == (422, "channel_off")
    assert desk.client.delete(f"/api/audiences/{audience}").status_code == 409
    desk.mail_channel(mailbox)
    shop.started(id)
    desk.post(f"/api/templates/{template}/archive")
    shop.turn()
    assert shop.view(id)["progress"]["refused"] == 1
    assert mailbox.received == []


def test_a_text_too_long_once_filled_in_is_refused_with_its_length(desk: Desk, mailbox: Mailbox) -> None:
    shop = Shop(desk, mailbox)
    shop.people(2)
    desk.send(desk.identify("c0", story="长" * 400))
    desk.policy("email", "text", {"max_chars": 100})
    id = shop.started(shop.campaign(shop.audience(), shop.template("{{story|短}}")))
    shop.turn()
    assert len(mailbox.received) == 1
    [reason] = desk.get(f"/api/reviews/{id}")["refusals"]
    assert (reason["code"], reason["count"]) == ("content_too_long", 1)


def test_viewers_look_and_operators_send(desk: Desk, sign_in_as: Any) -> None:
    shop = Shop(desk)
    shop.people(1)
    id = shop.campaign(shop.audience(), shop.template())
    desk.client.headers.pop("Authorization")
    viewer = sign_in_as("viewer")
    assert viewer.get(f"/api/campaigns/{id}").status_code == 200
    for act in ("estimate", "start", "stop", "resume"):
        assert viewer.post(f"/api/campaigns/{id}/{act}").status_code == 403


def test_the_review_says_what_a_person_is_worth_with_their_history_taken_out(desk: Desk, mailbox: Mailbox) -> None:
    shop, now = Shop(desk, mailbox), desk.clock.now_ms()
    users = [f"c{number}" for number in range(300)]

    def orders(when: int, name: str, more: int) -> None:
        """Who buys for more has always bought for more, and a little by chance."""
        desk.send(*(
            desk.track(user, "order_paid", when, order_id=f"{name}{n}", revenue=20 * (n % 10) + more * (n % 7))
            for n, user in enumerate(users)
        ))  # fmt: skip

    desk.send(*(desk.identify(user, vip=True) for user in users))
    orders(now - 10 * DAY, "before", 0)
    orders(now - 100 * DAY, "long before", 50)
    id = shop.started(shop.campaign(shop.audience(), shop.template(), holdout=45))
    shop.turn()
    assert desk.get(f"/api/reviews/{id}")["worth"] is None, "nobody's seven days are over"
    desk.clock.advance(8 * DAY)
    orders(now + DAY, "after", 1)
    found = desk.get(f"/api/reviews/{id}")["worth"]
    assert found["treated"] + found["held_out"] == 300
    assert found["history"] > 0.95
    assert found["low"] < 0 < found["high"]
    assert found["high"] - found["low"] < 400, "chance alone gives a few fen to either side, not what habits do"
    told = desk.client.get(f"/api/reviews/{id}/export", params={"format": "csv"}).text
    assert "(CUPED)" in told
    assert f"{found['difference'] / 100:.4f}".rstrip("0") in told
