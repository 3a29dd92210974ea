"""Audiences: who fits a rule, now and as things happen."""

# fmt: off
# isort: off
from siyu.audiences.actions import USERS, audiences_of, create_many, joined_of, members_of, names_of, preview
from siyu.audiences.asking import fitting, rule_faults
from siyu.audiences.due import due_step
from siyu.audiences.filling import TAGS, Book, TagName, book, check_rule, matching, zone_of
from siyu.audiences.lists import MAX_BYTES, named_by, rows_of, table_of
from siyu.audiences.live import Announce, look_ahead, on_settled
from siyu.audiences.looking import moment_of
from siyu.audiences.plan import names_in
from siyu.audiences.problems import AudienceInUse, BadRule, Problem
from siyu.audiences.queries.definitions import texts
from siyu.audiences.queries.terms import Moment, in_order, tag_rows
from siyu.audiences.reading import read
from siyu.audiences.routes import ROUTES
from siyu.audiences.rules import Event, Rule, Sequence, Test
from siyu.audiences.schedules import Schedule, next_time
from siyu.audiences.sweeping import Swept, sweep, sweep_step
from siyu.audiences.tagging import (
    EventTerms, Terms, event_of, fitting_rules, follow_tags, names_in_rule, sequence_of, source_of, usable,
    users_of_tag,
)
from siyu.audiences.types import AudienceDraft, Use

__all__ = [
    "MAX_BYTES", "ROUTES", "TAGS", "USERS", "Announce", "AudienceDraft", "AudienceInUse", "BadRule", "Book",
    "Event", "EventTerms", "Moment", "Problem", "Rule", "Schedule", "Sequence", "Swept", "TagName", "Terms",
    "Test", "Use", "audiences_of", "book", "check_rule", "create_many", "due_step", "event_of", "fitting",
    "fitting_rules", "follow_tags", "in_order", "joined_of", "look_ahead", "matching", "members_of",
    "moment_of", "named_by", "names_in", "names_in_rule", "names_of", "next_time", "on_settled", "preview",
    "read", "rows_of", "rule_faults", "sequence_of", "source_of", "sweep", "sweep_step", "table_of", "tag_rows",
    "texts", "usable", "users_of_tag", "zone_of",
]
