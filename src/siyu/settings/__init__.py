"""Settings: what operators decide for the whole product."""

from siyu.settings.actions import current_settings, window_problems
from siyu.settings.holdout import GlobalHoldout, HoldoutWish, change_global_holdout, global_holdout
from siyu.settings.presets import PRESETS, Kpi, Preset
from siyu.settings.routes import SettingsRoutes
from siyu.settings.types import Lifecycle, ProductSettings, QuietHours

ROUTES = [SettingsRoutes]

# fmt: off
__all__ = [
    "PRESETS", "ROUTES", "GlobalHoldout", "HoldoutWish", "Kpi", "Lifecycle", "Preset", "ProductSettings", "QuietHours",
    "change_global_holdout", "current_settings", "global_holdout", "window_problems",
]
