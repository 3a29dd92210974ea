"""Deterministic assignment: the same person always falls the same way, with nothing stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_PARTS = 10_000


def arm_of(salt: str, person: int, shares: Sequence[tuple[str, float]]) -> str:
    """The group of a person. ``shares``: (group, percent) in order; what is left to 100 falls into the last."""
    digest = hashlib.sha256(f"{salt}\0{person}".encode()).digest()
    place, upto = int.from_bytes(digest[:8], "big") % _PARTS, 0.0
    for name, percent in shares[:-1]:
        upto += percent
        if place < round(upto * _PARTS / 100):
            return name
    return shares[-1][0]
