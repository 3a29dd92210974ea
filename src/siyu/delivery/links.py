"""Links in messages, made for one message and valid for ever: the signed one out of a channel, and the tracked ones.

A tracked link is ``/l/<code>``. The code is the start of a keyed digest, so it can't be guessed and is the same when a
message is made again. Where it leads stands in the database, so it can't be made to lead anywhere else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.kit import NotFound
from siyu.store import Store


class Link(msgspec.Struct, frozen=True, array_like=True):
    """What an unsubscribe link stands for."""

    message: str
    person: int
    channel: str


def make_link(store: Store, link: Link) -> str:
    """The address of the page where this person leaves this channel."""
    token = store.secrets.seal(msgspec.json.encode(link).decode())
    return f"{store.settings.public_url.rstrip('/')}/u/{token}"


def read_link(store: Store, token: str) -> Link:
    """Raises NotFound when the token was not made here or has been changed."""
    try:
        return msgspec.json.decode(store.secrets.open(token), type=Link)
    except Exception as error:
        raise NotFound(what="page") from error


class Tracked:
    """Makes the tracked addresses of messages, and keeps them for the caller to write."""

    def __init__(self, store: Store) -> None:
        self._key = store.secrets.key_for("links")
        self._base = f"{store.settings.public_url.rstrip('/')}/l/"
        self.rows: list[dict[str, Any]] = []

    def track(self, message: str, whose: Mapping[str, Any], address: str) -> str:
        """The address that stands in ``message`` for ``address``."""
        digest = hmac.digest(self._key, f"{message}\0{address}".encode(), hashlib.sha256)
        code = base64.b32encode(digest[:10]).decode().lower()
        self.rows.append(
            {"code": code, "message_id": message, "address": address, "page": address.partition("?")[0], **whose}
        )
        return self._base + code
