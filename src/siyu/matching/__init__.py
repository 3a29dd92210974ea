"""Matching: which records are probably one person, by Fellegi–Sunter weights, reckoned in a process of its own."""

from siyu.matching.normal import mobile_parts, split_name
from siyu.matching.run import Found, Job, Pair, Progress, Run, installed
from siyu.matching.shapes import COLUMNS, FIELDS, FieldName, Level

# fmt: off
__all__ = [
    "COLUMNS", "FIELDS", "FieldName", "Found", "Job", "Level", "Pair", "Progress", "Run", "installed", "mobile_parts",
    "split_name",
]
