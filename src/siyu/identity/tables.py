"""Persons, their identifiers, and the ledger of what ties identifiers together."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

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
    sa.Column("id", sa.BigInteger, nullable=False, unique=True),
    sa.Column("anchor", sa.BigInteger, nullable=False),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("born", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    sa.Column("last_seen_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("source_id", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""``key`` is ``type:value``; ``id`` counts up, so that links are pairs of small numbers and new ones lie together.

``person_id`` is canonical, 0 when the identifier names nobody in particular; ``born`` the person number it was
created under; ``state`` the flags of ``types.py``; ``last_seen_at`` is right to a day.
"""

veils = sa.Table(
    "identity_veils",
    metadata,
    sa.Column("anchor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
)
"""Identifiers whose value had to be forgotten: the anchor they had, what stands in their place, since when and by which
source. The anchor is how they are recognised when they come again."""

links = sa.Table(
    "identity_links",
    metadata,
    sa.Column("one", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("two", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source", sa.Integer, nullable=False),
    sa.Column("event", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Integer, nullable=False, server_default="0"),
    sa.Column("manual", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ix_identity_links_two", "two"),
    sqlite_with_rowid=False,
)
"""Two identifiers (``one`` < ``two``) came in one record, first at ``at`` in ``source`` as ``event``; ``source`` 0 when
only an operator tied them. ``state``: 0 stands, 1 yields, 2 removed by an operator. ``manual``: when an operator said
that they are one person, epoch ms, else 0."""

sources = sa.Table(
    "identity_sources",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source_id", sa.Text, nullable=False, unique=True),
)
"""Small numbers for the sources that links come from."""

history = sa.Table(
    "identity_history",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("one", sa.BigInteger, nullable=False, index=True),
    sa.Column("two", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decision", sa.BigInteger, nullable=False),
)
"""Append-only: what became of a link after it was made: yielded, stands (again), removed, restored, tied, untied.

``decision`` is the operator's decision behind it, 0 when the rules did it.
"""

decisions = sa.Table(
    "identity_decisions",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("one", sa.BigInteger, nullable=False, index=True),
    sa.Column("two", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("cut", sa.Text, nullable=False, server_default="[]"),
    sa.Column("undone_at", sa.BigInteger),
    sa.Column("undone_by", sa.Text, nullable=False, server_default=""),
)
"""What operators decided: link, unlink, split, apart. ``cut`` are the links it removed, as JSON pairs."""

conflicts = sa.Table(
    "identity_conflicts",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("one", sa.BigInteger, nullable=False),
    sa.Column("two", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("closed_at", sa.BigInteger),
    sa.Column("closed_by", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("one", "two"),
    sa.Index("ix_identity_conflicts_state_id", "state", "id"),
)
"""Links that yield, for review. ``reason``: limit, apart or attach; ``scope``: the kind whose limit held.

``state``: open, accepted, dismissed, or closed when the rules no longer see a conflict.
"""

moves = sa.Table(
    "identity_moves",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("batch", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source", sa.BigInteger, nullable=False, index=True),
    sa.Column("target", sa.BigInteger, nullable=False, index=True),
    sa.Column("anchors", sa.Text),
)
"""Append-only journal of what changed person; ``anchors`` JSON, null for everything. ``batch`` 0 waits to settle."""
