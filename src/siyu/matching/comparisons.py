"""How two records are compared, field by field, and what agreement weighs until the data has taught better.

``m``: how often records of one person agree so far; ``u``: how often records of two strangers do.
"""

from __future__ import annotations

from typing import Any

import msgspec

from siyu.matching.shapes import FieldName, Level


class Step(msgspec.Struct, frozen=True):
    """One level: ``sql`` over columns with ``_l`` and ``_r``. ``rare``: agreement on a rare value weighs more."""

    level: Level
    sql: str
    m: float
    u: float
    rare: bool = False


def _same(name: str, m: float, u: float, rare: bool = True) -> Step:
    return Step("same", f"{name}_l = {name}_r", m, u, rare)


def _typos(name: str, count: int, level: Level, m: float, u: float) -> Step:
    return Step(level, f"damerau_levenshtein({name}_l, {name}_r) <= {count}", m, u)


def _alike(name: str, least: float, level: Level, m: float, u: float) -> Step:
    return Step(level, f"jaro_winkler_similarity({name}_l, {name}_r) >= {least}", m, u)


def _shared(name: str, least: float, level: Level, m: float, u: float) -> Step:
    """Dice similarity of the pairs of characters."""
    left, right = f"{name}_grams_l", f"{name}_grams_r"
    dice = f"2.0 * len(list_intersect({left}, {right})) / (len({left}) + len({right}))"
    return Step(level, f"{dice} >= {least}", m, u)


def _name(name: FieldName, other: FieldName, u: float) -> list[Step]:
    swapped = f"({name}_l = {other}_r OR {name}_r = {other}_l)"
    return [
        _same(name, 0.85, u),
        _alike(name, 0.88, "close", 0.05, u),
        Step("swapped", swapped, 0.02, u / 4),
        _alike(name, 0.66, "similar", 0.03, 0.02),
    ]


def _text(name: str, u: float) -> list[Step]:
    return [
        _same(name, 0.7, u),
        _shared(name, 0.8, "close", 0.12, u),
        _shared(name, 0.5, "similar", 0.08, u * 4),
    ]


def _digits(name: str, m: float, u: float, rare: bool = True) -> list[Step]:
    return [
        _same(name, m, u, rare),
        _typos(name, 1, "close", 0.06, u * 4),
        _typos(name, 2, "similar", 0.02, u * 20),
    ]


_HEADS = "mobile_head_l = mobile_head_r"
_TAILS = "mobile_tail_l = mobile_tail_r"
_WHOLE = "mobile_l IS NOT NULL AND mobile_r IS NOT NULL"
_SWAPPED = (
    "substr(birthday_l, 1, 4) = substr(birthday_r, 1, 4) AND substr(birthday_l, 5, 2) = substr(birthday_r, 7, 2)"
    " AND substr(birthday_l, 7, 2) = substr(birthday_r, 5, 2)"
)

STEPS: dict[FieldName, list[Step]] = {
    "surname": _name("surname", "given_name", 0.02),
    "given_name": _name("given_name", "surname", 0.005),
    "mobile": [
        Step("same", "mobile_l = mobile_r", 0.6, 1e-6),
        Step("masked", f"NOT ({_WHOLE}) AND {_TAILS} AND {_HEADS}", 0.2, 4e-6),
        Step("tail", f"NOT ({_WHOLE}) AND {_TAILS} AND (mobile_head_l IS NULL OR mobile_head_r IS NULL)", 0.05, 1e-4),
        Step("close", f"{_WHOLE} AND damerau_levenshtein(mobile_l, mobile_r) <= 1", 0.03, 1e-5),
    ],
    "birthday": [
        _same("birthday", 0.9, 5e-5, rare=False),
        Step("swapped", _SWAPPED, 0.02, 5e-5),
        _typos("birthday", 1, "close", 0.04, 0.002),
        _typos("birthday", 2, "similar", 0.02, 0.02),
    ],
    "gender": [_same("gender", 0.97, 0.5, rare=False)],
    "id_number": _digits("id_number", 0.93, 1e-6, rare=False),
    "postcode": _digits("postcode", 0.8, 0.002),
    "street_number": _digits("street_number", 0.8, 0.01),
    "address": _text("address", 0.0005),
    "address_2": _text("address_2", 0.003),
    "district": _text("district", 0.01),
    "city": _text("city", 0.05),
    "region": [_same("region", 0.9, 0.1), _typos("region", 1, "close", 0.03, 0.01)],
}  # fmt: skip

PRESENT: dict[FieldName, str] = {"mobile": "mobile_tail"}
"""The column whose absence means that a field is missing, where it is not the field's own."""


def comparison(field: FieldName, rare: bool) -> Any:
    """Splink's form of a field's levels; ``rare`` lets agreement on rare values weigh more."""
    from splink import comparison_level_library as levels
    from splink import comparison_library as library

    column = PRESENT.get(field, field)
    steps = STEPS[field]
    made: list[Any] = [levels.NullLevel(column)]
    for step in steps:
        level = levels.CustomLevel(step.sql, label_for_charts=step.level)
        weighed: dict[str, Any] = {"m_probability": step.m, "u_probability": step.u}
        if rare and step.rare:
            weighed |= {"tf_adjustment_column": field, "tf_minimum_u_value": 1e-5}
        made.append(level.configure(**weighed))
    rest: dict[str, Any] = {
        "m_probability": max(0.005, 1 - sum(step.m for step in steps)),
        "u_probability": 1 - sum(step.u for step in steps),
    }
    return library.CustomComparison(
        output_column_name=field, comparison_levels=[*made, levels.ElseLevel().configure(**rest)]
    )


def level_of(field: FieldName, gamma: int) -> Level:
    """The level behind Splink's number for it: -1 missing, 0 different, then upwards to the best."""
    steps = STEPS[field]
    if gamma < 0:
        return "missing"
    return "different" if gamma == 0 else steps[len(steps) - gamma].level
