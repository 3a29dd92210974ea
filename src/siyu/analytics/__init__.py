"""Analytics: figures about persons, each with its formula."""

from siyu.analytics.actions import overview
from siyu.analytics.routes import ROUTES
from siyu.analytics.types import NeedsMe, Overview, OverviewParts

__all__ = ["ROUTES", "NeedsMe", "Overview", "OverviewParts", "overview"]
