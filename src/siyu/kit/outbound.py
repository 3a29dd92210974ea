"""The one way out over HTTP: internal addresses are refused unless the host allows them.

The name is resolved once and the connection made to the checked address, so a name that changes its
answer between check and use (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from functools import cache
from typing import IO, Any
from urllib.parse import urlsplit

import httpx

from siyu.kit.errors import SiyuError


class OutboundRefused(SiyuError):
    """Siyu does not call {host}: {detail}. Use a public address, or set allow_private_outbound if you trust it."""

    code = "outbound_refused"
    status = 422


def check_host(host: str, port: int, allow_private: bool) -> str:
    """Resolve ``host`` and answer the address to use. Raises OutboundRefused for internal addresses."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundRefused(host=host, detail="the name does not resolve") from error
    for entry in found:
        address = ipaddress.ip_address(str(entry[4][0]).partition("%")[0])
        if not allow_private and not address.is_global:
            raise OutboundRefused(host=host, detail=f"{address} is an internal address")
    return str(found[0][4][0])


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities whose certificates count. Read once: that takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


class Outbound:
    """Guarded HTTP client; no redirects, ``timeout`` seconds for each phase of a call."""

    def __init__(self, allow_private: bool, timeout: float = 10.0) -> None:
        self._allow_private = allow_private
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False, verify=_trusted())

    def post(self, url: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        """POST ``content``. Raises OutboundRefused, or httpx.HTTPError when the peer cannot be reached."""
        return self._send("POST", url, content=content, headers=headers)

    def put(self, url: str, content: IO[bytes], headers: dict[str, str]) -> httpx.Response:
        """PUT an open file, read as it is sent. Raises as ``post`` does."""
        return self._send("PUT", url, content=content, headers=headers)

    def get(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """GET. Raises as ``post`` does."""
        return self._send("GET", url, headers=headers)

    def _send(self, method: str, url: str, headers: dict[str, str], **rest: Any) -> httpx.Response:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise OutboundRefused(host=url[:80], detail="only http and https addresses can be called")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = check_host(parts.hostname, port, self._allow_private)
        literal = f"[{address}]" if ":" in address else address
        pinned = parts._replace(netloc=f"{literal}:{port}").geturl()
        return self._client.request(
            method,
            pinned,
            headers={"Host": parts.netloc.rpartition("@")[2]} | headers,
            extensions={"sni_hostname": parts.hostname},
            **rest,
        )

    def close(self) -> None:
        self._client.close()
