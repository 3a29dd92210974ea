"""Every channel there is. A new one is a file here and a line below, or an entry point ``siyu.channels``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from siyu.delivery.channels import (
    app_push,
    email,
    inbox,
    mini_program_subscribe,
    sms_aliyun,
    sms_tencent,
    webhook,
    wechat_customer,
    wechat_template,
    wecom_group,
    wecom_mass,
    wecom_moments,
    wecom_welcome,
)
from siyu.delivery.channels.contract import Channel
from siyu.kit import NotFound, work_out_shapes

_OURS = (
    email.CHANNEL,
    sms_aliyun.CHANNEL,
    sms_tencent.CHANNEL,
    wechat_customer.CHANNEL,
    wechat_template.CHANNEL,
    mini_program_subscribe.CHANNEL,
    wecom_mass.CHANNEL,
    wecom_welcome.CHANNEL,
    wecom_group.CHANNEL,
    wecom_moments.CHANNEL,
    app_push.CHANNEL,
    inbox.CHANNEL,
    webhook.CHANNEL,
)


@cache
def channels() -> dict[str, Channel]:
    """Channels by name, ours and third parties'."""
    others = [point.load() for point in entry_points(group="siyu.channels")]
    work_out_shapes()
    return {channel.name: channel for channel in (*others, *_OURS)}


def channel_named(name: str) -> Channel:
    """Raises NotFound."""
    if name not in channels():
        raise NotFound(what=f"channel {name[:40]}")
    return channels()[name]


def family_of(name: str) -> str:
    """The owned channel whose reach and consent hold for a channel; its own name when nobody knows it."""
    channel = channels().get(name)
    return channel.family if channel else name
