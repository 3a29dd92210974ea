"""Campaigns, who belongs to each, and what was written down after."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

campaigns = sa.Table(
    "campaigns_campaigns",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("starts_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("started_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("ended_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("estimate", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Index("ix_campaigns_campaigns_created", "created_at", "id"),
    sa.Index("ix_campaigns_campaigns_state", "state", "starts_at"),
)
"""``plan`` and ``estimate`` are JSON text of the Structs of these names."""

members = sa.Table(
    "campaigns_members",
    metadata,
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False, server_default=""),
    sa.Column("params", sa.Text, nullable=False, server_default="{}"),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ix_campaigns_members_due", "campaign_id", "state", "due_at"),
    sa.Index("ix_campaigns_members_person", "person_id"),
    sqlite_with_rowid=False,
)
"""The audience as it was when the campaign began. ``state``: held, waiting (also to be tried again), asked, refused."""

reviews = sa.Table(
    "campaigns_reviews",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("next_action", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What was decided after a campaign or journey."""
