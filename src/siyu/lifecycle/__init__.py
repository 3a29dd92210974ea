"""Lifecycle: how persons move between stages, how close they are, what kind of trade this is."""

from siyu.lifecycle.routes import ROUTES

__all__ = ["ROUTES"]
