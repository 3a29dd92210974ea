"""SQLite as the state: a file in the data folder, safe against a power cut."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from siyu.kit import SiyuError, Unavailable

BEGIN = "BEGIN IMMEDIATE"
"""Begins a transaction that writes: one at a time in the whole database."""


def url_of(file: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(file.resolve()))


def open_engine(url: sa.URL) -> Engine:
    engine = sa.create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        connect_args={"timeout": 30, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _configure(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "wal_autocheckpoint=4000",
            "journal_size_limit=67108864",
        ):
            raw.execute(f"PRAGMA {pragma}")

    return engine


def told(error: DBAPIError) -> SiyuError | None:
    """What a fault of the database means to a caller; None when it is a fault of ours."""
    if "disk is full" in str(error) or "disk I/O error" in str(error):
        return Unavailable(detail="the disk is full.", retry_after=30)
    return None
