"""Definitions of audiences, who is in them, and every change of that."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

audiences = sa.Table(
    "audiences_audiences",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="live"),
    sa.Column("schedule", sa.Text, nullable=False, server_default="null"),
    sa.Column("top", sa.Text, nullable=False, server_default="null"),
    sa.Column("next_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_read", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("filled", sa.Integer, nullable=False),
    sa.Column("computed_at", sa.BigInteger, nullable=False),
    sa.Column("computed_ms", sa.Float, nullable=False),
)
"""``rule``, ``schedule`` and ``top`` are JSON text. ``kind``: live, scheduled, snapshot or list. ``next_at`` is when a
scheduled one is computed next, 0 for only when asked; ``rows_read`` what computing it reads. ``filled`` counts how
often membership was set anew instead of followed;
``computed_at`` is when everybody was last looked at, ``computed_ms`` what that cost this audience alone."""

snapshots = sa.Table(
    "audiences_snapshots",
    metadata,
    sa.Column("audience_id", sa.Text, primary_key=True),
    sa.Column("filled", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("members", sa.LargeBinary, nullable=False),
)
"""Members as a packed bitmap, with all changes up to ``seq``."""

changes = sa.Table(
    "audiences_changes",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("audience_id", sa.Text, nullable=False),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.BigInteger, nullable=False),
    sa.Index("ix_audiences_changes_seq", "audience_id", "seq"),
    sa.Index("ix_audiences_changes_at", "audience_id", "at"),
)
"""``change``: entered or left; joined or gone when no news is made of it (a merge). ``batch`` 0 is a sweep."""

head = sa.Table(
    "audiences_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("edits", sa.BigInteger, nullable=False),
    sa.Column("settled_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row: the last change's number, how often definitions were edited, the last batch followed (epoch ms), and until
when the passing of time has been followed."""

sizes = sa.Table(
    "audiences_sizes",
    metadata,
    sa.Column("audience_id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
)
"""How many were in it: at each refresh, and of live ones every day."""

pending = sa.Table(
    "audiences_pending",
    metadata,
    sa.Column("audience_id", sa.Text, primary_key=True),
    sa.Column("members", sa.LargeBinary, nullable=False),
)
"""Audiences that were computed anew and whose changes have not been told yet, with who was in them before."""
