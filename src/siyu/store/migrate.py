"""Brings a database to the shape this version needs; runs at every start."""

from __future__ import annotations

from siyu.store.state import Database, metadata


def migrate(database: Database) -> None:
    """Create what is missing."""
    metadata.create_all(database.engine)
