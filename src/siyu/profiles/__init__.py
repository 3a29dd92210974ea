"""Profiles: what is known of a person, where it came from, and whether they can be reached."""

from siyu.profiles.actions import (
    display_name,
    display_names,
    find,
    people_after,
    person_items,
    traits_of,
    windows_of,
)
from siyu.profiles.apply import apply, telling
from siyu.profiles.lifecycle import stage_of, stage_sql, window_days
from siyu.profiles.masking import is_personal, mask_json, mask_trait
from siyu.profiles.mirror import mirror
from siyu.profiles.queries import addresses_of, order_ids_of
from siyu.profiles.reach import REACH_TEXTS, reach_list, reachable, reachable_channels, reachable_many
from siyu.profiles.regroup import regroup, sides
from siyu.profiles.routes import ROUTES
from siyu.profiles.rules import is_refreshed, next_stale, reached
from siyu.profiles.types import STAGES, Facts, MembershipView, PersonItem, PersonParts, Reach, StageName, Windows

# fmt: off
__all__ = [
    "REACH_TEXTS", "ROUTES", "STAGES", "Facts", "MembershipView", "PersonItem", "PersonParts", "Reach", "StageName",
    "Windows", "addresses_of", "apply", "display_name", "display_names", "find", "is_personal", "is_refreshed",
    "mask_json", "mask_trait", "mirror", "next_stale", "order_ids_of", "people_after", "person_items", "reach_list",
    "reachable", "reachable_channels", "reachable_many", "reached", "regroup", "sides", "stage_of", "stage_sql",
    "telling", "traits_of", "window_days", "windows_of",
]
