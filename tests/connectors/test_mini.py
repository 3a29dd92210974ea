"""The Mini Program: logins, phone numbers and consents as its pages send them, and WeChat's own push."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto

from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import signed
from tests.connectors.vendors import Account
from tests.vendors.shop import Shop

OPENID = "oMini-mei-00001"


@pytest.fixture
def mini(hub: Hub, oa: Account) -> dict[str, Any]:
    common = {"appid": oa.appid, "secret": oa.secret, "api_url": oa.url}
    return hub.install("wechat_mini", token=oa.token_text, encoding_key=oa.key, **common)


def post(hub: Hub, mini: dict[str, Any], door: str, **body: Any) -> Any:
    return hub.send(hub.path(mini, door), json.dumps(body).encode())


def login(hub: Hub, oa: Account, mini: dict[str, Any], openid: str = OPENID, **more: Any) -> str:
    oa.logins["code-1"] = {"openid": openid, "unionid": "union-mei"}
    answer = post(hub, mini, "login", code="code-1", **more).json()
    assert set(answer) == {"openid", "token"}
    return str(answer["token"])


def test_a_login_ties_openid_unionid_and_what_the_pages_sdk_saw(hub: Hub, oa: Account, mini: dict[str, Any]) -> None:
    login(hub, oa, mini, anonymous_id="device-7", scene="1047")
    hub.turn()
    kinds = [(f"openid.{oa.appid}", OPENID), ("unionid", "union-mei"), ("device", "device-7")]
    assert len({hub.ref(*one) for one in kinds}) == 1
    assert hub.events("unionid", "union-mei", "mp_visited") == [{"scene": "1047"}]
    assert post(hub, mini, "login", code="code-1").status_code == 502  # the vendor takes a code once
    assert post(hub, mini, "login", code="").status_code == 400


def test_visits_that_sdks_tell_are_of_who_has_logged_in(hub: Hub, oa: Account, mini: dict[str, Any]) -> None:
    """As Sensors' Mini Program SDK sends them, and as Segment's."""
    login(hub, oa, mini)
    key = hub.desk.post("/api/sources", {"name": "小程序埋点", "kind": "sensors"})["write_key"]
    ids = {f"$identity_mp_{oa.appid}_openid": OPENID}
    said = {"type": "track", "event": "$MPShow", "time": hub.now() * 1000, "distinct_id": OPENID,
            "identities": ids, "properties": {"$url_path": "pages/shelf", "$lib": "MiniProgram"},
            "lib": {"$lib": "MiniProgram", "$lib_method": "code", "$lib_version": "1.22.7"}}  # fmt: skip
    data = base64.b64encode(json.dumps(said).encode()).decode()
    assert hub.send("/sa", project="default", token=key, data=data).status_code == 200
    named = {"externalIds": [{"type": f"openid.{oa.appid}", "id": OPENID}]}
    hub.desk.send(hub.desk._item("page", None, name="shelf", properties={"path": "pages/shelf"}, context=named))
    hub.turn()
    assert sorted(hub.events("unionid", "union-mei")) == ["mp_visited", "mp_visited", "page_viewed"]


def test_a_phone_number_goes_only_to_who_has_logged_in(hub: Hub, oa: Account, mini: dict[str, Any]) -> None:
    token = login(hub, oa, mini)
    oa.phones["phone-1"] = "13712345678"
    assert post(hub, mini, "phone", code="phone-1", token=hub.desk.store.secrets.seal("x")).status_code == 403
    assert post(hub, mini, "phone", code="phone-1", token="guess").status_code == 403
    assert post(hub, mini, "phone", code="phone-1", token=token).json() == {"mobile": "137****5678"}
    hub.turn()
    assert hub.ref("mobile", "+8613712345678") == hub.ref("unionid", "union-mei")
    hub.desk.clock.advance(49 * 3_600_000)
    oa.phones["phone-2"] = "13712345679"
    assert post(hub, mini, "phone", code="phone-2", token=token).status_code == 403


def test_consents_are_counted_once_each(hub: Hub, oa: Account, mini: dict[str, Any]) -> None:
    shop = Shop(hub.desk)
    shop.wechat(oa, "mini_program_subscribe")
    shop.event("mei", "page_viewed", ("unionid", "union-mei"))
    oa.followers.add(OPENID)
    oa.consents[OPENID, "T1"] = 9
    token = login(hub, oa, mini)
    for _ in range(2):
        assert post(hub, mini, "subscribe", token=token, templates=["T1", "T2"], id="prompt-1").status_code == 200
    hub.turn()
    asked = [shop.ask("mei", "mini_program_subscribe", template_id="T1") for _ in range(2)]
    assert asked == ["allowed", "grant_used"]
    assert post(hub, mini, "subscribe", token=token, templates=["a", "b", "c", "d"], id="x").status_code == 400


def popup(hub: Hub, wrap: str) -> str:
    """T1 was agreed to, T2 was not; ``json`` of one template tells no list."""
    said = [("T1", "accept"), ("T2", "reject")]
    if wrap == "xml":
        rows = "".join(
            f"<List><TemplateId><![CDATA[{name}]]></TemplateId>"
            f"<SubscribeStatusString><![CDATA[{word}]]></SubscribeStatusString></List>"
            for name, word in said
        )
        return (
            f"<xml><ToUserName>gh</ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>"
            f"<CreateTime>{hub.now()}</CreateTime><MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event>"
            f"<SubscribeMsgPopupEvent>{rows}</SubscribeMsgPopupEvent></xml>"
        )
    found = [{"TemplateId": name, "SubscribeStatusString": word, "PopupScene": "0"} for name, word in said]
    told = {"ToUserName": "gh", "FromUserName": OPENID, "CreateTime": hub.now(), "MsgType": "event"}
    told |= {"Event": "subscribe_msg_popup_event", "List": found if wrap == "json" else found[0]}
    return json.dumps(told)


@pytest.mark.parametrize("wrap", ["xml", "json", "json alone"])
def test_wechats_own_push_of_consents(hub: Hub, oa: Account, mini: dict[str, Any], wrap: str) -> None:
    stamp = str(hub.now())
    made = WeChatCrypto(oa.token_text, oa.key, oa.appid).encrypt_message(popup(hub, wrap), "n1", stamp)
    sign = made.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    if wrap != "xml":
        made = json.dumps({"ToUserName": "gh", "Encrypt": made.split("<Encrypt><![CDATA[")[1].split("]]>")[0]})
    query = signed(oa.token_text, int(stamp)) | {"encrypt_type": "aes"}
    for _ in range(2):
        assert hub.send(hub.path(mini), made.encode(), **query, msg_signature=sign).text == "success"
    assert hub.send(hub.path(mini), made.encode(), **query, msg_signature="0" * 40).status_code == 403
    assert hub.send(hub.path(mini), made.encode(), **(query | {"nonce": "n2"}), msg_signature=sign).status_code == 403
    hub.desk.clock.advance(601_000)
    assert hub.send(hub.path(mini), made.encode(), **query, msg_signature=sign).status_code == 403
    hub.turn()
    [props] = hub.events(f"openid.{oa.appid}", OPENID, "subscribe_granted")
    assert props["template_id"] == "T1"
