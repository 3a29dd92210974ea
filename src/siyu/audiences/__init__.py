"""Audiences: who fits a rule, now and as things happen."""

from siyu.audiences.actions import USERS, audiences_of, create_many, members_of, names_of, preview
from siyu.audiences.due import due_step
from siyu.audiences.filling import check_rule, matching
from siyu.audiences.live import Swept, on_settled, sweep, sweep_step
from siyu.audiences.problems import AudienceInUse, BadRule
from siyu.audiences.queries.definitions import texts
from siyu.audiences.routes import ROUTES
from siyu.audiences.types import AudienceDraft, Use

# fmt: off
__all__ = [
    "ROUTES", "USERS", "AudienceDraft", "AudienceInUse", "BadRule", "Swept", "Use", "audiences_of", "check_rule",
    "create_many", "due_step", "matching", "members_of", "names_of", "on_settled", "preview", "sweep", "sweep_step",
    "texts",
]
