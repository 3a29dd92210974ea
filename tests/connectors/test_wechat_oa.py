"""The Official Account against callbacks that wechatpy makes, and replies that wechatpy opens."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import WeChatSigner, check_signature

from tests.connectors.hub import Hub, xml
from tests.connectors.vendors import Account
from tests.vendors.shop import Shop

FAN = "oFan-mei-0001"


def signed(token: str, at: int, nonce: str = "n1") -> dict[str, str]:
    signer = WeChatSigner()
    signer.add_data(token, str(at), nonce)
    query = {"signature": signer.signature, "timestamp": str(at), "nonce": nonce}
    check_signature(token, query["signature"], query["timestamp"], nonce)
    return query


class Caller:
    """WeChat's side, by wechatpy."""

    def __init__(self, hub: Hub, vendor: Account, install: dict[str, Any]) -> None:
        self.hub, self.vendor, self.install, self.path = hub, vendor, install, hub.path(install)
        self.crypto = WeChatCrypto(vendor.token_text, vendor.key, vendor.appid)

    def plain(self, body: str, at: int | None = None, token: str = "") -> Any:
        query = signed(token or self.vendor.token_text, at or self.hub.now())
        return self.hub.send(self.path, body.encode(), **query)

    def sealed(self, body: str, at: int | None = None, **change: str) -> Any:
        moment = str(at or self.hub.now())
        made = self.crypto.encrypt_message(body, "n1", moment)
        query = signed(self.vendor.token_text, int(moment)) | {"encrypt_type": "aes"}
        query["msg_signature"] = made.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
        return self.hub.send(self.path, made.encode(), **(query | change))

    def opened(self, answer: Any, sign: str = "") -> Any:
        """A sealed reply, as wechatpy opens it."""
        outer = {name: answer.text.split(f"<{name}><![CDATA[")[1].split("]]>")[0] for name in ("MsgSignature", "Nonce")}
        stamp = answer.text.split("<TimeStamp>")[1].split("<")[0]
        opened = self.crypto.decrypt_message(answer.text, sign or outer["MsgSignature"], stamp, outer["Nonce"])
        return parse_message(opened)

    def message(self, text: str = "在吗", id: int = 1, openid: str = FAN) -> str:
        return xml(ToUserName="gh_1", FromUserName=openid, CreateTime=self.hub.now(), MsgType="text", Content=text,
                   MsgId=id)  # fmt: skip

    def event(self, name: str, key: str = "", at: int | None = None, openid: str = FAN, **more: Any) -> str:
        return xml(ToUserName="gh_1", FromUserName=openid, CreateTime=at or self.hub.now(), MsgType="event", Event=name,
                   EventKey=key, **more)  # fmt: skip


@pytest.fixture
def caller(hub: Hub, oa: Account) -> Caller:
    return Caller(hub, oa, hub.account(oa, follow_reply="欢迎关注花间", default_reply="稍后回复你",
                                       replies=[{"word": "优惠", "text": "会员日见"}]))  # fmt: skip


def test_the_address_check_answers_the_echo(caller: Caller) -> None:
    good = signed(caller.vendor.token_text, caller.hub.now()) | {"echostr": "hello"}
    assert caller.hub.send(caller.path, **good).text == "hello"
    bad = signed("wrong", caller.hub.now()) | {"echostr": "hello"}
    assert caller.hub.send(caller.path, **bad).status_code == 403


def test_wechatpys_sealed_message_is_taken_and_our_sealed_reply_opens_in_wechatpy(caller: Caller) -> None:
    answer = caller.sealed(caller.message("有优惠吗"))
    assert answer.status_code == 200
    reply = caller.opened(answer)
    assert (reply.type, reply.content, reply.target, reply.source) == ("text", "会员日见", FAN, "gh_1")
    with pytest.raises(InvalidSignatureException):
        caller.opened(answer, sign="0" * 40)
    caller.hub.turn()
    assert caller.hub.events(f"openid.{caller.vendor.appid}", FAN) == ["oa_message_received"]


def test_plain_mode_takes_plain_and_only_plain(hub: Hub, oa: Account) -> None:
    caller = Caller(hub, oa, hub.account(oa, mode="plain", default_reply="a ]]> b"))
    answer = caller.plain(caller.message())
    assert parse_message(answer.text).content == "a ]]> b"
    assert caller.sealed(caller.message()).status_code == 403
    assert caller.plain(caller.message(id=2), token="guess").status_code == 403
    assert caller.plain(caller.message(id=2), at=hub.now() - 601).status_code == 403
    assert caller.plain(caller.message()).status_code == 200  # played again
    hub.turn()
    assert hub.events(f"openid.{oa.appid}", FAN) == ["oa_message_received"]


def test_safe_mode_refuses_plain(caller: Caller) -> None:
    assert caller.plain(caller.message()).status_code == 403


def test_compatible_mode_reads_the_sealed_part(hub: Hub, oa: Account) -> None:
    caller = Caller(hub, oa, hub.account(oa, mode="compatible"))
    assert caller.sealed(caller.message()).status_code == 200
    assert caller.plain(caller.message()).status_code == 403


def test_tampered_stale_and_foreign_callbacks_are_refused(caller: Caller, oa: Account) -> None:
    body = caller.message()
    assert caller.sealed(body, msg_signature="0" * 40).status_code == 403
    assert caller.sealed(body, at=caller.hub.now() - 601).status_code == 403
    other = WeChatCrypto(oa.token_text, oa.key, "wx-somebody-else")
    caller.crypto, kept = other, caller.crypto
    assert caller.sealed(body).status_code == 403
    caller.crypto = kept
    made = caller.crypto.encrypt_message(body, "n1", str(caller.hub.now()))
    query = signed(oa.token_text, caller.hub.now()) | {"encrypt_type": "aes"}
    query["msg_signature"] = made.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    at = made.index("<Encrypt><![CDATA[") + 40
    tampered = made[:at] + ("A" if made[at] != "A" else "B") + made[at + 1 :]
    assert caller.hub.send(caller.path, tampered.encode(), **query).status_code == 403
    assert caller.hub.send(caller.path + "x", body.encode(), **query).status_code == 404
    caller.hub.turn()
    calls = caller.hub.desk.get(f"/api/connectors/{caller.install['id']}/activity")["calls"]
    assert [one["verdict"] for one in calls] == ["refused"] * 4
    assert caller.hub.show(caller.install)["count_24h"] == 0


def test_a_text_that_looks_like_a_callback_is_still_its_senders(caller: Caller) -> None:
    forged = "]]></Content><FromUserName><![CDATA[oVictim-00001]]></FromUserName><Content><![CDATA[优惠"
    assert caller.opened(caller.sealed(caller.message(forged))).target == FAN
    caller.hub.turn()
    assert caller.hub.events(f"openid.{caller.vendor.appid}", FAN) == ["oa_message_received"]


def test_a_retry_is_answered_the_same_and_counts_once(caller: Caller) -> None:
    body = caller.message("随便")
    assert [caller.opened(caller.sealed(body)).content for _ in range(3)] == ["稍后回复你"] * 3
    caller.hub.desk.clock.advance(1000)
    for _ in range(2):
        assert caller.sealed(caller.event("CLICK", "M1")).status_code == 200
    caller.hub.turn()
    assert caller.hub.events(f"openid.{caller.vendor.appid}", FAN) == ["oa_message_received", "oa_menu_clicked"]


def test_a_reply_waits_neither_for_the_account_nor_for_what_is_being_settled(caller: Caller, oa: Account) -> None:
    """Who follows, and nobody at WeChat answers, while the state is being written to."""
    caller.hub.show(caller.install)
    oa.delay = threading.Event()
    with caller.hub.desk.store.state.write():
        begun = time.monotonic()
        answer = caller.sealed(caller.event("subscribe", "qrscene_"))
        assert caller.opened(answer).content == "欢迎关注花间"
        assert time.monotonic() - begun < 5
    assert oa.calls == []
    oa.delay.set()
    caller.hub.turn()
    assert caller.hub.events(f"openid.{oa.appid}", FAN) == ["oa_followed"]


def test_a_recorded_callback_played_again_changes_nothing(caller: Caller) -> None:
    body = caller.event("subscribe", "qrscene_")
    caller.sealed(body)
    caller.hub.turn()
    caller.hub.desk.clock.advance(300_000)
    assert caller.sealed(body).status_code == 200  # sealed anew by whoever has the key: same content, same key
    caller.hub.turn()
    assert caller.hub.events(f"openid.{caller.vendor.appid}", FAN).count("oa_followed") == 1


def test_who_follows_is_known_by_unionid_and_who_leaves_is_forgotten(caller: Caller, oa: Account) -> None:
    oa.tags = {7: "老客"}
    oa.tagged[FAN] = {7}
    oa.follow(FAN, caller.hub.now(), "union-mei", remark="梅小姐", language="zh_CN")
    caller.sealed(caller.event("subscribe", "qrscene_store-7"))
    caller.hub.turn()
    kind = f"openid.{oa.appid}"
    assert caller.hub.ref(kind, FAN) == caller.hub.ref("unionid", "union-mei")
    assert caller.hub.events(kind, FAN, "oa_followed") == [{"state": "store-7"}]
    assert caller.hub.traits(kind, FAN)["oa_tags"] == ["老客"]
    caller.hub.desk.clock.advance(60_000)
    del oa.fans[FAN]
    caller.sealed(caller.event("unsubscribe"))
    caller.hub.turn()
    assert caller.hub.events(kind, FAN) == ["oa_followed", "oa_unfollowed"]
    assert not {"oa_tags", "oa_remark", "oa_language"} & set(caller.hub.traits(kind, FAN))


def test_the_other_acts_become_standard_events(caller: Caller) -> None:
    caller.sealed(caller.event("SCAN", "shelf-3"))
    caller.sealed(caller.event("VIEW", "https://brand.example/"))
    caller.sealed(caller.event("LOCATION", Latitude="31.23", Longitude="121.47", Precision="10"))
    caller.sealed(caller.event("TEMPLATESENDJOBFINISH", MsgID="9001", Status="success"))
    caller.hub.turn()
    kind = f"openid.{caller.vendor.appid}"
    assert set(caller.hub.events(kind, FAN)) == {
        "oa_scanned", "oa_menu_clicked", "oa_located", "oa_template_finished",
    }  # fmt: skip
    assert caller.hub.events(kind, FAN, "oa_located") == [{"latitude": 31.23, "longitude": 121.47}]


def test_an_audience_is_kept_as_a_tag(hub: Hub, oa: Account) -> None:
    rule = {"all": [{"event": "order_paid", "aggregate": "count", "op": "gte", "value": 1}]}
    audience = hub.desk.post("/api/audiences", {"name": "近 30 天买过", "rule": rule})["id"]
    hub.account(oa, audience_tags=[{"audience": audience, "tag": "买过"}])
    ids = [{"type": f"openid.{oa.appid}", "id": FAN}]
    hub.desk.send(hub.desk._item("track", None, event="order_paid", properties={"order_id": "A1", "total": 10},
                                 context={"externalIds": ids}))  # fmt: skip
    hub.turn()
    assert {oa.tags[id] for id in oa.tagged[FAN]} == {"买过"}


def test_the_history_of_followers_is_read_once(caller: Caller, hub: Hub, oa: Account) -> None:
    oa.list_page = 4
    begun, kind = hub.now() - 86_400 * 30, f"openid.{oa.appid}"
    for number in range(9):
        oa.follow(f"oOld-{number:04}-xx", begun + number, f"union-{number}", qr_scene_str="fair")
    done = hub.pull(caller.install, "fans")
    assert (done["state"], done["done"], done["total"]) == ("done", 9, 9)
    assert hub.events(kind, "oOld-0008-xx", "oa_followed") == [{"state": "fair"}]
    hub.desk.clock.advance(86_400_000)
    del oa.fans["oOld-0003-xx"]  # left without a callback
    hub.wait(caller.install, "fans")
    again = hub.pull(caller.install, "fans")
    assert again["done"] == 8
    assert hub.events(kind, "oOld-0003-xx") == ["oa_followed", "oa_unfollowed"]
    assert hub.events(kind, "oOld-0008-xx") == ["oa_followed"]
    assert hub.show(caller.install)["links"] == {"fan": 8}


def test_a_token_that_ends_half_way_and_limits_only_slow_the_followers_list_down(
    caller: Caller, hub: Hub, oa: Account
) -> None:
    """And who follows meanwhile, told by callback and by the list, follows once."""
    oa.list_page = 4
    begun, kind = hub.now() - 86_400 * 30, f"openid.{oa.appid}"
    for number in range(14):
        oa.follow(f"oOld-{number:04}-xx", begun + number, f"union-{number}")

    def trouble(start: int) -> None:
        if start == 4:
            oa.on_page = None
            oa.expire()
            oa.refuse = [45009, -1]
            oa.follow("oNew-0001-xx", hub.now(), "union-new")
            caller.sealed(caller.event("subscribe", openid="oNew-0001-xx"))

    oa.on_page = trouble
    done = hub.pull(caller.install, "fans", seconds=24 * 3600)
    hub.turn()
    assert (done["state"], done["done"]) == ("done", 15)
    names = [*(f"oOld-{number:04}-xx" for number in range(14)), "oNew-0001-xx"]
    assert [hub.events(kind, one) for one in names] == [["oa_followed"]] * 15
    assert hub.ref(kind, "oNew-0001-xx") == hub.ref("unionid", "union-new")
    assert hub.show(caller.install)["links"] == {"fan": 15}


def test_a_template_messages_receipt_reaches_the_message(hub: Hub, oa: Account) -> None:
    caller = Caller(hub, oa, hub.account(oa))
    config = {"appid": oa.appid, "secret": oa.secret, "api_url": oa.url}
    hub.desk.put("/api/channels/wechat_template", {"enabled": True, "config": config})
    shop = Shop(hub.desk)
    shop.follower("mei", oa, FAN)
    assert shop.ask("mei", "wechat_template", template_id="T1") == "allowed"
    message = str(9000 + len(oa.sent) - 1)
    caller.sealed(caller.event("TEMPLATESENDJOBFINISH", MsgID=message, Status="failed:user block"))
    hub.turn()
    assert "message_undelivered" in [one["event"] for one in hub.desk.get(
        f"/api/persons/{hub.desk.person('mei')}/timeline")["items"]]  # fmt: skip


def test_a_viewer_sees_no_address_and_no_secret(hub: Hub, oa: Account) -> None:
    install = hub.account(oa)
    assert install["config"]["secret"] == "•••"
    with hub.desk.store.state.read() as conn:
        stored = str(conn.exec_driver_sql("SELECT config FROM connectors_installs").scalar())
    assert oa.appid in stored
    assert not [one for one in (oa.secret, oa.token_text, oa.key) if one in stored]
    key = hub.desk.post("/api/keys", {"name": "reader", "scopes": ["read"]})["secret"]
    answer = hub.desk.client.get("/api/connectors", headers={"Authorization": f"Bearer {key}"}).json()
    assert [door["url"] for door in answer["items"][0]["doors"]] == [None]
    changed = hub.desk.client.patch(
        f"/api/connectors/{install['id']}", json={"config": {"appid": "wx-new", "token": "•••"}},
        headers={"If-Match": '"1"'},
    )  # fmt: skip
    assert changed.json()["config"] | {"secret": "", "token": ""} == install["config"] | {
        "appid": "wx-new", "secret": "", "token": "", "api_url": "https://api.weixin.qq.com",
    }  # fmt: skip
