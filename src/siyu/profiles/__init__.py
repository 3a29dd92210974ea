"""Profiles: what is known of a person, where it came from, and whether they can be reached."""

from siyu.profiles.apply import apply, telling
from siyu.profiles.lifecycle import stage_of, stage_sql, window_days
from siyu.profiles.mirror import mirror
from siyu.profiles.reach import REACH_TEXTS, reach_list, reachable, reachable_channels, reachable_many
from siyu.profiles.types import STAGES, Facts, Reach, StageName, Windows

__all__ = [
    "REACH_TEXTS",
    "STAGES",
    "Facts",
    "Reach",
    "StageName",
    "Windows",
    "apply",
    "mirror",
    "reach_list",
    "reachable",
    "reachable_channels",
    "reachable_many",
    "stage_of",
    "stage_sql",
    "telling",
    "window_days",
]
