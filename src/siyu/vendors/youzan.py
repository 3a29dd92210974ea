"""Youzan's open platform (有赞云): calls for one shop, by its documentation as others quote it [D]; limits' codes [M].

An answer is ``{code: 200, success, data}``, or ``gw_err_resp`` from the gateway. Lists are asked by POST, harmlessly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.kit import SECOND, Outbound
from siyu.vendors.calls import InDoubt, NotTaken, VendorRefused, Verdict, post_json
from siyu.vendors.tokens import STALE, TOKENS, Tokens

API = "https://open.youzanyun.com"
_BUSY = Verdict("retry", "peer_busy", 10 * SECOND)
ERRORS: dict[str, Verdict] = {
    "4201": STALE,
    "4202": STALE,
    "4203": STALE,
    "106000001": _BUSY,
    "106100118": _BUSY,
    "-100": _BUSY,
}
"""4201 and the two behind it: the token is not valid (any more); the 106… ones: timed out, may be asked again."""
_LIMITS = ("频率", "限流", "频繁")
"""No code of a limit is documented; its text says so."""


class Shop:
    """Calls in the name of one shop (``kdt_id``) and application."""

    def __init__(
        self, outbound: Outbound, base: str, client_id: str, secret: str, kdt_id: str, tokens: Tokens = TOKENS
    ) -> None:
        self._outbound, self._base, self._tokens = outbound, base, tokens
        self._client, self._secret, self._shop = client_id, secret, kdt_id
        self._name = f"{base} {client_id} {kdt_id} {hashlib.sha256(secret.encode()).hexdigest()[:16]}"

    def token(self) -> str:
        """Raises NotTaken, VendorRefused."""
        return self._tokens.get(self._name, self._fetch)

    def call(self, name: str, version: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What is under ``data``. Raises NotTaken, VendorRefused; a refused token is renewed once."""
        url = f"{self._base}/api/{name}/{version}?access_token="
        return self._tokens.renewing(self._name, self._fetch, lambda token: self._post(url + token, asked))

    def _fetch(self) -> tuple[str, int]:
        asked = {"client_id": self._client, "client_secret": self._secret, "grant_id": self._shop}
        found = self._post(f"{self._base}/auth/token", asked | {"authorize_type": "silent", "refresh": False})
        return str(found["access_token"]), (int(found["expires"]) - self._tokens.now_ms()) // SECOND

    def _post(self, url: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = post_json(self._outbound, url, msgspec.json.encode(asked))
        except InDoubt as error:  # nothing but reading is asked here
            raise NotTaken(str(error)) from error
        gateway = answer.get("gw_err_resp") or {}
        code = str(gateway.get("err_code") or answer.get("code") or "")
        if code == "200" and answer.get("success"):
            return dict(answer.get("data") or {})
        text = str(gateway.get("err_msg") or answer.get("message") or answer.get("msg") or "")
        raise VendorRefused(code, text, _verdict(code, text))


def _verdict(code: str, text: str) -> Verdict:
    if any(word in text for word in _LIMITS):
        return Verdict("retry", "vendor_rate", 10 * SECOND)
    return ERRORS.get(code, Verdict("failed", "refused_by_peer"))
