"""Tags: values worked out of what persons did, given to them, or imported; kept with their history."""

from siyu.tags import measured
from siyu.tags.actions import USERS, create, declare, every
from siyu.tags.happening import Gift, gift_event, gift_fault, on_gifts, tag_names
from siyu.tags.refresh import look_ahead, on_settled, run_all, step
from siyu.tags.routes import ROUTES
from siyu.tags.showing import in_cells, in_words, listed
from siyu.tags.types import TagDraft

# fmt: off
__all__ = [
    "ROUTES", "USERS", "Gift", "TagDraft", "create", "declare", "every", "gift_event", "gift_fault", "in_cells",
    "in_words", "listed", "look_ahead", "measured", "on_gifts", "on_settled", "run_all", "step", "tag_names",
]
