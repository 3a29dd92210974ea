"""Audiences: who fits a rule, now and as things happen."""

from siyu.audiences.actions import USERS, audiences_of, create_many, members_of, names_of, preview
from siyu.audiences.asking import fitting, rule_faults
from siyu.audiences.due import due_step
from siyu.audiences.live import Swept, on_settled, sweep, sweep_step
from siyu.audiences.problems import AudienceInUse, BadRule
from siyu.audiences.routes import ROUTES
from siyu.audiences.types import AudienceDraft, Use

# fmt: off
__all__ = [
    "ROUTES", "USERS", "AudienceDraft", "AudienceInUse", "BadRule", "Swept", "Use", "audiences_of", "create_many",
    "due_step", "fitting", "members_of", "names_of", "on_settled", "preview", "rule_faults", "sweep", "sweep_step",
]
