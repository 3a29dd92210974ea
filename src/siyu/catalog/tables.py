"""What operators say of events and traits, and what was seen of their values."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

notes = sa.Table(
    "catalog_notes",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("merged_into", sa.Text, nullable=False, server_default=""),
    sa.Column("merged_rows", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)
"""``kind``: event or trait; ``value``: a ``Note`` as JSON. ``merged_into``: the event that took this name over;
``merged_rows``: rows rewritten for that, or for taking it back; -1 while some may be left."""

seen = sa.Table(
    "catalog_seen",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("property", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("examples", sa.Text, nullable=False),
)
"""Types that values had, by source, in a sample of what arrives: ``property`` is empty for a trait. ``examples``: a
JSON list of texts, masked before they come here."""
