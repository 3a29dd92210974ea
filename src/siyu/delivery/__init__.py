"""Delivery: one gate before every send, an outbox that sends at most once, and the channels it goes out on."""

# fmt: off
# isort: off
from siyu.content import Template, template_faults, unsafe_html
from siyu.delivery import annoyance, borrowing
from siyu.delivery.actions import take_receipt
from siyu.delivery.calendar import national_calendar
from siyu.delivery.channels import channels
from siyu.delivery.hours import day_start, local_text, zone_named
from siyu.delivery.inbox import InboxView, mark_read, read_inbox
from siyu.delivery.jobs import deliver
from siyu.delivery.link_queries import tallies
from siyu.delivery.links import Link, read_link
from siyu.delivery.moving import follow_moves
from siyu.delivery.occasions import on_settled
from siyu.delivery.outbox import ask, enabled_channels, rehearse
from siyu.delivery.policies import AnnoyanceRule, Policies, policy_table
from siyu.delivery.queries import (
    count_failed, journey_counts, message_of, outcome_counts, recall, receiver_of, rename_address, run_messages,
    sent_between,
)
from siyu.delivery.reasons import reason_text
from siyu.delivery.routes import Annoyances, Callbacks, Channels, Guards, Inboxes, Messages
from siyu.delivery.texts import send_text, text_faults, text_limit
from siyu.delivery.tracking import Click, follow
from siyu.delivery.types import Decision, Request
from siyu.kit import field, schema_of, secrets_of

ROUTES = [Messages, Channels, Guards, Callbacks, Inboxes, Annoyances]

__all__ = [
    "ROUTES", "AnnoyanceRule", "Click", "Decision", "InboxView", "Link", "Policies", "Request",
    "Template", "annoyance", "ask", "borrowing", "channels", "count_failed", "day_start", "deliver", "enabled_channels",
    "field", "follow", "follow_moves", "journey_counts", "local_text", "mark_read", "message_of",
    "national_calendar", "on_settled", "outcome_counts", "policy_table", "read_inbox", "read_link",
    "reason_text", "recall", "receiver_of", "rehearse", "rename_address", "run_messages", "schema_of", "secrets_of",
    "send_text", "sent_between", "take_receipt", "tallies", "template_faults", "text_faults", "text_limit",
    "unsafe_html", "zone_named",
]
