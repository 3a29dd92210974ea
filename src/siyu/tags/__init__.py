"""Tags: values worked out of what persons did, given to them, or imported; kept with their history."""

from siyu.tags import measured
from siyu.tags.actions import USERS, create, declare, every
from siyu.tags.refresh import on_settled, run_all, step
from siyu.tags.routes import ROUTES
from siyu.tags.types import TagDraft

__all__ = ["ROUTES", "USERS", "TagDraft", "create", "declare", "every", "measured", "on_settled", "run_all", "step"]
