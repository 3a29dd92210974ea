"""Youzan, Douyin, shops, tills, WeChat Pay: what is signed right is taken once, all else is refused."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from standardwebhooks import Webhook
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpy.crypto import WeChatCrypto

from siyu.identity import find_person
from siyu.kit import iso
from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import signed
from tests.connectors.vendors import Account


def test_youzan_orders_and_refunds(hub: Hub) -> None:
    install = hub.install("youzan", client_id="cid", client_secret="sec", shop="花间有赞")
    order = {"full_order_info": {
        "order_info": {"tid": "E1", "pay_time": "2026-03-02 09:00:00"}, "pay_info": {"payment": "128.50"},
        "buyer_info": {"yz_open_id": "yz-1", "buyer_phone": "13712345678"}}}  # fmt: skip
    refund = {"tid": "E1", "refund_id": "F1", "refunded_fee": "28.50", "yz_open_id": "yz-1",
              "update_time": "2026-03-02 09:30:00"}  # fmt: skip

    def push(kind: str, said: Any, secret: str = "sec", **more: Any) -> Any:
        msg = quote(json.dumps(said, ensure_ascii=False))
        sign = hashlib.md5(f"cid{msg}{secret}".encode()).hexdigest()
        return hub.send(hub.path(install), json.dumps({"type": kind, "msg": msg, "sign": sign, **more}).encode())

    for _ in range(2):
        assert push("trade_TradePaid", order).json() == {"code": 0, "msg": "success"}
        assert push("trade_refund_RefundSuccess", refund).status_code == 200
    assert push("trade_TradePaid", order, secret="guess").status_code == 403
    assert push("trade_TradePaid", {}, test=True).status_code == 200
    assert hub.send(hub.path(install), b"no push").status_code == 403
    hub.turn()
    ref = hub.ref("mobile", "+8613712345678")
    assert hub.events("mobile", "+8613712345678") == ["order_paid", "order_refunded"]
    [bought] = hub.desk.get(f"/api/persons/{ref}/orders")["items"]
    assert (bought["amount_fen"], bought["refunded_fen"], bought["shop"]) == (12850, 2850, "花间有赞")


def test_douyin_answers_the_check_and_takes_what_is_signed(hub: Hub) -> None:
    install = hub.install("douyin", client_key="ck", client_secret="cs")

    def push(said: Any, secret: str = "cs", **headers: str) -> Any:
        body = json.dumps(said).encode()
        sign = hashlib.sha1(secret.encode() + body).hexdigest()
        return hub.send(hub.path(install), body, {"x-douyin-signature": sign} | headers)

    check = {"event": "verify_webhook", "client_key": "ck", "content": {"challenge": 12345}}
    assert push(check).json() == {"challenge": 12345}
    assert push(check, secret="guess").status_code == 403
    follow = {"event": "new_follow_action", "client_key": "ck", "from_user_id": "dy-1",
              "content": json.dumps({"action_time": hub.now()})}  # fmt: skip
    for _ in range(3):
        assert push(follow, **{"msg-id": "m-1"}).status_code == 200
    assert push(follow | {"client_key": "another"}).status_code == 403
    lead = {"create_time": hub.now(), "message_type": "retain_consult_card", "room_id": "live-7",
            "card_data": [{"label_name": "手机号", "label_value": "13712345678"}]}  # fmt: skip
    said = {"event": "im_receive_msg", "client_key": "ck", "from_user_id": "dy-1", "content": json.dumps(lead)}
    assert push(said, **{"msg-id": "m-2"}).status_code == 200
    acts: dict[str, dict[str, Any]] = {
        "im_receive_msg": {"message_type": "text"}, "im_enter_direct_msg": {}, "new_video_digg": {"item_id": "v1"},
        "item_comment_reply": {"item_id": "v1"}, "life_trade_order_pay": {"order_id": "D1", "pay_amount": 9900},
    }  # fmt: skip
    for event, content in acts.items():
        told = {"event": event, "client_key": "ck", "from_user_id": "dy-1"}
        told["content"] = json.dumps(content | {"create_time": hub.now()})
        for _ in range(2):
            assert push(told, **{"msg-id": f"m-{event}"}).status_code == 200
    assert push(told | {"event": "unheard_of"}, **{"msg-id": "m-9"}).status_code == 200
    hub.turn()
    assert sorted(hub.events("openid.ck", "dy-1")) == [
        "douyin_chat_opened", "douyin_commented", "douyin_followed", "douyin_liked", "douyin_message_received",
        "lead_left", "order_paid",
    ]  # fmt: skip
    [bought] = hub.desk.get(f"/api/persons/{hub.ref('openid.ck', 'dy-1')}/orders")["items"]
    assert (bought["order_id"], bought["amount_fen"]) == ("D1", 9900)
    assert hub.ref("openid.ck", "dy-1") == hub.ref("mobile", "+8613712345678")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Pay:
    """WeChat Pay's side: notices its documentation describes, each of which wechatpayv3 opens as well."""

    secret, mchid, key_id = "0123456789abcdef0123456789abcdef", "160001", "PUB_KEY_ID_1"

    def __init__(self, hub: Hub, key: rsa.RSAPrivateKey) -> None:
        self.hub, self.key = hub, key
        spki, pkcs8 = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PrivateFormat.PKCS8
        pem = key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()
        own = key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()).decode()
        self.install = hub.install(
            "wechat_pay", mchid=self.mchid, api_key=self.secret, public_key=pem, key_id=self.key_id
        )  # fmt: skip
        self.theirs = WeChatPay(
            WeChatPayType.JSAPI, self.mchid, own, "00", "wxapp", self.secret, public_key=pem, public_key_id=self.key_id
        )  # fmt: skip

    def make(self, kind: str, at: int = 0, **said: Any) -> tuple[bytes, dict[str, str]]:
        text = json.dumps({"mchid": self.mchid} | said).encode()
        sealed = AESGCM(self.secret.encode()).encrypt(b"nonce1234567", text, b"transaction")
        resource = {"algorithm": "AEAD_AES_256_GCM", "ciphertext": b64encode(sealed).decode(), "nonce": "nonce1234567"}
        notice = {"id": "n1", "event_type": kind, "resource_type": "encrypt-resource"}
        body = json.dumps(notice | {"resource": resource | {"associated_data": "transaction"}}).encode()
        stamp = str(at or self.hub.now())
        sign = self.key.sign(f"{stamp}\nabc\n".encode() + body + b"\n", padding.PKCS1v15(), hashes.SHA256())
        return body, {
            "wechatpay-timestamp": stamp, "wechatpay-nonce": "abc", "wechatpay-serial": self.key_id,
            "wechatpay-signature": b64encode(sign).decode(),
            "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
        }  # fmt: skip

    def send(self, made: tuple[bytes, dict[str, str]], **change: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in change.items()}
        return self.hub.send(self.hub.path(self.install), made[0], made[1] | named)

    def paid(self, at: int = 0, **more: Any) -> tuple[bytes, dict[str, str]]:
        said = {"appid": "wxapp", "out_trade_no": "P1", "success_time": "2026-03-02T09:59:00+08:00",
                "payer": {"openid": "oPayer-1"}, "amount": {"total": 9900, "payer_total": 9900}}  # fmt: skip
        return self.make("TRANSACTION.SUCCESS", at, **(said | more))

    def refunded(self, id: str, fen: int) -> tuple[bytes, dict[str, str]]:
        return self.make(
            "REFUND.SUCCESS", out_trade_no="P1", refund_id=id, refund_status="SUCCESS",
            success_time="2026-03-02T10:00:00+08:00", amount={"total": 9900, "refund": fen, "payer_refund": fen},
        )  # fmt: skip


@pytest.fixture
def pay(hub: Hub, key: rsa.RSAPrivateKey) -> Pay:
    return Pay(hub, key)


def test_wechat_pay_notices_that_wechatpayv3_opens_are_taken_once(hub: Hub, pay: Pay) -> None:
    made = pay.paid()
    opened = pay.theirs.callback(made[1], made[0])
    assert (opened["event_type"], opened["resource"]["payer"]["openid"]) == ("TRANSACTION.SUCCESS", "oPayer-1")
    for _ in range(2):
        assert pay.send(made).json()["code"] == "SUCCESS"
    tampered = made[0] + b" ", made[1]
    assert pay.theirs.callback(tampered[1], tampered[0]) is None
    assert pay.send(tampered).status_code == 403
    assert pay.send(pay.paid(hub.now() - 700)).status_code == 403
    assert pay.send(made, wechatpay_serial="PUB_KEY_ID_2").status_code == 403
    assert pay.send(made, wechatpay_nonce="other").status_code == 403
    assert pay.send(pay.paid(mchid="999")).status_code == 403
    hub.turn()
    assert hub.events("openid.wxapp", "oPayer-1") == ["order_paid"]
    [bought] = hub.desk.get(f"/api/persons/{hub.ref('openid.wxapp', 'oPayer-1')}/orders")["items"]
    assert bought["amount_fen"] == 9900


def test_wechat_pay_refunds_go_to_who_paid_also_when_they_come_first(hub: Hub, pay: Pay) -> None:
    first, second = pay.refunded("5001", 1000), pay.refunded("5002", 400)
    assert pay.theirs.callback(first[1], first[0])["resource"]["refund_id"] == "5001"
    assert pay.send(first).json()["code"] == "SUCCESS"
    hub.turn()
    assert hub.show(pay.install)["tasks_waiting"] == 1
    assert pay.send(pay.paid()).json()["code"] == "SUCCESS"
    for made in (first, second, second):
        assert pay.send(made).json()["code"] == "SUCCESS"
    hub.turn()
    hub.desk.clock.advance(60_000)
    hub.turn()
    assert hub.events("openid.wxapp", "oPayer-1") == ["order_paid", "order_refunded", "order_refunded"]
    [bought] = hub.desk.get(f"/api/persons/{hub.ref('openid.wxapp', 'oPayer-1')}/orders")["items"]
    assert (bought["amount_fen"], bought["refunded_fen"]) == (9900, 1400)
    assert hub.show(pay.install)["tasks_failed"] == 0


def test_wechat_shop_fetches_what_a_push_names_and_counts_it_once(hub: Hub, oa: Account) -> None:
    common = {"appid": oa.appid, "secret": oa.secret, "api_url": oa.url}
    install = hub.install("wechat_shop", token=oa.token_text, encoding_key=oa.key, shop="花间小店", **common)
    who = {"openid": "oShop-1", "unionid": "union-mei"}
    oa.shop_orders["37001"] = who | {
        "order_id": "37001", "status": 20, "create_time": hub.now() - 60,
        "order_detail": {"price_info": {"order_price": 12850}, "pay_info": {"pay_time": hub.now() - 30},
                         "product_infos": [{"product_id": "P1", "title": "精华", "sku_cnt": 1, "sale_price": 12850}],
                         "delivery_info": {"address_info": {"tel_number": "13712340000"}}}}  # fmt: skip
    oa.shop_sales["9001"] = who | {"after_sale_order_id": "9001", "order_id": "37001", "update_time": hub.now(),
                                   "status": "MERCHANT_REFUND_SUCCESS", "refund_info": {"amount": 2850}}  # fmt: skip
    crypto = WeChatCrypto(oa.token_text, oa.key, oa.appid)

    def push(event: str, at: int = 0, sign: str = "", wrap: str = "json", **said: Any) -> Any:
        inner = {"ToUserName": "gh_1", "FromUserName": "oShop-1", "CreateTime": hub.now(), "MsgType": "event"}
        body, stamp = json.dumps(inner | {"Event": event} | said), str(at or hub.now())
        made = crypto.encrypt_message(body, "n1", stamp)
        parts = {name: made.split(f"<{name}><![CDATA[")[1].split("]]>")[0] for name in ("Encrypt", "MsgSignature")}
        text = json.dumps({"ToUserName": "gh_1", "Encrypt": parts["Encrypt"]}) if wrap == "json" else made
        query = signed(oa.token_text, int(stamp)) | {"encrypt_type": "aes"}
        return hub.send(hub.path(install), text.encode(), **query, msg_signature=sign or parts["MsgSignature"])

    info = {"order_info": {"order_id": 37001}}
    for event in ("channels_ec_order_pay", "channels_ec_order_pay", "channels_ec_order_confirm"):
        assert push(event, **info).text == "success"
    assert push("channels_ec_order_pay", wrap="xml", **info).text == "success"
    assert push("channels_ec_order_new", order_info={"order_id": 37002}).text == "success"  # not paid: not fetched
    sale = {"status": "MERCHANT_REFUND_SUCCESS", "after_sale_order_id": 9001, "order_id": 37001}
    for _ in range(2):
        assert push("channels_ec_aftersale_update", finder_shop_aftersale_status=sale).text == "success"
    assert push("channels_ec_order_pay", sign="0" * 40, **info).status_code == 403
    assert push("channels_ec_order_pay", at=hub.now() - 700, **info).status_code == 403
    hub.turn()
    oa.expire()
    assert push("channels_ec_order_settle", **info).text == "success"
    hub.turn()
    assert hub.events("unionid", "union-mei") == ["order_paid", "order_refunded"]
    assert hub.ref("unionid", "union-mei") == hub.ref(f"openid.{oa.appid}", "oShop-1")
    [bought] = hub.desk.get(f"/api/persons/{hub.ref('unionid', 'union-mei')}/orders")["items"]
    assert (bought["amount_fen"], bought["refunded_fen"], bought["shop"]) == (12850, 2850, "花间小店")
    with hub.desk.store.state.read() as conn:
        assert find_person(conn, "mobile:+8613712340000") is None  # a parcel's phone is nobody's key


def test_douyin_shop_takes_what_is_signed_and_puts_aside_what_names_nobody(hub: Hub) -> None:
    install = hub.install("douyin_shop", app_key="ak", app_secret="as", shop="花间抖店")

    def push(*pushes: Any, secret: str = "as", **headers: str) -> Any:
        body = json.dumps(pushes).encode()
        sign = hashlib.md5(b"ak" + body + secret.encode()).hexdigest()
        return hub.send(hub.path(install), body, {"event-sign": sign, "app-id": "ak"} | headers)

    paid = {"p_id": 4001, "doudian_open_id": "dd-1", "pay_amount": 9900, "pay_time": hub.now() - 60}
    refund = {"p_id": 4001, "aftersale_id": 71, "doudian_open_id": "dd-1", "refund_amount": 1900}
    assert push({"tag": "0", "msg_id": "0", "data": "2026-03-02T10:00:00+08:00"}).json()["code"] == 0
    for _ in range(2):
        both = {"tag": "101", "msg_id": "m1", "data": json.dumps(paid)}, {"tag": "206", "msg_id": "m2", "data": refund}
        assert push(*both).json() == {"code": 0, "msg": "success"}
    assert push({"tag": "101", "msg_id": "m1", "data": paid}, secret="guess").status_code == 403
    assert push({"tag": "101", "msg_id": "m1", "data": paid}, **{"app-id": "other"}).status_code == 403
    nobody = {"tag": "101", "msg_id": "m3", "data": {"p_id": 4002, "pay_amount": 1}}
    assert push(nobody).json() == {"code": 0, "msg": "success"}
    hub.turn()
    assert hub.show(install)["aside"] == 1
    assert hub.events("buyer_id.花间抖店", "dd-1") == ["order_paid", "order_refunded"]
    [bought] = hub.desk.get(f"/api/persons/{hub.ref('buyer_id.花间抖店', 'dd-1')}/orders")["items"]
    assert (bought["amount_fen"], bought["refunded_fen"]) == (9900, 1900)


def test_tills_push_by_the_standard_webhooks_library(hub: Hub) -> None:
    secret = "whsec_" + b64encode(b"a secret of twenty-four bytes and more").decode()
    install = hub.install("pos", secret=secret, shop="静安店")
    at = datetime.fromtimestamp(hub.now(), UTC)
    ids = {"member_card": "C-1", "mobile": "13712345678"}
    visit = {"type": "visit", "id": "v1", "at": iso(hub.now() * 1000), "ids": ids, "store": "静安店", "staff": "lisi"}
    order = {"type": "order", "id": "r1", "at": "2026-03-02T09:59:00", "ids": ids, "order_id": "R1", "amount": "99.90"}
    refund = {"type": "refund", "id": "b1", "at": iso(hub.now() * 1000), "ids": ids, "order_id": "R1", "amount": 9.9}

    def push(*events: Any, when: datetime = at, body: str = "", **change: str) -> Any:
        text = json.dumps({"events": events})
        sign = Webhook(secret).sign("msg_1", when, text)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(when.timestamp())), "webhook-signature": sign}
        return hub.send(hub.path(install), (body or text).encode(), headers | change)

    for _ in range(2):
        assert push(visit, order, refund).json() == {"ok": True}
    assert push(visit, body='{"events":[]}').status_code == 403
    assert push(visit, **{"webhook-id": "msg_2"}).status_code == 403
    assert push(visit, **{"webhook-signature": "v1,AAAA"}).status_code == 403
    assert push(visit, when=at - timedelta(seconds=700)).status_code == 403
    assert push(visit | {"ids": {}}).status_code == 400
    assert push(order | {"amount": ""}).status_code == 400
    hub.turn()
    ref = hub.ref("mobile", "+8613712345678")
    assert ref == hub.ref("member_card", "C-1")
    assert sorted(hub.events("member_card", "C-1")) == ["order_paid", "order_refunded", "store_visited"]
    assert hub.events("member_card", "C-1", "store_visited") == [{"store": "静安店", "staff": "lisi"}]
    [bought] = hub.desk.get(f"/api/persons/{ref}/orders")["items"]
    assert (bought["amount_fen"], bought["refunded_fen"], bought["shop"]) == (9990, 990, "静安店")
