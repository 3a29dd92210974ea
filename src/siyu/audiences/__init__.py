"""Audiences: who fits a rule, now and as things happen."""

from siyu.audiences.actions import USERS, audiences_of, create_many, joined_of, members_of, names_of, preview
from siyu.audiences.due import due_step
from siyu.audiences.live import look_ahead, on_settled
from siyu.audiences.problems import AudienceInUse, BadRule
from siyu.audiences.routes import ROUTES
from siyu.audiences.schedules import Schedule, next_time
from siyu.audiences.sweeping import Swept, sweep, sweep_step
from siyu.audiences.types import AudienceDraft, Use

# fmt: off
__all__ = [
    "ROUTES", "USERS", "AudienceDraft", "AudienceInUse", "BadRule", "Schedule", "Swept", "Use", "audiences_of",
    "create_many", "due_step", "joined_of", "look_ahead", "members_of", "names_of", "next_time", "on_settled",
    "preview", "sweep", "sweep_step",
]
