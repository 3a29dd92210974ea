"""A channel that sends with a connector's account: one secret, one token; and addresses of that account only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.hub import Hub
from tests.connectors.vendors import Account, Corp

SEND = "/cgi-bin/message/custom/send"


def put(hub: Hub, channel: str, **config: Any) -> Any:
    body = {"enabled": True, "sandbox": False, "config": config}
    version = hub.desk.get(f"/api/channels/{channel}")["version"]
    return hub.desk.client.put(f"/api/channels/{channel}", json=body, headers={"If-Match": f'"{version}"'})


def test_a_channel_sends_with_a_connectors_account_and_its_token(hub: Hub, oa: Account) -> None:
    install = hub.account(oa)
    assert put(hub, "wechat_customer", connector=install["id"]).status_code == 200
    oa.followers.add("openid-of-mei")
    hub.pull(install, "fans")
    sent = hub.desk.post("/api/channels/wechat_customer/test", {"address": "openid-of-mei"})
    assert sent["state"] == "sent"
    assert len(oa.to("/cgi-bin/stable_token")) == 1
    oa.expire()
    assert hub.desk.post("/api/channels/wechat_customer/test", {"address": "openid-of-mei"})["state"] == "sent"
    assert hub.desk.post(f"/api/connectors/{install['id']}/test")["ok"] is True
    assert len(oa.to("/cgi-bin/stable_token")) == 2
    assert len(oa.to(SEND)) == 3  # one was refused for its token
    shown = hub.desk.get("/api/channels/wechat_customer")
    assert shown["config"]["secret"] == ""
    assert shown["config_schema"]["properties"]["connector"]["x-options"] == [
        {"value": install["id"], "label": install["name"]}
    ]


def test_a_new_secret_of_the_connector_is_the_channels_at_once(hub: Hub, oa: Account) -> None:
    install = hub.account(oa)
    oa.followers.add("openid-of-mei")
    oa.secret = "another-secret"
    put(hub, "wechat_customer", connector=install["id"])
    assert hub.desk.post("/api/channels/wechat_customer/test", {"address": "openid-of-mei"})["state"] == "failed"
    config = install["config"] | {"secret": "another-secret"}
    version = hub.show(install)["version"]
    changed = hub.desk.client.patch(
        f"/api/connectors/{install['id']}", json={"config": config}, headers={"If-Match": f'"{version}"'}
    )
    assert changed.status_code == 200
    assert hub.desk.post("/api/channels/wechat_customer/test", {"address": "openid-of-mei"})["state"] == "sent"


def test_wecoms_account_is_lent_and_can_not_be_removed_while_it_is(hub: Hub, corp: Corp) -> None:
    install = hub.corp(corp)
    assert put(hub, "wecom_mass", connector=install["id"], sender="lisi").status_code == 200
    assert hub.desk.post("/api/channels/wecom_mass/test", {"address": "wm-of-mei-0001"})["state"] == "waiting"
    hub.pull(install, "staff")
    assert len(corp.to("/cgi-bin/gettoken")) == 1
    url = f"/api/connectors/{install['id']}"
    refused = hub.desk.client.delete(url)
    assert (refused.status_code, "wecom" in refused.json()["detail"].lower()) == (409, True)
    assert put(hub, "wecom_mass", corp_id=corp.corp, secret=corp.secret, api_url=corp.url).status_code == 200
    renamed = hub.desk.client.patch(url, json={"name": "花间企微"}, headers={"If-Match": '"1"'})
    assert renamed.json()["name"] == "花间企微"
    assert hub.desk.get(f"/api/sources/{install['source_id']}")["name"] == "花间企微"
    assert hub.desk.client.delete(url).is_success
    assert hub.desk.get("/api/connectors")["items"] == []


def test_only_a_connector_of_the_right_kind_can_be_chosen(hub: Hub, oa: Account, corp: Corp) -> None:
    other = hub.corp(corp)
    for chosen in (other["id"], "con_nobody"):
        refused = put(hub, "wechat_customer", connector=chosen)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "config.connector")
    missing = put(hub, "wechat_customer")
    assert {one["field"] for one in missing.json()["errors"]} == {"config.appid", "config.secret"}
    own = put(hub, "wechat_customer", appid=oa.appid, secret=oa.secret, api_url=oa.url)
    assert own.status_code == 200
    oa.followers.add("openid-of-mei")
    assert hub.desk.post("/api/channels/wechat_customer/test", {"address": "openid-of-mei"})["state"] == "sent"


@pytest.mark.parametrize("borrowed", [True, False])
def test_the_person_page_shows_the_openid_of_the_channels_own_account(hub: Hub, oa: Account, borrowed: bool) -> None:
    install = hub.account(oa)
    ids = [{"type": "openid.wx-a-foreign-one", "id": "foreign-openid-1"}, {"type": "unionid", "id": "union-mei"}]
    ids += [{"type": f"openid.{oa.appid}", "id": "our-own-openid-22"}]
    item = hub.desk._item("track", None, event="oa_followed", properties={}, context={"externalIds": ids})
    hub.desk.send(item)
    config = {"connector": install["id"]} if borrowed else {"appid": oa.appid, "secret": oa.secret}
    put(hub, "wechat_customer", **config)

    def shown() -> dict[str, Any]:
        rows = hub.desk.get(f"/api/persons/{hub.ref('unionid', 'union-mei')}")["reachable"]
        return next(row for row in rows if row["channel"] == "official_account")

    assert shown()["reachable"] is True
    assert shown()["address"][:3] == "our"
    put(hub, "wechat_customer", appid="wx-yet-another", secret="s")
    assert (shown()["reachable"], shown()["why"]) == (False, "no_address")
