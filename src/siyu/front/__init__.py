"""Front: what every request passes on its way in and out."""

from siyu.front.description import describe, description_route
from siyu.front.hall import Hall
from siyu.front.health import HealthDesk
from siyu.front.problems import EXCEPTION_HANDLERS, Problem
from siyu.front.reply import reply

__all__ = ["EXCEPTION_HANDLERS", "Hall", "HealthDesk", "Problem", "describe", "description_route", "reply"]
