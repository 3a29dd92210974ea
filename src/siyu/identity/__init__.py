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
    moved_in,
    resolve,
    search,
)
from siyu.identity.decision_queries import count_open
from siyu.identity.decisions import NotOnePerson, apart_keys, link_keys
from siyu.identity.joints import Joint, joints
from siyu.identity.numbers import person_anchor
from siyu.identity.routes import ROUTES
from siyu.identity.types import VEIL, Identifier, Move, Resolution
from siyu.identity.veil import unveil, veil, veiled_key

# fmt: off
__all__ = [
    "ROUTES", "VEIL", "Identifier", "Joint", "Move", "NotOnePerson", "Resolution", "aliases_of", "apart_keys",
    "canonical", "count_open", "exists", "find_person", "find_persons", "identifiers_of", "joints", "keys_of",
    "link_keys", "merged_in", "moved_in", "person_anchor", "resolve", "search", "unveil", "veil", "veiled_key",
]
