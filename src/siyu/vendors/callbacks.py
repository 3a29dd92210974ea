"""Callbacks of WeChat and WeCom: signature, freshness, AES. Also the encrypted answer where one is wanted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from siyu.kit import SiyuError

FRESH_SECONDS = 600
"""How far a callback's timestamp may be from our clock: the vendors repeat for seconds, not for minutes."""
_BLOCK = 32
_TAG = re.compile(r"<(\w+)>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</\1>", re.S)


class BadCallback(SiyuError):
    """This callback is not from the vendor it claims to be from: {detail}"""

    code = "bad_callback"
    status = 403


def signed(*parts: str) -> str:
    """SHA-1 over the sorted parts, as both vendors sign."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def check_signature(signature: str, *parts: str) -> None:
    """Raises BadCallback."""
    if not hmac.compare_digest(signed(*parts), signature):
        raise BadCallback(detail="the signature does not fit.")


def check_fresh(timestamp: str, now_ms: int) -> None:
    """Raises BadCallback for a timestamp that is not from around now: a recorded callback can't be played again."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise BadCallback(detail="it carries no timestamp.")
    if abs(now_ms // 1000 - int(timestamp)) > FRESH_SECONDS:
        raise BadCallback(detail="it is too old.")


def fields_of(xml: str) -> dict[str, str]:
    """The leaves of a callback's XML, the first of a name. No parser: entities and nesting have no place in it."""
    return {name: plain or data for name, data, plain in reversed(_TAG.findall(xml))}


class Crypto:
    """The vendors' AES envelope: 16 random bytes, length, text, receiver's id; PKCS#7 to 32 bytes, AES-256-CBC."""

    def __init__(self, token: str, encoding_key: str, receiver: str) -> None:
        self._token = token
        self._receiver = receiver
        try:
            self._key = base64.b64decode(encoding_key + "=", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCallback(detail="EncodingAESKey is not set up.") from error
        if len(self._key) != 32:
            raise BadCallback(detail="EncodingAESKey is not set up.")

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
        """The text inside an envelope. Raises BadCallback."""
        check_signature(signature, self._token, timestamp, nonce, encrypted)
        try:
            data = base64.b64decode(encrypted, validate=True)
            padded = self._cipher().decryptor().update(data)
            end = len(padded) - padded[-1]
            size = int.from_bytes(padded[16:20], "big")
            text, receiver = padded[20 : 20 + size].decode(), padded[20 + size : end].decode()
        except (binascii.Error, ValueError, IndexError) as error:
            raise BadCallback(detail="it can't be decrypted.") from error
        if receiver != self._receiver:
            raise BadCallback(detail="it is for another account.")
        return text

    def seal(self, text: str) -> str:
        """An envelope around ``text``."""
        body = text.encode()
        data = os.urandom(16) + len(body).to_bytes(4, "big") + body + self._receiver.encode()
        pad = _BLOCK - len(data) % _BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def envelope(self, text: str, timestamp: str, nonce: str) -> str:
        """A sealed and signed answer as XML."""
        sealed = self.seal(text)
        signature = signed(self._token, timestamp, nonce, sealed)
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def parts_of(query: Sequence[tuple[str, str]], *names: str) -> tuple[str, ...]:
    """The named parameters of a callback's address, empty where missing."""
    known = dict(query)
    return tuple(known.get(name, "") for name in names)
