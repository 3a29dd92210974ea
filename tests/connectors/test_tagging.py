"""Audiences kept as tags: who is in when that begins, who enters and leaves, on both platforms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from siyu.store import bulk
from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import Caller
from tests.connectors.vendors import Account, Corp

DAY = 86_400_000


def audience(hub: Hub) -> str:
    rule = {
        "all": [
            {
                "event": "order_paid",
                "aggregate": "count",
                "op": "gte",
                "value": 1,
                "window": {"last": 30, "unit": "days"},
            }
        ]
    }
    return str(hub.desk.post("/api/audiences", {"name": "近 30 天买过", "rule": rule})["id"])


def buy(hub: Hub, kind: str, *values: str) -> None:
    hub.desk.send(*(
        hub.desk._item("track", None, event="order_paid", properties={"order_id": value, "total": 10},
                       context={"externalIds": [{"type": kind, "id": value}]})
        for value in values
    ))  # fmt: skip
    hub.turn()


def keep_as(hub: Hub, install: dict[str, Any], name: str, tag: str = "买过") -> None:
    config = hub.show(install)["config"] | {"audience_tags": [{"audience": name, "tag": tag}]}
    patch = {"json": {"config": config}, "headers": {"If-Match": f'"{hub.show(install)["version"]}"'}}
    answer = hub.desk.client.patch(f"/api/connectors/{install['id']}", **patch)
    assert answer.is_success, answer.text
    hub.turn()


def tagged(oa: Account) -> dict[str, set[str]]:
    return {openid: {oa.tags[id] for id in ids} for openid, ids in oa.tagged.items() if ids}


def test_members_are_tagged_when_it_begins_fifty_a_call(hub: Hub, oa: Account) -> None:
    kind, fans = f"openid.{oa.appid}", [f"oFan-{number:04}-xxx" for number in range(120)]
    name, install = audience(hub), hub.account(oa)
    buy(hub, kind, *fans)
    buy(hub, "openid.wxother", "oNobody-0001")  # of another account: not to be tagged here
    assert tagged(oa) == {}
    keep_as(hub, install, name)
    assert tagged(oa) == {fan: {"买过"} for fan in fans}
    assert len(oa.to("/cgi-bin/tags/members/batchtagging")) == 3
    keep_as(hub, install, name)  # saved again: nothing new to do
    assert len(oa.to("/cgi-bin/tags/members/batchtagging")) == 3
    assert hub.show(install)["tasks_waiting"] == 0


def test_who_leaves_is_untagged_and_who_follows_no_more_is_left_out(hub: Hub, oa: Account) -> None:
    kind, name = f"openid.{oa.appid}", audience(hub)
    install = hub.account(oa)
    oa.strangers = {"oGone-0001-xx"}
    buy(hub, kind, "oFan-0001-xxx", "oGone-0001-xx")
    keep_as(hub, install, name)
    assert tagged(oa) == {"oFan-0001-xxx": {"买过"}}
    assert hub.show(install)["tasks_failed"] == 0
    hub.desk.clock.advance(31 * DAY)
    hub.sweep()
    assert tagged(oa) == {}


def test_an_audience_is_kept_as_a_tag_of_contacts_by_every_member_who_has_them(hub: Hub, corp: Corp) -> None:
    name, install = audience(hub), hub.corp(corp)
    for staff in corp.staff:
        corp.befriend("wm-mei", staff, hub.now())
    buy(hub, "external_userid", "wm-mei", "wm-gone")
    corp.refuse = [45033]
    keep_as(hub, install, name)
    hub.desk.clock.advance(60_000)
    hub.turn()
    assert {corp.tags[id] for staff in corp.staff for id in corp.friends["wm-mei", staff]["tag_id"]} == {"买过"}
    corp.befriend("wm-lan", "lisi", hub.now())
    buy(hub, "external_userid", "wm-lan")
    assert len(corp.friends["wm-lan", "lisi"]["tag_id"]) == 1
    hub.desk.clock.advance(31 * DAY)
    hub.sweep()
    assert not any(row["tag_id"] for row in corp.friends.values())
    assert hub.show(install)["tasks_failed"] == 0


def test_who_unfollows_leaves_the_others_of_a_call_that_waits_to_be_tagged(hub: Hub, oa: Account) -> None:
    kind, name = f"openid.{oa.appid}", audience(hub)
    install = hub.account(oa)
    buy(hub, kind, "oFan-0001-xxx", "oFan-0002-xxx", "oFan-0003-xxx")
    oa.refuse = [45009]
    keep_as(hub, install, name)
    assert (tagged(oa), hub.show(install)["tasks_waiting"]) == ({}, 1)
    caller = Caller(hub, oa, install)
    caller.sealed(caller.event("unsubscribe", openid="oFan-0002-xxx"))
    hub.turn()
    hub.desk.clock.advance(DAY)
    hub.turn()
    assert tagged(oa) == {fan: {"买过"} for fan in ("oFan-0001-xxx", "oFan-0003-xxx")}
    assert not any(b"oFan-0002-xxx" in call.body for call in oa.to("/cgi-bin/tags/members/batchtagging"))


def test_work_that_waited_while_the_house_was_brought_up_to_date_is_done(hub: Hub, oa: Account) -> None:
    """One person a task, as it was written before there were fifty."""
    install, ids = hub.account(oa), {f"openid.{oa.appid}": "oFan-0001-xxx", "unionid": "union-1"}
    for on in (True, False):
        payload = json.dumps({"ids": ids, "tag": "买过", "on": on})
        row = (install["id"], "tag", f"7 aud_1 1 {on}", payload, hub.desk.clock.now_ms(), hub.desk.clock.now_ms())
        with hub.desk.store.state.write() as conn:
            bulk(conn, "INSERT INTO connectors_tasks (install_id, name, key, payload, created_at, due_at)"
                       " VALUES (?, ?, ?, ?, ?, ?)", [row])  # fmt: skip
        hub.turn()
        assert tagged(oa) == ({"oFan-0001-xxx": {"买过"}} if on else {})
    shown = hub.show(install)
    assert (shown["tasks_waiting"], shown["tasks_failed"]) == (0, 0)


@pytest.mark.parametrize("used", [True, False])
def test_an_audience_in_use_here_can_not_be_deleted(hub: Hub, oa: Account, used: bool) -> None:
    name, install = audience(hub), hub.account(oa)
    if used:
        keep_as(hub, install, name)
    answer = hub.desk.client.delete(f"/api/audiences/{name}")
    assert answer.status_code == (409 if used else 204)
    if used:
        assert install["name"] in answer.text
