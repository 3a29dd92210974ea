"""Settings: what operators decide for the whole product."""

from siyu.settings.actions import current_settings
from siyu.settings.routes import SettingsRoutes
from siyu.settings.types import Lifecycle, ProductSettings, QuietHours

ROUTES = [SettingsRoutes]

__all__ = ["ROUTES", "Lifecycle", "ProductSettings", "QuietHours", "current_settings"]
