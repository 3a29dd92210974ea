"""Runs of matching, and the pairs they suggested with what people decided."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

runs = sa.Table(
    "suggestions_runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("stage", sa.Text, nullable=False, server_default=""),
    sa.Column("progress", sa.Float, nullable=False, server_default="0"),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False, server_default="[]"),
    sa.Column("threshold", sa.Float, nullable=False),
    sa.Column("learned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("persons", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("found", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("failure", sa.Text, nullable=False, server_default=""),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("finished_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("leased_until", sa.BigInteger, nullable=False, server_default="0"),
)
"""``wanted`` and ``fields`` are JSON lists of field names: those asked for (empty: all) and those compared."""

pairs = sa.Table(
    "suggestions_pairs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key_a", sa.Text, nullable=False),
    sa.Column("key_b", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("group_size", sa.Integer, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("decided_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
    sa.Column("decided_name", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_suggestions_pairs_queue", "state", "weight", "id"),
    sa.UniqueConstraint("key_a", "key_b"),
)
"""Two persons by their strongest identifiers, which outlive person numbers; ``key_a`` < ``key_b``.

``state``: waiting, accepting (a bulk decision not yet carried out), accepted, rejected (kept for ever) or refused (the
limits of identifiers don't allow it; ``failure`` says so). ``evidence`` is JSON, a list of (field, level, weight).
"""
