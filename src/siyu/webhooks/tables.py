"""Who is told, and every telling."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

endpoints = sa.Table(
    "webhooks_endpoints",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("topics", sa.Text, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("failing_since", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("paused_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_ok_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
"""``secret`` is sealed; ``topics`` and ``events`` are JSON lists. After a fault nothing is posted until
``paused_until``, so that a peer that is down gets one knock at a time."""

deliveries = sa.Table(
    "webhooks_deliveries",
    metadata,
    sa.Column(
        "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True, nullable=False
    ),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("endpoint_id", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_by", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ix_webhooks_deliveries_due", "endpoint_id", "state", "due_at"),
    sa.Index("ix_webhooks_deliveries_endpoint", "endpoint_id", "seq"),
)
"""``state``: waiting, sent or failed. The receiver recognises repeats by ``id``."""
