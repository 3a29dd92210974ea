"""Douyin shop's open platform (抖店): signed calls for one shop. The signature is as another's client makes it [P].

An answer is ``{code: 10000, data}``; else ``sub_code`` says what is wrong. Fields and limits from memory [M].
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from siyu.kit import SECOND, Outbound
from siyu.vendors.calls import InDoubt, NotTaken, VendorRefused, Verdict, post_json
from siyu.vendors.tokens import STALE, TOKENS, Tokens

API = "https://openapi-fxg.jinritemai.com"
_VERSION = "2"
_BUSY = Verdict("retry", "peer_busy", 10 * SECOND)
ERRORS: dict[str, Verdict] = {
    "isv.access-token-expired": STALE,
    "isv.access-token-no-existed": STALE,
    "20000": _BUSY,
    "60000": Verdict("retry", "vendor_rate", 10 * SECOND),
    "90000": _BUSY,
}
_encode = msgspec.json.Encoder(order="sorted").encode


def sign(key: str, secret: str, method: str, param: str, timestamp: str) -> str:
    """HMAC-SHA256 over the secret, the sorted names with their values, and the secret again."""
    named = {"app_key": key, "method": method, "param_json": param, "timestamp": timestamp, "v": _VERSION}
    text = secret + "".join(f"{name}{named[name]}" for name in sorted(named)) + secret
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Shop:
    """Calls in the name of one shop of an application made for oneself (自用型)."""

    def __init__(
        self,
        outbound: Outbound,
        base: str,
        key: str,
        secret: str,
        shop_id: str,
        now_ms: Callable[[], int],
        tokens: Tokens = TOKENS,
    ) -> None:
        self._outbound, self._base, self._now, self._tokens = outbound, base, now_ms, tokens
        self._key, self._secret, self._shop = key, secret, shop_id
        self._name = f"{base} {key} {shop_id} {hashlib.sha256(secret.encode()).hexdigest()[:16]}"

    def token(self) -> str:
        """Raises NotTaken, VendorRefused."""
        return self._tokens.get(self._name, self._fetch)

    def call(self, method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What is under ``data``. Raises NotTaken, VendorRefused; a refused token is renewed once."""
        return self._tokens.renewing(self._name, self._fetch, lambda token: self._post(method, asked, token))

    def _fetch(self) -> tuple[str, int]:
        asked = {"code": "", "grant_type": "authorization_self", "shop_id": self._shop}
        found = self._post("token.create", asked, "")
        return str(found["access_token"]), int(found["expires_in"])

    def _post(self, method: str, asked: Mapping[str, Any], token: str) -> dict[str, Any]:
        body, stamp = _encode(asked), str(self._now() // SECOND)
        query = {"app_key": self._key, "method": method, "timestamp": stamp, "v": _VERSION}
        query |= {"sign": sign(self._key, self._secret, method, body.decode(), stamp), "sign_method": "hmac-sha256"}
        query |= {"access_token": token} if token else {}
        try:
            answer = post_json(self._outbound, f"{self._base}/{method.replace('.', '/')}?{urlencode(query)}", body)
        except InDoubt as error:  # nothing but reading is asked here
            raise NotTaken(str(error)) from error
        code, detail = str(answer.get("code", "")), str(answer.get("sub_code", ""))
        if code == "10000":
            return dict(answer.get("data") or {})
        verdict = ERRORS.get(detail) or ERRORS.get(code) or Verdict("failed", "refused_by_peer")
        raise VendorRefused(f"{code} {detail}".strip(), str(answer.get("sub_msg") or answer.get("msg") or ""), verdict)
