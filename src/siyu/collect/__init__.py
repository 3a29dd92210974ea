"""Collect: the doors for events, what waits behind them, and what could not be taken."""

from siyu.collect.door import PATHS, Door
from siyu.collect.identifiers import KINDS, PRIORITY, IdentifierKind, family, key_of
from siyu.collect.inbox import PERSON_KIND, EmittedEvent, Inbox, emit
from siyu.collect.orders import ORDER_EVENTS
from siyu.collect.queue import Batch, Queue, quarantine
from siyu.collect.types import Record, Reject, TraitOp

# fmt: off
__all__ = [
    "KINDS",
    "ORDER_EVENTS",
    "PATHS",
    "PERSON_KIND",
    "PRIORITY",
    "Batch",
    "Door",
    "EmittedEvent",
    "IdentifierKind",
    "Inbox",
    "Queue",
    "Record",
    "Reject",
    "TraitOp",
    "emit",
    "family",
    "key_of",
    "quarantine",
]
