"""Profiles: what is known of a person, where it came from, and whether they can be reached."""

from siyu.profiles.actions import (
    display_name,
    display_names,
    find,
    names_of,
    people_after,
    person_items,
    traits_of,
    windows_of,
)
from siyu.profiles.apply import apply, telling
from siyu.profiles.lifecycle import spans_sql, stage_of, stage_sql, window_days
from siyu.profiles.masking import is_personal, mask_json, mask_trait
from siyu.profiles.mirror import Mirrored, mirror
from siyu.profiles.queries import addresses_of, facts_of, order_ids_of, payer_of, source_names
from siyu.profiles.reach import REACH_TEXTS, at_account, reach_list, reachable, reachable_channels, reachable_many
from siyu.profiles.regroup import regroup, sides
from siyu.profiles.routes import ROUTES
from siyu.profiles.rules import is_refreshed, next_stale, reached
from siyu.profiles.sensitive import masker
from siyu.profiles.staff import any_unmirrored, mirrored, next_unmirrored, staff_step
from siyu.profiles.types import STAGES, Facts, MembershipView, PersonItem, PersonParts, Reach, StageName, Windows

# fmt: off
__all__ = [
    "REACH_TEXTS", "ROUTES", "STAGES", "Facts", "MembershipView", "Mirrored", "PersonItem", "PersonParts",
    "Reach", "StageName", "Windows", "addresses_of", "any_unmirrored", "apply", "at_account", "display_name",
    "display_names", "facts_of", "find", "is_personal", "is_refreshed", "mask_json", "mask_trait",
    "masker", "mirror", "mirrored", "names_of", "next_stale", "next_unmirrored", "order_ids_of", "payer_of",
    "people_after", "person_items", "reach_list", "reachable", "reachable_channels", "reachable_many", "reached",
    "regroup", "sides", "source_names", "spans_sql", "staff_step", "stage_of", "stage_sql", "telling", "traits_of",
    "window_days", "windows_of",
]
