"""Collect: the doors for events, what waits behind them, and what could not be taken."""

from siyu.collect.counters import STAGES, Count, count, count_silent
from siyu.collect.definitions import current_definitions, replace_definitions
from siyu.collect.door import PATHS, Door
from siyu.collect.identifiers import DEFAULTS, KINDS, Definitions, IdentifierKind, anchor_of, family, in_force, key_of
from siyu.collect.importers.work import Importer
from siyu.collect.inbox import PERSON_KIND, EmittedEvent, Inbox, emit
from siyu.collect.management import pipeline_view
from siyu.collect.management_queries import count_waiting
from siyu.collect.orders import ORDER_EVENTS
from siyu.collect.queue import Batch, Queue, has_settled, quarantine
from siyu.collect.routes import ROUTES
from siyu.collect.types import Record, Reject, TraitOp

# fmt: off
__all__ = [
    "DEFAULTS", "KINDS", "ORDER_EVENTS", "PATHS", "PERSON_KIND", "ROUTES", "STAGES", "Batch", "Count", "Definitions",
    "Door", "EmittedEvent", "IdentifierKind", "Importer", "Inbox", "Queue", "Record", "Reject", "TraitOp",
    "anchor_of", "count", "count_silent", "count_waiting", "current_definitions", "emit", "family",
    "has_settled", "in_force", "key_of", "pipeline_view", "quarantine", "replace_definitions",
]
