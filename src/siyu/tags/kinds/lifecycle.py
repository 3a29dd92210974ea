"""The lifecycle stage, with windows of the tag's own where wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from siyu.audiences import Problem
from siyu.catalog import STAGE_LABELS
from siyu.kit import field
from siyu.profiles import Windows
from siyu.tags.kinds.contract import Kind

_SHOP = ("留空则用店铺的生命周期设置", "Empty: as the shop's lifecycle is set")
Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]


class LifecycleConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    new_days: Annotated[Days | None, field("新用户（天）", "New for (days)", *_SHOP)] = None
    silent_days: Annotated[Days | None, field("沉默（天）", "Silent after (days)", *_SHOP)] = None
    churned_days: Annotated[Days | None, field("流失（天）", "Churned after (days)", *_SHOP)] = None


class OwnWindows(msgspec.Struct, frozen=True):
    new_days: int
    silent_days: int
    churned_days: int


def windows_for(config: LifecycleConfig, shop: Windows) -> OwnWindows:
    return OwnWindows(
        config.new_days or shop.new_days,
        config.silent_days or shop.silent_days,
        config.churned_days or shop.churned_days,
    )


def _check(config: LifecycleConfig) -> Iterable[Problem]:
    if config.silent_days and config.churned_days and config.silent_days >= config.churned_days:
        yield Problem("churned_days", "churned_later")


KIND = Kind(
    name="lifecycle",
    zh="生命周期",
    en="Lifecycle",
    hint={
        "zh": "新用户、首单、回购、沉默、流失；可以为这个标签单独设定天数。",
        "en": "New, first order, repeat, silent or churned; with days of its own where wanted.",
    },
    config=LifecycleConfig,
    how="persons",
    check=_check,
    labels={name: {"zh": label.zh, "en": label.en} for name, label in STAGE_LABELS.items()},
)
