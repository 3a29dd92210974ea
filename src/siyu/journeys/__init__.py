"""Journeys: what happens to people, when, and why."""

from siyu.journeys.actions import parked
from siyu.journeys.assignments import assignments
from siyu.journeys.backtest import rehearse, try_out
from siyu.journeys.calling import call
from siyu.journeys.entering import on_settled
from siyu.journeys.jobs import advance
from siyu.journeys.queries import texts
from siyu.journeys.routes import Journeys, Tasks, WhyOrWhyNot
from siyu.journeys.starting import begin_start, let_in
from siyu.journeys.uses import uses

ROUTES = [Journeys, Tasks, WhyOrWhyNot]

# fmt: off
__all__ = [
    "ROUTES", "advance", "assignments", "begin_start", "call", "let_in", "on_settled", "parked", "rehearse",
    "texts", "try_out", "uses",
]
