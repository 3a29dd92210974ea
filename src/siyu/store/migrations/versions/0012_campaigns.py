"""Message templates, campaigns, tracked links, annoyance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery_messages") as table:
        table.add_column(sa.Column("template", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("incentive", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("appeal", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("promotes", sa.Boolean(), nullable=False, server_default=sa.false()))
    _delivery()
    _content()
    _campaigns()


def _delivery() -> None:
    op.create_table(
        "delivery_links",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("journey_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("scans", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_at", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_index("ix_delivery_links_message_id", "delivery_links", ["message_id"])
    op.create_index("ix_delivery_links_journey_id", "delivery_links", ["journey_id"])
    op.create_table(
        "delivery_annoyance",
        sa.Column("person_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("anchor", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("signal", sa.Text(), primary_key=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )


def _content() -> None:
    op.create_table(
        "content_templates",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_content_templates_created", "content_templates", ["created_at", "id"])
    op.create_table(
        "content_versions",
        sa.Column("template_id", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
    )


def _campaigns() -> None:
    op.create_table(
        "campaigns_campaigns",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("started_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("ended_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("estimate", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
    )
    op.create_index("ix_campaigns_campaigns_created", "campaigns_campaigns", ["created_at", "id"])
    op.create_index("ix_campaigns_campaigns_state", "campaigns_campaigns", ["state", "starts_at"])
    op.create_table(
        "campaigns_members",
        sa.Column("campaign_id", sa.Text(), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, server_default=""),
        sa.Column("params", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, server_default="0"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_campaigns_members_due", "campaigns_members", ["campaign_id", "state", "due_at"])
    op.create_index("ix_campaigns_members_person", "campaigns_members", ["person_id"])
    op.create_table(
        "campaigns_reviews",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("next_action", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
