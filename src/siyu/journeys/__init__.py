"""Journeys: what happens to people, when, and why."""

from siyu.journeys.actions import parked
from siyu.journeys.entering import on_settled
from siyu.journeys.jobs import advance
from siyu.journeys.queries import texts
from siyu.journeys.routes import Journeys, WhyOrWhyNot

ROUTES = [Journeys, WhyOrWhyNot]

__all__ = ["ROUTES", "advance", "on_settled", "parked", "texts"]
