"""Packages: audiences as files, hashed for ad platforms or with chosen columns, delivered on a schedule."""

from siyu.packages.actions import users_of, users_of_tag
from siyu.packages.jobs import step
from siyu.packages.routes import ROUTES

__all__ = ["ROUTES", "step", "users_of", "users_of_tag"]
