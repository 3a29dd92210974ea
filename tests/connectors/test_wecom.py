"""WeCom: wechatpy's callbacks, and a corp's lists: what is new, changed, gone, and what comes out of order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.connectors.hub import Hub, xml
from tests.connectors.vendors import Corp


class Caller:
    """WeCom's side, by wechatpy."""

    def __init__(self, hub: Hub, vendor: Corp, install: dict[str, Any]) -> None:
        self.hub, self.vendor, self.install, self.path = hub, vendor, install, hub.path(install)
        self.crypto = WeChatCrypto(vendor.token_text, vendor.key, vendor.corp)

    def post(self, body: str, at: int | None = None, **change: str) -> Any:
        stamp = str(at or self.hub.now())
        made = self.crypto.encrypt_message(body, "n1", stamp)
        query = {"timestamp": stamp, "nonce": "n1"}
        query["msg_signature"] = made.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
        return self.hub.send(self.path, made.encode(), **(query | change))

    def contact(self, change: str, external: str, staff: str = "lisi", at: int = 0, **more: Any) -> Any:
        body = xml(ToUserName=self.vendor.corp, FromUserName="sys", CreateTime=at or self.hub.now(), MsgType="event",
                   Event="change_external_contact", ChangeType=change, UserID=staff, ExternalUserID=external,
                   **more)  # fmt: skip
        answer = self.post(body)
        assert (answer.status_code, answer.text) == (200, "success")

    def chat(self, change: str, chat: str) -> None:
        body = xml(ToUserName=self.vendor.corp, FromUserName="sys", CreateTime=self.hub.now(), MsgType="event",
                   Event="change_external_chat", ChangeType=change, ChatId=chat)  # fmt: skip
        assert self.post(body).status_code == 200


@pytest.fixture
def caller(hub: Hub, corp: Corp) -> Caller:
    return Caller(hub, corp, hub.corp(corp, welcome="你好，我是花间的李思"))


def test_the_address_check_answers_what_wechatpy_sealed(caller: Caller) -> None:
    stamp = str(caller.hub.now())
    made = caller.crypto.encrypt_message("1616140317555161061", "n1", stamp)
    echo = made.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    sign = made.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": stamp, "nonce": "n1", "echostr": echo, "msg_signature": sign}
    assert caller.hub.send(caller.path, **query).text == "1616140317555161061"
    assert caller.crypto.check_signature(sign, stamp, "n1", echo) == "1616140317555161061"
    assert caller.hub.send(caller.path, **(query | {"msg_signature": "0" * 40})).status_code == 403


def test_tampered_stale_and_foreign_callbacks_are_refused(caller: Caller, corp: Corp) -> None:
    body = xml(Event="change_external_contact", ChangeType="add_external_contact", UserID="lisi", ExternalUserID="wm1")
    assert caller.post(body, msg_signature="0" * 40).status_code == 403
    assert caller.post(body, at=caller.hub.now() - 601).status_code == 403
    assert caller.post(body, nonce="other").status_code == 403
    caller.crypto = WeChatCrypto(corp.token_text, corp.key, "ww-another-corp")
    assert caller.post(body).status_code == 403
    assert caller.hub.send(caller.path, body.encode(), timestamp=str(caller.hub.now()), nonce="n1").status_code == 403


def test_a_new_friend_is_greeted_known_and_counted_once(caller: Caller, corp: Corp) -> None:
    corp.codes.add("WELCOME-1")
    corp.tags = {"t1": "高意向"}
    corp.befriend("wm-mei", "lisi", caller.hub.now(), "union-mei", tag_id=["t1"], remark="梅小姐")
    for _ in range(3):
        caller.contact("add_external_contact", "wm-mei", WelcomeCode="WELCOME-1", State="")
    caller.hub.turn()
    kind = "external_userid"
    assert corp.welcomes["WELCOME-1"]["text"]["content"] == "你好，我是花间的李思"
    assert caller.hub.events(kind, "wm-mei") == ["wecom_friend_added"]
    assert caller.hub.ref(kind, "wm-mei") == caller.hub.ref("unionid", "union-mei")
    assert caller.hub.traits(kind, "wm-mei") | {} == caller.hub.traits("unionid", "union-mei")
    assert caller.hub.traits(kind, "wm-mei")["wecom_tags"] == ["高意向"]
    assert caller.hub.traits(kind, "wm-mei")["wecom_remark"] == "梅小姐"


def test_a_busy_vendor_is_asked_again_within_the_twenty_seconds(caller: Caller, corp: Corp) -> None:
    corp.codes.add("W")
    corp.befriend("wm-mei", "lisi", caller.hub.now())
    caller.contact("add_external_contact", "wm-mei", WelcomeCode="W")
    corp.current = "warm"
    corp.refuse = [41096, 45033]
    caller.hub.turn()
    assert corp.welcomes == {}
    caller.hub.desk.clock.advance(15_000)
    caller.hub.turn()
    assert list(corp.welcomes) == ["W"]


def test_only_the_last_member_lost_is_a_friend_lost(caller: Caller, corp: Corp) -> None:
    begun = caller.hub.now() - 3600
    for staff in corp.staff:
        corp.befriend("wm-mei", staff, begun)
    caller.hub.pull(caller.install, "contacts")
    assert caller.hub.events("external_userid", "wm-mei") == ["wecom_friend_added"] * 2
    for staff in corp.staff:
        caller.hub.desk.clock.advance(60_000)
        del corp.friends["wm-mei", staff]
        caller.contact("del_follow_user", "wm-mei", staff)
        caller.hub.turn()
        told = caller.hub.events("external_userid", "wm-mei")
        assert ("wecom_friend_removed" in told) == (staff == corp.staff[-1])
    assert told.count("wecom_friend_removed") == 1


def test_the_members_who_have_a_contact_are_known_as_they_change(caller: Caller, corp: Corp) -> None:
    hub, kind, begun = caller.hub, "external_userid", caller.hub.now() - 86_400
    for external, staff in (("wm-mei", "lisi"), ("wm-mei", "wangwu"), ("wm-lan", "lisi")):
        corp.befriend(external, staff, begun, f"union-{external}")
    corp.page_size = 1  # what is known of wm-mei is the same on both pages, but for the member
    hub.pull(caller.install, "contacts")
    hub.turn()
    assert hub.traits(kind, "wm-mei")["wecom_staff"] == ["lisi", "wangwu"]
    assert hub.traits(kind, "wm-lan")["wecom_staff"] == ["lisi"]
    corp.befriend("wm-lan", "zhaoliu", hub.now(), "union-wm-lan")
    caller.contact("add_external_contact", "wm-lan", "zhaoliu")
    for external, staff in (("wm-mei", "lisi"), ("wm-lan", "lisi")):
        hub.desk.clock.advance(60_000)
        del corp.friends[external, staff]
        caller.contact("del_follow_user", external, staff)
        hub.turn()
    assert (hub.traits(kind, "wm-mei")["wecom_staff"], hub.traits(kind, "wm-lan")["wecom_staff"]) == (
        ["wangwu"], ["zhaoliu"],
    )  # fmt: skip
    del corp.friends["wm-mei", "wangwu"]  # by the API: fires nothing
    hub.desk.clock.advance(24 * 3_600_000)
    hub.wait(caller.install, "contacts")
    hub.turn()
    assert hub.traits(kind, "wm-mei")["wecom_staff"] == []


def test_what_no_callback_tells_is_found_at_night(caller: Caller, corp: Corp) -> None:
    begun = caller.hub.now() - 86_400
    for number in range(5):
        corp.befriend(f"wm-{number}", "lisi", begun + number)
    caller.hub.pull(caller.install, "contacts")
    assert corp.to("/cgi-bin/externalcontact/get") == []  # history is read, nobody is looked up or greeted for it
    del corp.friends["wm-1", "lisi"]  # by the API: fires nothing
    corp.befriend("wm-9", "wangwu", caller.hub.now(), remark="新客")
    corp.friends["wm-2", "lisi"]["remark"] = "改了备注"
    caller.hub.desk.clock.advance(24 * 3_600_000)
    done = caller.hub.wait(caller.install, "contacts")
    caller.hub.turn()
    assert done["state"] == "done"
    assert caller.hub.events("external_userid", "wm-1") == ["wecom_friend_added", "wecom_friend_removed"]
    assert caller.hub.events("external_userid", "wm-9") == ["wecom_friend_added"]
    assert caller.hub.traits("external_userid", "wm-2")["wecom_remark"] == "改了备注"
    assert caller.hub.events("external_userid", "wm-3") == ["wecom_friend_added"]
    assert caller.hub.show(caller.install)["links"]["friend"] == 5


def test_what_is_heard_while_a_list_is_read_wins(caller: Caller, corp: Corp) -> None:
    begun = caller.hub.now() - 86_400
    for number in range(6):
        corp.befriend(f"wm-{number}", "lisi", begun)
    corp.page_size = 2

    def meanwhile(start: int) -> None:
        """wm-0 leaves just after the page with them was read; the page arrives later than the callback."""
        if start == 0 and ("wm-0", "lisi") in corp.friends:
            del corp.friends["wm-0", "lisi"]
            caller.contact("del_follow_user", "wm-0")
            caller.hub.desk.house.pipeline.drain()

    corp.on_page = meanwhile
    caller.hub.pull(caller.install, "contacts")
    caller.hub.turn()
    told = caller.hub.events("external_userid", "wm-0")  # two of one moment come in any order
    assert sorted(told) == ["wecom_friend_removed", "wecom_link_ended"]
    assert caller.hub.show(caller.install)["links"]["friend"] == 5


def test_callbacks_out_of_order_end_where_the_newest_says(caller: Caller, corp: Corp) -> None:
    now = caller.hub.now()
    caller.contact("del_follow_user", "wm-mei", at=now)
    caller.contact("add_external_contact", "wm-mei", at=now - 50)
    caller.hub.turn()
    assert caller.hub.show(caller.install)["links"].get("friend", 0) == 0
    assert caller.hub.events("external_userid", "wm-mei").count("wecom_friend_removed") == 1


def test_groups_and_their_members(caller: Caller, corp: Corp) -> None:
    joined = caller.hub.now() - 100
    member = {"userid": "wm-mei", "type": 2, "join_time": joined, "unionid": "union-mei", "state": "poster"}
    staff = {"userid": "lisi", "type": 1, "join_time": joined}
    corp.groups["wr1"] = {"chat_id": "wr1", "name": "花间 1 群", "owner": "lisi", "member_list": [member, staff]}
    caller.chat("create", "wr1")
    caller.hub.turn()
    assert caller.hub.events("external_userid", "wm-mei", "group_joined") == [
        {"group": "wr1", "group_name": "花间 1 群", "state": "poster"}
    ]
    assert caller.hub.ref("unionid", "union-mei") == caller.hub.ref("external_userid", "wm-mei")
    caller.hub.desk.clock.advance(3_600_000)
    caller.hub.pull(caller.install, "groups")
    assert caller.hub.events("external_userid", "wm-mei") == ["group_joined"]
    del corp.groups["wr1"]
    caller.chat("dismiss", "wr1")
    caller.hub.turn()
    assert caller.hub.events("external_userid", "wm-mei") == ["group_joined", "group_left"]


def member(hub: Hub, external: str, at: int = 0) -> dict[str, Any]:
    return {"userid": external, "type": 2, "join_time": at or hub.now() - 3600, "unionid": f"union-{external}"}


def test_a_group_that_changes_while_it_is_looked_up_is_looked_up_again(caller: Caller, corp: Corp) -> None:
    hub, early = caller.hub, member(caller.hub, "wm-early")
    corp.groups["wr1"] = {"chat_id": "wr1", "name": "花间 1 群", "owner": "lisi", "member_list": [early]}

    def joins() -> None:
        """Somebody comes once the vendor has answered; of that, too, a callback tells."""
        corp.on_group = None
        late = member(hub, "wm-late", hub.now())
        corp.groups["wr1"] = corp.groups["wr1"] | {"member_list": [early, late]}
        caller.chat("update", "wr1")

    corp.on_group = joins
    caller.chat("create", "wr1")
    hub.turn()
    assert hub.events("external_userid", "wm-early") == ["group_joined"]
    assert hub.events("external_userid", "wm-late") == ["group_joined"]


def test_what_was_given_up_is_tried_again_when_the_vendor_names_it_again(caller: Caller, corp: Corp) -> None:
    hub = caller.hub
    corp.groups["wr1"] = {"chat_id": "wr1", "name": "1 群", "owner": "lisi", "member_list": [member(hub, "wm-1")]}
    corp.refuse = [48002]
    caller.chat("create", "wr1")
    hub.turn()
    assert hub.show(caller.install)["tasks_failed"] == 1
    caller.chat("update", "wr1")
    hub.turn()
    shown = hub.show(caller.install)
    assert (shown["tasks_failed"], shown["tasks_waiting"], shown["links"]["member"]) == (0, 0, 1)


def test_many_groups_are_read_by_pages_whatever_happens_to_them_meanwhile(caller: Caller, corp: Corp) -> None:
    """One is dismissed between its page and its turn; the token ends; the vendor says too many."""
    hub = caller.hub
    for number in range(25):
        here = [member(hub, f"wm-{number}"), member(hub, "wm-everywhere")]
        chat = f"wr{number:02}"
        corp.groups[chat] = {"chat_id": chat, "name": "群", "owner": "lisi", "member_list": here}
    corp.page_size = 22

    def trouble() -> None:
        read = len(corp.to("/cgi-bin/externalcontact/groupchat/get"))
        if read == 1:
            del corp.groups["wr21"]
        if read == 21:
            corp.expire()
            corp.refuse = [45033]

    corp.on_group = trouble
    assert hub.pull(caller.install, "groups", seconds=24 * 3600)["state"] == "done"
    told = [hub.events("external_userid", f"wm-{number}") for number in range(25) if number != 21]
    assert told == [["group_joined"]] * 24
    assert hub.events("external_userid", "wm-everywhere") == ["group_joined"] * 24
    assert hub.show(caller.install)["links"]["member"] == 48
    assert hub.pull(caller.install, "groups")["state"] == "done"
    assert len(hub.events("external_userid", "wm-everywhere")) == 24


def test_the_staff_tree_hand_overs_and_remarks(caller: Caller, corp: Corp) -> None:
    caller.hub.pull(caller.install, "staff")
    desk, id = caller.hub.desk, caller.install["id"]
    rows = desk.get(f"/api/connectors/{id}/staff")["items"]
    assert rows[0] == {"staff": "lisi", "name": "Lisi", "departments": ["花间 / 门店"]}
    form = {"giver": "lisi", "taker": "wangwu", "contacts": ["wm-1", "wm-2"], "text": "李思转岗"}
    assert desk.post(f"/api/connectors/{id}/acts/transfer", {"form": form})["text"] == "2/2"
    assert corp.transfers[0]["handover_userid"] == "lisi"
    corp.befriend("wm-1", "lisi", caller.hub.now())
    desk.post(f"/api/connectors/{id}/acts/remark", {"form": {"staff": "lisi", "contact": "wm-1", "text": "老客"}})
    assert corp.friends["wm-1", "lisi"]["remark"] == "老客"
    bad = desk.client.post(f"/api/connectors/{id}/acts/transfer", json={"form": {"giver": "lisi"}})
    assert bad.status_code == 422


def test_what_came_of_a_hand_over_is_asked_a_day_later(caller: Caller, corp: Corp) -> None:
    hub, id, begun = caller.hub, caller.install["id"], caller.hub.now() - 86_400
    for external in ("wm-1", "wm-2", "wm-3"):
        corp.befriend(external, "lisi", begun)
    hub.pull(caller.install, "contacts")
    form = {"giver": "lisi", "taker": "wangwu", "contacts": ["wm-1", "wm-2"]}
    hub.desk.post(f"/api/connectors/{id}/acts/transfer", {"form": form})
    hub.turn()
    assert corp.to("/cgi-bin/externalcontact/transfer_result") == []
    hub.desk.clock.advance(24 * 3_600_000)
    corp.hand_over("wm-1", "lisi", "wangwu", hub.now())
    hub.desk.clock.advance(3_600_000)
    corp.refuse = [45033]
    hub.turn()
    hub.desk.clock.advance(60_000)
    hub.turn()
    assert hub.events("external_userid", "wm-1", "wecom_transferred") == [{"staff": "wangwu", "from": "lisi"}]
    assert hub.events("external_userid", "wm-2") == ["wecom_friend_added"]
    assert "wecom_friend_removed" not in hub.events("external_userid", "wm-1")
    hub.desk.clock.advance(24 * 3_600_000)
    hub.turn()
    assert len(corp.to("/cgi-bin/externalcontact/transfer_result")) == 5  # refused once, then two pages a look
    assert hub.events("external_userid", "wm-1").count("wecom_transferred") == 1
    assert hub.show(caller.install)["links"]["friend"] == 3


def test_customers_of_who_has_left_are_handed_over_and_looked_after(caller: Caller, corp: Corp) -> None:
    hub, id, begun = caller.hub, caller.install["id"], caller.hub.now() - 86_400
    for number in range(3):
        corp.befriend(f"wm-{number}", "gone", begun)
        corp.orphans.append(("gone", f"wm-{number}"))
    corp.orphans.append(("other", "wm-9"))
    url = f"/api/connectors/{id}/acts/transfer_left"
    assert hub.desk.post(url, {"form": {"giver": "gone", "taker": "wangwu"}})["text"] == "3/3"
    assert corp.orphans == [("other", "wm-9")]
    assert "40096" in hub.desk.post(url, {"form": {"giver": "gone", "taker": "lisi", "contacts": ["wm-0"]}})["text"]
    hub.desk.clock.advance(24 * 3_600_000)
    corp.hand_over("wm-1", "gone", "wangwu", hub.now())
    hub.desk.clock.advance(3_600_000)
    hub.turn()
    assert hub.events("external_userid", "wm-1", "wecom_transferred") == [{"staff": "wangwu", "from": "gone"}]
    assert corp.to("/cgi-bin/externalcontact/transfer_result") == []


def test_who_answers_moments_is_told_once(caller: Caller, corp: Corp) -> None:
    hub, now = caller.hub, caller.hub.now()
    corp.posts = [
        {"moment_id": "m-corp", "create_time": now - 7200, "create_type": 0},
        {"moment_id": "m-own", "create_time": now - 3600, "create_type": 1, "creator": "wangwu"},
        {"moment_id": "m-old", "create_time": now - 40 * 86_400, "create_type": 1, "creator": "wangwu"},
    ]
    like = {"external_userid": "wm-mei", "create_time": now - 100}
    corp.answers["m-corp", "lisi"] = [like, {"userid": "wangwu", "create_time": now}], []
    corp.answers["m-own", "wangwu"] = [], [like, like | {"create_time": now - 50}]
    corp.answers["m-old", "wangwu"] = [like], []
    assert hub.pull(caller.install, "moments")["state"] == "done"
    wanted = ["wecom_moment_liked", *["wecom_moment_commented"] * 2]
    assert sorted(hub.events("external_userid", "wm-mei")) == sorted(wanted)
    assert hub.events("external_userid", "wm-mei", "wecom_moment_liked") == [{"moment": "m-corp", "staff": "lisi"}]
    hub.pull(caller.install, "moments")
    assert len(hub.events("external_userid", "wm-mei")) == 3


def test_a_pending_id_ties_a_mini_programs_visitor_to_the_friend_they_become(hub: Hub, corp: Corp) -> None:
    caller = Caller(hub, corp, hub.corp(corp, convert_ids=True))
    corp.pending["union-mei"] = "pending-1"
    ids = [{"type": "unionid", "id": "union-mei"}, {"type": "openid.wxmini", "id": "oMini-mei"}]
    for _ in range(2):
        hub.desk.send(hub.desk._item("track", None, event="mp_visited", properties={}, context={"externalIds": ids}))
        hub.turn()
    assert len(corp.to("/cgi-bin/idconvert/unionid_to_external_userid")) == 1
    corp.befriend("wm-mei", "lisi", hub.now())  # the vendor tells no unionid
    corp.came["wm-mei"] = "pending-1"
    caller.contact("add_external_contact", "wm-mei")
    hub.turn()
    assert hub.ref("external_userid", "wm-mei") == hub.ref("unionid", "union-mei")


def test_a_token_that_ends_half_way_and_limits_only_slow_a_pull_down(caller: Caller, corp: Corp) -> None:
    begun = caller.hub.now() - 86_400
    for number in range(12):
        corp.befriend(f"wm-{number:02}", "lisi", begun)
    corp.page_size = 2

    def trouble(start: int) -> None:
        if start == 4:
            corp.expire()
        if start == 6:
            corp.refuse = [45033, 45009]

    corp.on_page = trouble
    done = caller.hub.pull(caller.install, "contacts", seconds=6 * 3600)
    assert (done["state"], done["done"]) == ("done", 12)
    told = [caller.hub.events("external_userid", f"wm-{number:02}") for number in range(12)]
    assert told == [["wecom_friend_added"]] * 12


def test_a_hundred_thousand_contacts_fit_into_ten_minutes_of_the_vendors_allowance(caller: Caller, corp: Corp) -> None:
    """By what 500 take: whole pages, no call for a single contact, and the pauses between them."""
    for number in range(500):
        corp.befriend(f"wm-{number:03}", "lisi", caller.hub.now() - 86_400)
    times: list[int] = []
    corp.on_page = lambda _start: times.append(caller.hub.desk.clock.now_ms())
    assert caller.hub.pull(caller.install, "contacts")["done"] == 500
    pages = corp.to("/cgi-bin/externalcontact/batch/get_by_user")
    calls = [call for call in corp.calls if not corp.quiet(call)]
    assert len(pages) == 5
    assert len(calls) <= 3 * len(pages)
    assert all(later - earlier >= 3 * 60_000 // 1200 for earlier, later in pairwise(times))
    assert (times[-1] - times[0]) / 4 * 1_000 <= 10 * 60_000


def test_settings_that_are_wrong_stop_a_pull_and_say_so(caller: Caller, corp: Corp) -> None:
    corp.refuse = [48002]
    corp.befriend("wm-1", "lisi", caller.hub.now() - 86_400)
    stopped = caller.hub.pull(caller.install, "contacts")
    assert stopped["state"] == "failed"
    assert "48002" in stopped["error"]
    assert caller.hub.show(caller.install)["status"] == "failing"
    assert caller.hub.pull(caller.install, "contacts")["state"] == "done"
    assert caller.hub.show(caller.install)["status"] == "ok"


def test_a_paused_connector_takes_callbacks_and_does_nothing_else(caller: Caller, corp: Corp) -> None:
    id = caller.install["id"]
    patch = {"json": {"paused": True}, "headers": {"If-Match": '"1"'}}
    assert caller.hub.desk.client.patch(f"/api/connectors/{id}", **patch).json()["status"] == "paused"
    corp.befriend("wm-mei", "lisi", caller.hub.now(), "union-mei")
    caller.contact("add_external_contact", "wm-mei")
    caller.hub.turn()
    assert corp.to("/cgi-bin/externalcontact/get") == []
    assert caller.hub.events("external_userid", "wm-mei") == ["wecom_friend_added"]
    patch = {"json": {"paused": False}, "headers": {"If-Match": '"2"'}}
    caller.hub.desk.client.patch(f"/api/connectors/{id}", **patch)
    caller.hub.turn()
    assert caller.hub.ref("unionid", "union-mei") == caller.hub.ref("external_userid", "wm-mei")


def test_the_test_button_tells_who_we_are_or_what_is_wrong(caller: Caller, corp: Corp) -> None:
    url = f"/api/connectors/{caller.install['id']}/test"
    assert caller.hub.desk.post(url) == {"ok": True, "text": f"{corp.corp}: 2"}
    corp.refuse = [60020]
    assert caller.hub.desk.post(url)["ok"] is False
