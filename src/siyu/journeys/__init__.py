"""Journeys: what happens to people, when, and why."""

from siyu.journeys.actions import parked
from siyu.journeys.assignments import assignments
from siyu.journeys.entering import on_settled
from siyu.journeys.jobs import advance
from siyu.journeys.routes import Journeys, WhyOrWhyNot

ROUTES = [Journeys, WhyOrWhyNot]

__all__ = ["ROUTES", "advance", "assignments", "on_settled", "parked"]
