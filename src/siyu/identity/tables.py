"""Persons, their identifiers and the ledger of how they came together."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

persons = sa.Table(
    "identity_persons",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False, server_default=""),
    sa.Column("merged_into", sa.BigInteger, index=True),
)
"""``merged_into`` is null for a person, else the canonical person (always one step away)."""

identifiers = sa.Table(
    "identity_identifiers",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""``key`` is ``type:value``; ``person_id`` is canonical."""

links = sa.Table(
    "identity_links",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("absorbed_id", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("batch", sa.BigInteger, nullable=False, index=True),
)
"""Append-only: ``absorbed_id`` became ``person_id`` because a record named both through ``key``."""

conflicts = sa.Table(
    "identity_conflicts",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("other_person_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
)
"""A record linked ``key`` to a person, and a limit held: the link was not made. First occurrence only."""
