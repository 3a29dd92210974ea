"""Collect: the doors for events, what waits behind them, and what could not be taken."""

from siyu.collect.counters import STAGES, Count, count, count_silent
from siyu.collect.door import PATHS, Door
from siyu.collect.identifiers import KINDS, PRIORITY, IdentifierKind, anchor_of, family, key_of
from siyu.collect.importers.work import Importer
from siyu.collect.inbox import PERSON_KIND, EmittedEvent, Inbox, emit
from siyu.collect.management import pipeline_view
from siyu.collect.management_queries import count_waiting
from siyu.collect.orders import ORDER_EVENTS
from siyu.collect.queue import Batch, Queue, quarantine
from siyu.collect.routes import ROUTES
from siyu.collect.types import Record, Reject, TraitOp

# fmt: off
__all__ = [
    "KINDS", "ORDER_EVENTS", "PATHS", "PERSON_KIND", "PRIORITY", "ROUTES", "STAGES", "Batch", "Count", "Door",
    "EmittedEvent", "IdentifierKind", "Importer", "Inbox", "Queue", "Record", "Reject", "TraitOp", "anchor_of",
    "count", "count_silent", "count_waiting", "emit", "family", "key_of", "pipeline_view", "quarantine",
]
