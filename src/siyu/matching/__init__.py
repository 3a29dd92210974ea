"""Matching: which records are probably one person, by Fellegi–Sunter weights, reckoned in a process of its own."""

from siyu.matching.normal import split_name
from siyu.matching.run import Found, Job, Pair, Progress, Run, installed
from siyu.matching.shapes import COLUMNS, FIELDS, FieldName, Level

__all__ = [
    "COLUMNS",
    "FIELDS",
    "FieldName",
    "Found",
    "Job",
    "Level",
    "Pair",
    "Progress",
    "Run",
    "installed",
    "split_name",
]
