"""Channel codes: state end to end, rotation, hours, overflow, a lost code replaced, parcel cards matched."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.kit import HOUR
from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import FAN
from tests.connectors.test_wechat_oa import Caller as OaCaller
from tests.connectors.test_wecom import Caller
from tests.connectors.vendors import Account, Corp


@pytest.fixture
def caller(hub: Hub, corp: Corp) -> Caller:
    return Caller(hub, corp, hub.corp(corp))


def code(hub: Hub, install: dict[str, Any], kind: str = "staff", **config: Any) -> dict[str, Any]:
    body = {"install_id": install["id"], "name": "门店导购", "kind": kind, "config": config}
    found: dict[str, Any] = hub.desk.post("/api/codes", body)
    return found


def show(hub: Hub, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = hub.desk.get(f"/api/codes/{made['id']}")
    return found


def scan(hub: Hub, made: dict[str, Any]) -> str:
    """The member whose code a customer sees; empty when nobody is there."""
    answer = hub.send(made["url"].removeprefix("http://127.0.0.1:8300"))
    assert answer.status_code == 200
    pictures = {target["picture"]: staff for staff, target in show(hub, made)["targets"].items()}
    return next((staff for picture, staff in pictures.items() if picture in answer.text), "")


def join(caller: Caller, made: dict[str, Any], external: str, staff: str = "lisi", **more: Any) -> None:
    caller.vendor.befriend(external, staff, caller.hub.now(), f"union-{external}")
    caller.contact("add_external_contact", external, staff, State=made["state"], **more)
    caller.hub.turn()


def test_state_travels_to_the_vendor_and_back(caller: Caller, corp: Corp) -> None:
    hub = caller.hub
    made = code(
        hub, caller.install, staff=[{"staff": "lisi"}], tags=["静安店"], text="欢迎到店", link="https://m.example/"
    )
    assert corp.ways["way1"]["state"] == made["state"]
    assert corp.ways["way1"]["user"] == ["lisi"]
    corp.codes.add("W1")
    assert scan(hub, made) == "lisi"
    join(caller, made, "wm-mei", WelcomeCode="W1")
    assert corp.welcomes["W1"]["text"]["content"] == "欢迎到店"
    assert [corp.tags[id] for id in corp.friends["wm-mei", "lisi"]["tag_id"]] == ["静安店"]
    [joined] = hub.events("external_userid", "wm-mei", "code_joined")
    assert (joined["name"], joined["kind"], joined["staff"], joined["tags"]) == (
        "门店导购",
        "staff",
        "lisi",
        ["静安店"],
    )
    traits = hub.traits("external_userid", "wm-mei")
    assert (traits["code_tags"], traits["first_code"], traits["wecom_tags"]) == (["静安店"], "门店导购", ["静安店"])
    counted = show(hub, made)
    assert (counted["opened"], counted["joined"], counted["joined_today"], counted["lost"]) == (1, 1, 1, 0)
    hub.desk.clock.advance(60_000)
    del corp.friends["wm-mei", "lisi"]
    caller.contact("del_follow_user", "wm-mei")
    hub.turn()
    assert show(hub, made)["lost"] == 1


def test_members_take_turns_up_to_their_limits_then_the_overflow(caller: Caller) -> None:
    staff = [{"staff": "lisi", "daily_limit": 1}, {"staff": "wangwu", "daily_limit": 2}]
    made = code(caller.hub, caller.install, staff=staff, overflow="duty")
    assert [scan(caller.hub, made) for _ in range(4)] == ["lisi", "wangwu", "lisi", "wangwu"]
    join(caller, made, "wm-1", "lisi")
    assert {scan(caller.hub, made) for _ in range(3)} == {"wangwu"}
    join(caller, made, "wm-2", "wangwu")
    join(caller, made, "wm-3", "wangwu")
    assert scan(caller.hub, made) == "duty"
    stats = caller.hub.desk.get(f"/api/codes/{made['id']}/stats")
    assert [(one["staff"], one["joined"]) for one in stats["staff"]] == [("duty", 0), ("lisi", 1), ("wangwu", 2)]
    caller.hub.desk.clock.advance(24 * HOUR)
    assert scan(caller.hub, made) == "lisi"


def test_out_of_hours_the_overflow_answers_or_a_word(caller: Caller) -> None:
    hours = {"staff": [{"staff": "lisi"}], "opens": "09:00", "closes": "21:00"}
    watched, alone = (
        code(caller.hub, caller.install, **hours, overflow="night"),
        code(caller.hub, caller.install, **hours),
    )
    late = code(caller.hub, caller.install, **(hours | {"opens": "20:00", "closes": "02:00"}))
    seen = [scan(caller.hub, one) for one in (watched, alone, late)]
    assert seen == ["lisi", "lisi", ""]  # ten in the morning
    caller.hub.desk.clock.advance(12 * HOUR)
    assert [scan(caller.hub, one) for one in (watched, alone, late)] == ["night", "", "lisi"]


def test_a_lost_code_is_replaced_and_what_is_printed_stays(caller: Caller, corp: Corp) -> None:
    made = code(caller.hub, caller.install, staff=[{"staff": "lisi"}])
    before = made["targets"]["lisi"]
    again = caller.hub.desk.post(f"/api/codes/{made['id']}/remake", {})
    assert again["url"] == made["url"]
    assert again["targets"]["lisi"] != before
    assert corp.ways[again["targets"]["lisi"]["ref"]]["state"] == made["state"]
    assert scan(caller.hub, again) == "lisi"


def test_what_the_vendor_would_not_make_is_named_and_made_later(caller: Caller, corp: Corp) -> None:
    corp.refuse = [45033]
    made = code(caller.hub, caller.install, staff=[{"staff": "lisi"}])
    assert made["missing"] == ["lisi"]
    assert scan(caller.hub, made) == ""
    assert caller.hub.desk.post(f"/api/codes/{made['id']}/remake", {})["missing"] == []


def test_an_account_code_replies_tags_and_counts(hub: Hub, oa: Account) -> None:
    caller = OaCaller(hub, oa, hub.account(oa, follow_reply="欢迎"))
    made = code(hub, caller.install, "campaign", text="春日上新", tags=["春季"])
    oa.follow(FAN, hub.now(), "union-mei")
    answer = caller.sealed(caller.event("subscribe", f"qrscene_{made['state']}"))
    assert caller.opened(answer).content == "春日上新"
    hub.turn()
    assert {oa.tags[id] for id in oa.tagged[FAN]} == {"春季"}
    assert show(hub, made)["joined"] == 1
    assert made["targets"][""]["picture"].startswith("https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=")


def order(hub: Hub, number: str, mobile: str, unionid: str = "") -> None:
    ids = [{"type": "mobile", "id": mobile}] + ([{"type": "unionid", "id": unionid}] if unionid else [])
    props = {"order_id": number, "total": "99.00", "shop": "tmall"}
    hub.desk.send(hub.desk._item("track", None, event="order_paid", properties=props, context={"externalIds": ids}))
    hub.turn()


def test_parcel_cards_are_matched_with_orders_and_promise_one_gift(caller: Caller) -> None:
    hub = caller.hub
    made = code(hub, caller.install, "parcel", staff=[{"staff": "lisi"}], gift="小样一份")
    url = f"/api/codes/{made['id']}/orders"
    assert hub.desk.post(url, {"orders": ["A1", "A2", "A3", "A3"]}) == {"added": 3, "elsewhere": 0, "matched": 0}
    assert hub.desk.post(url, {"orders": ["A1"]}) == {"added": 0, "elsewhere": 0, "matched": 0}
    order(hub, "A1", "13700000001", "union-wm-1")  # bought, then joined
    join(caller, made, "wm-1")
    join(caller, made, "wm-2")  # joined, then bought
    order(hub, "A2", "13700000002", "union-wm-2")
    join(caller, made, "wm-3")  # joined, and later known to have bought
    order(hub, "A3", "13700000003")
    join(caller, made, "wm-4")  # the order is not of this batch
    order(hub, "B9", "13700000004", "union-wm-4")
    assert (show(hub, made)["joined"], show(hub, made)["matched"]) == (4, 2)
    ids = [{"type": "mobile", "id": "13700000003"}, {"type": "unionid", "id": "union-wm-3"}]
    hub.desk.send(hub.desk._item("identify", None, traits={}, context={"externalIds": ids}))
    hub.turn()
    found = show(hub, made)
    assert (found["orders"], found["matched"], found["gifts"], found["match_rate"]) == (3, 3, 3, 0.75)
    [told] = hub.events("external_userid", "wm-1", "parcel_matched")
    assert told == {"code": made["id"], "order_id": "A1", "gift": "小样一份"}
    order(hub, "A1", "13700000001", "union-wm-1")  # told again: no second gift
    assert len(hub.events("external_userid", "wm-1", "parcel_matched")) == 1


def test_codes_have_their_rules(caller: Caller, hub: Hub) -> None:
    body = {"install_id": caller.install["id"], "name": "x", "kind": "staff", "config": {}}
    assert hub.desk.client.post("/api/codes", json=body).status_code == 422
    made = code(hub, caller.install, staff=[{"staff": "lisi"}])
    assert hub.desk.client.post(f"/api/codes/{made['id']}/orders", json={"orders": ["1"]}).status_code == 409
    assert hub.desk.client.delete(f"/api/connectors/{caller.install['id']}").status_code == 409
    change = {"name": "x", "disabled": True, "config": made["config"]}
    hub.desk.put(f"/api/codes/{made['id']}", change)
    assert hub.send(made["url"].removeprefix("http://127.0.0.1:8300")).status_code == 404
    assert hub.send("/c/nothing").status_code == 404
