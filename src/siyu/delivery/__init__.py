"""Delivery: one gate before every send, an outbox that sends at most once, and the channels it goes out on."""

from siyu.delivery.actions import take_receipt
from siyu.delivery.calendar import national_calendar
from siyu.delivery.channels import channels
from siyu.delivery.content import template_faults, unsafe_html
from siyu.delivery.hours import local_text, zone_named
from siyu.delivery.inbox import InboxView, mark_read, read_inbox
from siyu.delivery.jobs import WORKER, deliver
from siyu.delivery.links import Link, read_link
from siyu.delivery.moving import follow_moves
from siyu.delivery.occasions import on_settled
from siyu.delivery.outbox import ask, enabled_channels, policy_table
from siyu.delivery.policies import Policies
from siyu.delivery.queries import count_failed, journey_counts, receiver_of, run_messages
from siyu.delivery.reasons import reason_text
from siyu.delivery.routes import Callbacks, Channels, Guards, Inboxes, Messages
from siyu.delivery.types import Decision, Request, Template
from siyu.kit import field, schema_of, secrets_of

ROUTES = [Messages, Channels, Guards, Callbacks, Inboxes]

# fmt: off
__all__ = [
    "ROUTES", "WORKER", "Decision", "InboxView", "Link", "Policies", "Request", "Template", "ask", "channels",
    "count_failed", "deliver", "enabled_channels", "field", "follow_moves", "journey_counts", "local_text",
    "mark_read", "national_calendar", "on_settled", "policy_table", "read_inbox", "read_link", "reason_text",
    "receiver_of", "run_messages", "schema_of", "secrets_of", "take_receipt", "template_faults", "unsafe_html",
    "zone_named",
]
