"""Webhooks: other systems are told what happened, signed, tried again, and replayable."""

from siyu.webhooks.actions import on_settled
from siyu.webhooks.jobs import Courier
from siyu.webhooks.routes import ROUTES

__all__ = ["ROUTES", "Courier", "on_settled"]
