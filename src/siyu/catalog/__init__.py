"""Catalog: what events and channels mean. The words every room above shares."""

from siyu.catalog.actions import catalog
from siyu.catalog.entries import count_flagged
from siyu.catalog.labels import CHANNEL_LABELS, STAGE_LABELS, word_label
from siyu.catalog.merging import rename, rewrite_merged
from siyu.catalog.naming import Spoken, spoken, stage_labels
from siyu.catalog.notes_queries import forget_examples
from siyu.catalog.routes import ROUTES
from siyu.catalog.seen import note_seen, notice
from siyu.catalog.standard import (
    FOREIGN,
    OWNED_CHANNELS,
    STANDARD,
    ChannelEffect,
    StandardEvent,
    standard_name,
)
from siyu.catalog.types import Catalog, CatalogParts, Definition, Label, Usage

# fmt: off
__all__ = [
    "CHANNEL_LABELS", "FOREIGN", "OWNED_CHANNELS", "ROUTES", "STAGE_LABELS", "STANDARD", "Catalog", "CatalogParts",
    "ChannelEffect", "Definition", "Label", "Spoken", "StandardEvent", "Usage", "catalog", "count_flagged",
    "forget_examples", "note_seen", "notice", "rename", "rewrite_merged", "spoken", "stage_labels", "standard_name",
    "word_label",
]
