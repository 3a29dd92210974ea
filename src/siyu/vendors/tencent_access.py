"""Tencent's access tokens and error codes, shared by WeChat and WeCom: a call that renews a refused token once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from siyu.kit import HOUR, MINUTE, SECOND, Outbound
from siyu.vendors.calls import Fate, VendorRefused, Verdict, get_json, post_json
from siyu.vendors.tokens import STALE, TOKENS, Fetch, Tokens

ERRORS: dict[int, Verdict] = {
    -1: Verdict("retry", "peer_busy", 10 * SECOND),
    40001: STALE,
    40014: STALE,
    42001: STALE,
    40003: Verdict("bad_address", "bad_address"),
    40013: Verdict("failed", "bad_config"),
    40125: Verdict("failed", "bad_config"),
    40164: Verdict("failed", "bad_config"),
    45009: Verdict("retry", "vendor_quota", 4 * HOUR),
    45011: Verdict("retry", "vendor_rate", MINUTE),
    45033: Verdict("retry", "vendor_rate", 10 * SECOND),
    48001: Verdict("failed", "bad_config"),
    50002: Verdict("failed", "bad_config"),
}
"""Codes that mean the same everywhere at Tencent."""


class Access:
    """Calls with an access token. ``account`` names the account, ``fetch`` asks for its token."""

    def __init__(
        self,
        outbound: Outbound,
        base: str,
        account: str,
        secret: str,
        fetch: Fetch,
        errors: Mapping[int, Verdict],
        tokens: Tokens = TOKENS,
    ) -> None:
        digest = hashlib.sha256(secret.encode()).hexdigest()[:16]
        self._name = f"{base} {account} {digest}"
        self._outbound, self._base, self._fetch, self._errors, self._tokens = outbound, base, fetch, errors, tokens

    def token(self) -> str:
        """Raises NotTaken, VendorRefused."""
        return self._tokens.get(self._name, self._fetch)

    def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST to the API. Raises NotTaken, InDoubt, VendorRefused; a refused token is renewed once."""
        data = msgspec.json.encode(body)
        return self._with_token(path, lambda url: post_json(self._outbound, url, data))

    def ask(self, path: str) -> dict[str, Any]:
        """GET from the API. Raises NotTaken, VendorRefused."""
        return self._with_token(path, lambda url: get_json(self._outbound, url))

    def _with_token(self, path: str, call: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        joint = "&" if "?" in path else "?"

        def once(token: str) -> dict[str, Any]:
            answer = call(f"{self._base}{path}{joint}access_token={quote(token, safe='')}")
            if int(answer.get("errcode", 0) or 0):
                raise refused(answer, self._errors, stale_as="stale_token")
            return answer

        return self._tokens.renewing(self._name, self._fetch, once)


def refused(answer: Mapping[str, Any], errors: Mapping[int, Verdict], stale_as: Fate = "failed") -> VendorRefused:
    """The error an answer stands for. A token refused twice in a row is a fault of the settings, looked at later."""
    code = int(answer.get("errcode", 0) or 0)
    verdict = errors.get(code, Verdict("failed", "refused_by_peer"))
    if verdict.fate == "stale_token":
        verdict = Verdict(stale_as, "vendor_token", 5 * MINUTE)
    return VendorRefused(str(code), str(answer.get("errmsg", ""))[:200], verdict)
