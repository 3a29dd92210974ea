"""Identity: one person from many identifiers."""

from siyu.identity.actions import (
    aliases_of,
    canonical,
    exists,
    find_person,
    identifiers_of,
    keys_of,
    merged_in,
    moved_in,
    resolve,
    search,
)
from siyu.identity.types import Identifier, Move, Resolution

# fmt: off
__all__ = [
    "Identifier", "Move", "Resolution", "aliases_of", "canonical", "exists", "find_person", "identifiers_of",
    "keys_of", "merged_in", "moved_in", "resolve", "search",
]
