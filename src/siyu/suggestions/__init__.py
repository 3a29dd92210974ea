"""Suggestions: persons without a strong identifier that are probably one, for people to decide. Never automatic."""

from siyu.suggestions.actions import accept_all, count_waiting, start_run
from siyu.suggestions.jobs import Suggester
from siyu.suggestions.routes import ROUTES
from siyu.suggestions.types import BulkAccept, RunRequest

# fmt: off
__all__ = [
    "ROUTES", "BulkAccept", "RunRequest", "Suggester", "accept_all", "count_waiting", "start_run",
]
