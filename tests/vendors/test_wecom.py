"""WeCom: tasks that staff confirm, welcome messages, group messages, moments."""

from __future__ import annotations

import pytest

from siyu.kit import DAY, MINUTE, SECOND
from tests.vendors.shop import Shop
from tests.vendors.tencent import Wecom

MASS, WELCOME, GROUP, MOMENTS = "wecom_mass", "wecom_welcome", "wecom_group_message", "wecom_moments"


@pytest.fixture
def corp(shop: Shop, wecom: Wecom) -> Shop:
    shop.wecom(wecom, MASS, sender="lisi")
    for user in ("mei", "lan", "zhu"):
        shop.friend(user)
    return shop


def states(shop: Shop) -> dict[str, tuple[str, str | None]]:
    return {message["person"]: (message["state"], message["reason"]) for message in shop.desk.messages()}


def test_friends_with_one_content_share_one_task_that_waits_for_staff(corp: Shop, wecom: Wecom) -> None:
    assert corp.ask_many(["mei", "lan", "zhu"], MASS, campaign="spring", link="https://a.example/x") == ["allowed"] * 3
    corp.desk.turn()
    [task] = wecom.tasks.values()
    assert sorted(task["external_userid"]) == ["wm-lan", "wm-mei", "wm-zhu"]
    assert (task["sender"], task["attachments"][0]["link"]["url"]) == ("lisi", "https://a.example/x")
    assert set(states(corp).values()) == {("waiting", "waiting_for_staff")}
    assert corp.events("mei", "message_sent") == []
    assert corp.desk.get(f"/api/channels/{MASS}")["waiting"] == 3


def test_the_poll_tells_how_it_went_for_each(corp: Shop, wecom: Wecom) -> None:
    corp.ask_many(["mei", "lan", "zhu"], MASS, campaign="spring")
    corp.desk.turn()
    [task] = wecom.tasks
    corp.desk.later(minutes=6)
    assert set(states(corp).values()) == {("waiting", "waiting_for_staff")}
    wecom.confirm(task, **{"wm-lan": 2, "wm-zhu": 3})
    corp.desk.later(minutes=6)
    found = states(corp)
    assert found[corp.desk.person("mei")] == ("sent", None)
    assert found[corp.desk.person("lan")] == ("failed", "not_friend")
    assert found[corp.desk.person("zhu")] == ("failed", "over_limit")
    corp.desk.later(minutes=30)
    assert len(corp.events("mei", "message_sent")) == 1
    assert len(corp.events("zhu", "message_failed")) == 1


def test_a_poll_does_not_ask_more_often_than_every_five_minutes(corp: Shop, wecom: Wecom) -> None:
    corp.ask("mei", MASS)
    for _ in range(4):
        corp.desk.clock.advance(MINUTE)
        corp.desk.turn()
    assert wecom.to("/cgi-bin/externalcontact/get_groupmsg_task") == []
    corp.desk.later(minutes=1)
    assert len(wecom.to("/cgi-bin/externalcontact/get_groupmsg_task")) == 1


def test_staff_who_never_send_end_the_waiting(corp: Shop) -> None:
    corp.ask("mei", MASS)
    corp.desk.clock.advance(3 * DAY)
    corp.desk.turn()
    assert corp.last() == ("failed", "staff_did_not_send")


def test_a_poll_that_fails_changes_nothing(corp: Shop, wecom: Wecom) -> None:
    corp.ask("mei", MASS)
    wecom.confirm(*wecom.tasks)
    wecom.drops = 1
    corp.desk.later(minutes=6)
    assert corp.last() == ("waiting", "waiting_for_staff")
    wecom.refuse = [45009]
    corp.desk.later(minutes=6)
    assert corp.last() == ("waiting", "waiting_for_staff")
    corp.desk.later(minutes=6)
    assert corp.last() == ("sent", None)


def test_who_is_no_friend_is_said_at_once(corp: Shop, wecom: Wecom) -> None:
    wecom.unknown = {"wm-mei"}
    corp.ask_many(["mei", "lan"], MASS, campaign="spring")
    corp.desk.turn()
    assert states(corp)[corp.desk.person("mei")] == ("failed", "not_friend")
    assert states(corp)[corp.desk.person("lan")] == ("waiting", "waiting_for_staff")


def test_a_task_cut_off_is_in_doubt_for_all_and_not_made_again(corp: Shop, wecom: Wecom) -> None:
    wecom.drops = 1
    corp.ask_many(["mei", "lan"], MASS, campaign="spring")
    corp.desk.later(minutes=60)
    assert set(states(corp).values()) == {("in_doubt", "no_answer")}
    assert len(wecom.tasks) == 1


def test_different_words_are_different_tasks(corp: Shop, wecom: Wecom) -> None:
    corp.ask_many(["mei", "lan"], MASS, "你好 {{name|你}}", campaign="spring")
    corp.ask_many(["zhu"], MASS, "早", campaign="spring")
    corp.desk.turn()
    assert [len(task["external_userid"]) for task in wecom.tasks.values()] == [2, 1]


def test_one_a_day(corp: Shop) -> None:
    assert [corp.ask("mei", MASS), corp.ask("mei", MASS)] == ["allowed", "person_quota"]
    corp.desk.clock.advance(DAY)
    assert corp.ask("mei", MASS) == "allowed"


# Welcome


@pytest.fixture
def greeter(shop: Shop, wecom: Wecom) -> Shop:
    shop.wecom(wecom, WELCOME)
    wecom.codes = {"CODE1"}
    return shop


def greet(shop: Shop, code: str = "CODE1") -> str:
    return shop.ask("mei", WELCOME, "欢迎", event={"welcome_code": code})


def test_a_welcome_within_twenty_seconds_once(greeter: Shop, wecom: Wecom) -> None:
    greeter.friend("mei", welcome_code="CODE1")
    greeter.desk.clock.advance(19 * SECOND)
    assert greet(greeter) == "allowed"
    assert wecom.welcomes["CODE1"]["text"]["content"] == "欢迎"
    assert greet(greeter) == "reply_window_used"


def test_too_late_is_too_late(greeter: Shop) -> None:
    greeter.friend("mei")
    greeter.desk.clock.advance(20 * SECOND)
    assert greet(greeter) == "reply_window_closed"


def test_without_a_code_there_is_nowhere_to_send_it(greeter: Shop) -> None:
    greeter.friend("mei")
    assert greet(greeter, "") == "unreachable"


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [(41096, "queued", "peer_busy"), (41051, "failed", "welcome_done"), (41050, "failed", "welcome_late")],
)
def test_refusals_of_a_welcome(greeter: Shop, wecom: Wecom, code: int, state: str, reason: str) -> None:
    greeter.friend("mei")
    wecom.refuse = [code]
    greet(greeter)
    assert greeter.last() == (state, reason)


def test_busy_then_welcome(greeter: Shop, wecom: Wecom) -> None:
    greeter.friend("mei")
    wecom.refuse = [41096]
    greet(greeter)
    greeter.desk.clock.advance(SECOND)
    greeter.desk.turn()
    assert greeter.last() == ("sent", None)


def test_a_welcome_cut_off_is_asked_about_at_once_and_has_gone_once(greeter: Shop, wecom: Wecom) -> None:
    greeter.friend("mei")
    wecom.drops = 1
    greet(greeter)
    assert greeter.last() == ("sent", None)
    assert len(wecom.welcomes) == 1


# Groups and moments


def test_a_group_gets_a_campaign_once(shop: Shop, wecom: Wecom) -> None:
    shop.wecom(wecom, GROUP, sender="lisi")
    for user in ("mei", "lan"):
        shop.event(user, "group_joined", ("external_userid", f"wm-{user}"), chat_id="wr-1")
    codes = shop.ask_many(["mei", "lan"], GROUP, campaign="spring", event={"chat_id": "wr-1"})
    assert codes == ["allowed", "address_repeat"]
    shop.desk.turn()
    [task] = wecom.tasks
    assert wecom.tasks[task]["chat_id_list"] == ["wr-1"]
    wecom.confirm(task)
    shop.desk.later(minutes=6)
    assert {message["state"] for message in shop.desk.messages()} == {"sent", "refused"}


def test_moments_are_posted_once_for_a_tag(shop: Shop, wecom: Wecom) -> None:
    shop.wecom(wecom, MOMENTS, sender="lisi")
    for user in ("mei", "lan"):
        shop.friend(user)
    codes = shop.ask_many(["mei", "lan"], MOMENTS, campaign="spring", fields=(("tag_id", "et-vip"),))
    assert codes == ["allowed", "address_repeat"]
    shop.desk.turn()
    [(job, made)] = wecom.moments.items()
    assert made["visible_range"] == {
        "sender_list": {"user_list": ["lisi"]},
        "external_contact_list": {"tag_list": ["et-vip"]},
    }
    shop.desk.later(minutes=6)
    assert shop.desk.messages(state="waiting")
    wecom.posted = {job}
    shop.desk.later(minutes=6)
    assert shop.desk.messages(state="sent")
