"""Both stores: SQL for what is known and going on, the event engine for what happened."""

from siyu.store.engine import BadRows, EventEngine, QueryTooBig, QueryTooSlow, Rows
from siyu.store.ground import FolderInUse, Store, open_state, squash_when_due
from siyu.store.postgres import DatabaseInUse, NoDatabase
from siyu.store.postgres import examine as examine_postgres
from siyu.store.sets import among, bulk
from siyu.store.state import Database, chunks, insert_for, metadata, now_of

__all__ = [
    "BadRows",
    "Database",
    "DatabaseInUse",
    "EventEngine",
    "FolderInUse",
    "NoDatabase",
    "QueryTooBig",
    "QueryTooSlow",
    "Rows",
    "Store",
    "among",
    "bulk",
    "chunks",
    "examine_postgres",
    "insert_for",
    "metadata",
    "now_of",
    "open_state",
    "squash_when_due",
]
