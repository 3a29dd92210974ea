"""Names and places for made-up people, from ``data/people.toml``."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from importlib.resources import files
from itertools import accumulate
from random import Random

_people = tomllib.loads(files("siyu.demo").joinpath("data/people.toml").read_text("utf-8"))


def _split(pair: str) -> tuple[str, str]:
    """``"王wang"`` as (characters, letters)."""
    cut = next(place for place, letter in enumerate(pair) if letter.isascii())
    return pair[:cut], pair[cut:]


_FAMILIES = [_split(pair) for pair in _people["families"].split()]
_GIVEN = {
    "女": [_split(pair) for pair in _people["women"].split()],
    "男": [_split(pair) for pair in _people["men"].split()],
}
_NICKNAMES: list[str] = _people["nicknames"].split()
_CITIES: list[tuple[str, str, float]] = _people["cities"]
_CITY_SUMS = tuple(accumulate(weight for _, _, weight in _CITIES))

UNUSUAL: list[str] = _people["unusual"]
STAFF: list[str] = _people["staff"]


def full_name(chance: Random, gender: str) -> tuple[str, str]:
    """A name and its letters: ``("王雨桐", "wangyutong")``. Common surnames come up more often."""
    family = _FAMILIES[int(len(_FAMILIES) * chance.random() ** 1.8)]
    given = chance.choice(_GIVEN[gender])
    return family[0] + given[0], family[1] + given[1]


def nickname(chance: Random) -> str:
    return chance.choice(_NICKNAMES)


def place(chance: Random) -> tuple[str, str]:
    """(province, city)."""
    found = _CITIES[bisect_right(_CITY_SUMS, chance.random() * _CITY_SUMS[-1])]
    return found[0], found[1]
