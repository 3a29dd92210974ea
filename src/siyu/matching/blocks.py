"""Which records are compared at all: those that share one of these combinations. A typo in one field leaves others."""

from __future__ import annotations

from collections.abc import Mapping

import xxhash

_BLOCKS: tuple[tuple[str, ...], ...] = (
    ("id_number",),
    ("mobile",),
    ("birthday",),
    ("names",),
    ("mobile_tail", "surname"),
    ("mobile_tail", "given_name"),
    ("mobile_tail", "address"),
    ("mobile_tail", "district"),
    ("mobile_tail", "city"),
    ("given_name", "postcode"),
    ("surname", "postcode"),
    ("given_name", "district"),
    ("surname", "district"),
    ("given_name", "address"),
    ("surname", "address"),
    ("given_name", "street_number"),
    ("surname", "street_number"),
    ("given_name", "surname_3"),
    ("surname", "given_name_3"),
    ("given_name", "postcode_3"),
    ("surname", "postcode_3"),
    ("address", "street_number"),
    ("address", "postcode"),
    ("address", "district"),
    ("address_2", "district"),
    ("address_2", "postcode"),
    ("postcode", "street_number"),
    ("district", "street_number"),
    ("year_month", "surname_3"),
    ("month_day", "surname_3"),
    ("year_month", "given_name_3"),
    ("month_day", "given_name_3"),
)
COUNT = len(_BLOCKS)

_LARGEST = (200, 100, 50, 25, 12, 6)
"""Records that share a combination; past that it is too common to tell persons apart. Tried from left to right."""


def keys(record: Mapping[str, str | None]) -> list[int | None]:
    """The record's hash for every combination, None where a part is missing."""
    born = record["birthday"] or ""
    surname, given = record["surname"], record["given_name"]
    parts = dict(record)
    parts["names"] = "|".join(sorted((surname, given))) if surname and given else None
    parts["surname_3"] = surname and surname[:3]
    parts["given_name_3"] = given and given[:3]
    parts["postcode_3"] = (record["postcode"] or "")[:3] or None
    parts["year_month"], parts["month_day"] = born[:6] or None, born[4:] or None
    return [_hash(place, [parts[name] for name in names]) for place, names in enumerate(_BLOCKS)]


def _hash(place: int, parts: list[str | None]) -> int | None:
    text = "\0".join(part for part in parts if part)
    return xxhash.xxh3_64_intdigest(text.encode(), place) >> 1 if all(parts) else None


def largest_block(sizes: Mapping[int, int], most_pairs: int) -> int:
    """How many records may share a combination so that at most ``most_pairs`` pairs arise.

    ``sizes``: size of a block → how many blocks have it.
    """
    for limit in _LARGEST:
        if sum(many * size * (size - 1) // 2 for size, many in sizes.items() if size <= limit) <= most_pairs:
            return limit
    return 2
