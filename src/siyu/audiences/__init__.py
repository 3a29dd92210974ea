"""Audiences: who fits a rule, now and as things happen."""

from siyu.audiences.actions import USERS, audiences_of, create_many, members_of, names_of, preview
from siyu.audiences.due import due_step
from siyu.audiences.live import look_ahead, on_settled
from siyu.audiences.problems import AudienceInUse, BadRule
from siyu.audiences.routes import ROUTES
from siyu.audiences.sweeping import Swept, sweep, sweep_step
from siyu.audiences.types import AudienceDraft, Use

# fmt: off
__all__ = [
    "ROUTES", "USERS", "AudienceDraft", "AudienceInUse", "BadRule", "Swept", "Use", "audiences_of", "create_many",
    "due_step", "look_ahead", "members_of", "names_of", "on_settled", "preview", "sweep", "sweep_step",
]
