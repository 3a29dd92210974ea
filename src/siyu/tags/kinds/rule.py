"""One of several values, each for those who fit a rule; the first that fits holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from siyu.audiences import Problem
from siyu.kit import field
from siyu.tags.kinds.contract import Kind, asked


class RuleValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    rule: dict[str, Any]


class RuleConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    values: Annotated[
        list[RuleValue],
        asked("标签值和条件", "Values and their rules", "rules", "从上到下，先符合的为准", "The first that fits holds",
              min_length=1, max_length=20),
    ]  # fmt: skip
    otherwise: Annotated[
        str, field("都不符合时", "Everybody else", "留空则没有值", "Empty: no value", max_length=100)
    ] = ""


def _check(config: RuleConfig) -> Iterable[Problem]:
    seen: set[str] = set()
    for place, one in enumerate(config.values):
        if not one.value.strip():
            yield Problem(f"values/{place}/value", "no_name")
        if one.value in seen:
            yield Problem(f"values/{place}/value", "value_twice", {"name": one.value})
        seen.add(one.value)


KIND = Kind(
    name="rule",
    zh="规则",
    en="Rules",
    hint={
        "zh": "几个值，每个值一条规则，先符合的为准，如消费力：高、中、低。",
        "en": "Several values with a rule each; the first that fits holds. Spending power: high, middle, low.",
    },
    config=RuleConfig,
    how="rules",
    check=_check,
)
