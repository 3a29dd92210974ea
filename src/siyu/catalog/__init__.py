"""Catalog: what events and channels mean. The words every room above shares."""

from siyu.catalog.standard import (
    FOREIGN,
    OWNED_CHANNELS,
    STANDARD,
    ChannelEffect,
    StandardEvent,
    standard_name,
)

__all__ = ["FOREIGN", "OWNED_CHANNELS", "STANDARD", "ChannelEffect", "StandardEvent", "standard_name"]
