"""Saved templates and every version they have had."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

templates = sa.Table(
    "content_templates",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("archived", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("ix_content_templates_created", "created_at", "id"),
)

versions = sa.Table(
    "content_versions",
    metadata,
    sa.Column("template_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("draft", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)
"""Never changed once written. ``draft`` is the ``Draft`` as JSON text."""
