"""Every channel there is. A new one is a file here and a line below, or an entry point ``siyu.channels``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from siyu.delivery.channels import email, webhook
from siyu.delivery.channels.contract import Channel
from siyu.kit import NotFound

_OURS = (email.CHANNEL, webhook.CHANNEL)


@cache
def channels() -> dict[str, Channel]:
    """Channels by name, ours and third parties'."""
    others = [point.load() for point in entry_points(group="siyu.channels")]
    return {channel.name: channel for channel in (*others, *_OURS)}


def channel_named(name: str) -> Channel:
    """Raises NotFound."""
    if name not in channels():
        raise NotFound(what=f"channel {name[:40]}")
    return channels()[name]
