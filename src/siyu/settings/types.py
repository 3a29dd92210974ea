"""The product's settings. (Those of the host are ``siyu.kit.Settings``.)"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from siyu.settings.presets import PresetName

Days = Annotated[int, Meta(ge=1, le=3650)]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Lifecycle(msgspec.Struct, frozen=True):
    """Windows in days: how long somebody counts as new, when a buyer is silent, when anybody is churned.

    ``preset``: the industry the names of stages, the head figure and the quadrant come from."""

    new_days: Days = 30
    silent_days: Days = 90
    churned_days: Days = 180
    preset: PresetName = "general"


class QuietHours(msgspec.Struct, frozen=True):
    """No sends between ``start`` and ``end`` in the person's zone; the span may pass midnight."""

    start: TimeOfDay = "22:00"
    end: TimeOfDay = "08:00"


class ProductSettings(msgspec.Struct, frozen=True):
    """``quiet_hours`` null means none; ``timezone`` is an IANA name and counts where a person's own isn't known."""

    lifecycle: Lifecycle = Lifecycle()
    timezone: Annotated[str, Meta(min_length=1, max_length=64)] = "Asia/Shanghai"
    language: Literal["zh-CN", "en"] = "zh-CN"
    brand_name: Annotated[str, Meta(max_length=80)] = ""
    quiet_hours: QuietHours | None = QuietHours()


class SettingsView(msgspec.Struct, frozen=True):
    lifecycle: Lifecycle
    timezone: str
    language: str
    brand_name: str
    quiet_hours: QuietHours | None
    version: int
