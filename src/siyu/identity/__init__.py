"""Identity: one person from many identifiers."""

from siyu.identity.actions import (
    aliases_of,
    canonical,
    exists,
    find_person,
    find_persons,
    identifiers_of,
    keys_of,
    merged_in,
    resolve,
    search,
)
from siyu.identity.types import Identifier, Resolution

# fmt: off
__all__ = [
    "Identifier", "Resolution", "aliases_of", "canonical", "exists", "find_person", "find_persons", "identifiers_of",
    "keys_of", "merged_in", "resolve", "search",
]
