"""Campaigns: one-off sends to an audience, and the review of what campaigns and journeys brought."""

from siyu.campaigns.actions import NotChecked, uses
from siyu.campaigns.jobs import on_settled, step
from siyu.campaigns.review import Parts, Subject
from siyu.campaigns.routes import Campaigns, Holdout, Reviews

ROUTES = [Campaigns, Holdout, Reviews]

__all__ = ["ROUTES", "NotChecked", "Parts", "Subject", "on_settled", "step", "uses"]
