"""Unsubscribe links: signed by the folder's key, made for one message, person and channel, valid for ever."""

from __future__ import annotations

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
