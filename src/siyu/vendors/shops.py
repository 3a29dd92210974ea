"""How shops, tills and payment sign what they push: Youzan, Douyin and its shop, Standard Webhooks, WeChat Pay."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siyu.vendors.callbacks import BadCallback, check_fresh


def _same(given: str, wanted: str) -> None:
    if not hmac.compare_digest(given.lower().encode(), wanted.encode()):
        raise BadCallback(detail="the signature does not fit.")


def check_youzan(client_id: str, secret: str, message: str, sign: str) -> None:
    """MD5 over client id, message as it came, and secret [M]. Raises BadCallback."""
    _same(sign, hashlib.md5(f"{client_id}{message}{secret}".encode(), usedforsecurity=False).hexdigest())


def check_douyin(secret: str, body: bytes, sign: str) -> None:
    """SHA-1 over secret and body as it came [D]. Raises BadCallback."""
    _same(sign, hashlib.sha1(secret.encode() + body, usedforsecurity=False).hexdigest())


def check_douyin_shop(key: str, secret: str, body: bytes, sign: str) -> None:
    """MD5 over app key, body as it came, and secret [M]. Raises BadCallback."""
    _same(sign, hashlib.md5(key.encode() + body + secret.encode(), usedforsecurity=False).hexdigest())


def check_standard(secret: str, id: str, stamp: str, body: bytes, signatures: str) -> None:
    """Standard Webhooks: any of the ``v1,…`` signatures fits ``id.timestamp.body``. Raises BadCallback."""
    packed = secret.removeprefix("whsec_") if secret.startswith("whsec_") else ""
    try:
        key = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        key = b""
    text = f"{id}.{stamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(key or secret.encode(), text, hashlib.sha256).digest()).decode()
    given = [sign.removeprefix("v1,") for sign in signatures.split() if sign.startswith("v1,")]
    if not (id and secret) or not any(hmac.compare_digest(sign.encode(), wanted.encode()) for sign in given):
        raise BadCallback(detail="the signature does not fit.")


def check_wechat_pay(public_key: str, headers: Mapping[str, str], body: bytes, now_ms: int) -> None:
    """RSA-SHA256 of ``timestamp\\nnonce\\nbody\\n`` by WeChat Pay's public key (PEM) [D]. Raises BadCallback."""
    stamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
    check_fresh(stamp, now_ms)
    try:
        key = serialization.load_pem_public_key(public_key.encode())
        sign = base64.b64decode(headers.get("wechatpay-signature", ""), validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            raise BadCallback(detail="the platform's public key is no RSA key.")
        key.verify(sign, f"{stamp}\n{nonce}\n".encode() + body + b"\n", padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise BadCallback(detail="the signature does not fit.") from error


def open_wechat_pay(key: str, nonce: str, associated: str, ciphertext: str) -> bytes:
    """The resource inside a notice: AES-256-GCM under the merchant's APIv3 key [D]. Raises BadCallback."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(key.encode()).decrypt(nonce.encode(), sealed, associated.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise BadCallback(detail="it can't be decrypted.") from error
