"""Collect: the doors for events, what waits behind them, and what could not be taken."""

from siyu.collect.counters import STAGES, Count, count, count_silent
from siyu.collect.definitions import current_definitions, replace_definitions
from siyu.collect.door import PATHS, Door
from siyu.collect.identifiers import DEFAULTS, KINDS, Definitions, IdentifierKind, anchor_of, family, in_force, key_of
from siyu.collect.importers.work import Importer
from siyu.collect.inbox import PERSON_KIND, EmittedEvent, Inbox, emit
from siyu.collect.management import add_source, alter_source, pipeline_view, show_source
from siyu.collect.management_queries import count_waiting
from siyu.collect.orders import ORDER_EVENTS
from siyu.collect.queries import record_key
from siyu.collect.queue import Batch, Queue, has_settled, quarantine
from siyu.collect.routes import ROUTES
from siyu.collect.types import Decoded, Record, Reject, TraitOp
from siyu.collect.views import NewSource, SourceChange
from siyu.collect.within import backlog_within, enter, put_aside, read_items, taken_up

# fmt: off
__all__ = [
    "DEFAULTS", "KINDS", "ORDER_EVENTS", "PATHS", "PERSON_KIND", "ROUTES", "STAGES", "Batch", "Count", "Decoded",
    "Definitions", "Door", "EmittedEvent", "IdentifierKind", "Importer", "Inbox", "NewSource", "Queue", "Record",
    "Reject", "SourceChange", "TraitOp", "add_source", "alter_source", "anchor_of", "backlog_within", "count",
    "count_silent", "count_waiting", "current_definitions", "emit", "enter", "family", "has_settled", "in_force",
    "key_of", "pipeline_view", "put_aside", "quarantine", "read_items", "record_key", "replace_definitions",
    "show_source", "taken_up",
]
