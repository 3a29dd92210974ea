"""Youzan, Douyin, WeChat Pay: what is signed right is taken once, all else is refused."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.connectors.hub import Hub


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
    hub.turn()
    assert hub.events("openid.ck", "dy-1") == ["douyin_followed"]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_wechat_pay_notices_are_verified_opened_and_counted_once(hub: Hub, key: rsa.RSAPrivateKey) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    install = hub.install("wechat_pay", mchid="160001", api_key=secret, public_key=pem.decode(), key_id="PUB_1")

    def notice(mchid: str = "160001", at: int = 0, serial: str = "PUB_1", tamper: bool = False) -> Any:
        said = {"mchid": mchid, "appid": "wxapp", "out_trade_no": "P1", "success_time": "2026-03-02T09:59:00+08:00",
                "payer": {"openid": "oPayer-1"}, "amount": {"total": 9900, "payer_total": 9900}}  # fmt: skip
        sealed = AESGCM(secret.encode()).encrypt(b"nonce1234567", json.dumps(said).encode(), b"transaction")
        resource = {"ciphertext": b64encode(sealed).decode(), "nonce": "nonce1234567", "associated_data": "transaction"}
        body = json.dumps({"id": "n1", "event_type": "TRANSACTION.SUCCESS", "resource": resource}).encode()
        stamp = str(at or hub.now())
        sign = key.sign(f"{stamp}\nabc\n".encode() + body + b"\n", padding.PKCS1v15(), hashes.SHA256())
        headers = {"wechatpay-timestamp": stamp, "wechatpay-nonce": "abc", "wechatpay-serial": serial,
                   "wechatpay-signature": b64encode(sign).decode()}  # fmt: skip
        return hub.send(hub.path(install), body + (b" " if tamper else b""), headers)

    for _ in range(2):
        assert notice().json()["code"] == "SUCCESS"
    assert notice(tamper=True).status_code == 403
    assert notice(at=hub.now() - 700).status_code == 403
    assert notice(serial="PUB_2").status_code == 403
    assert notice(mchid="999").status_code == 403
    hub.turn()
    assert hub.events("openid.wxapp", "oPayer-1") == ["order_paid"]
    [bought] = hub.desk.get(f"/api/persons/{hub.ref('openid.wxapp', 'oPayer-1')}/orders")["items"]
    assert bought["amount_fen"] == 9900
