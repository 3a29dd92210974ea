"""Catalog: what events and channels mean. The words every room above shares."""

from siyu.catalog.actions import catalog
from siyu.catalog.labels import CHANNEL_LABELS, STAGE_LABELS, word_label
from siyu.catalog.routes import ROUTES
from siyu.catalog.standard import (
    FOREIGN,
    OWNED_CHANNELS,
    STANDARD,
    ChannelEffect,
    StandardEvent,
    standard_name,
)
from siyu.catalog.types import Catalog, Label

# fmt: off
__all__ = [
    "CHANNEL_LABELS", "FOREIGN", "OWNED_CHANNELS", "ROUTES", "STAGE_LABELS", "STANDARD", "Catalog", "ChannelEffect",
    "Label", "StandardEvent", "catalog", "standard_name", "word_label",
]
