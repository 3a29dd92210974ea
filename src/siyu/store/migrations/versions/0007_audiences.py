"""Kinds of membership, schedules, sizes over time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name, kind, default in (
        ("kind", sa.Text(), "live"),
        ("schedule", sa.Text(), "null"),
        ("top", sa.Text(), "null"),
        ("next_at", sa.BigInteger(), "0"),
        ("rows_read", sa.BigInteger(), "0"),
    ):
        op.add_column("audiences_audiences", sa.Column(name, kind, nullable=False, server_default=default))
    op.execute("UPDATE audiences_audiences SET kind = 'scheduled' WHERE NOT live")
    op.execute("ALTER TABLE audiences_audiences DROP COLUMN live")
    op.add_column("audiences_head", sa.Column("due_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "audiences_sizes",
        sa.Column("audience_id", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "audiences_pending",
        sa.Column("audience_id", sa.Text(), primary_key=True),
        sa.Column("members", sa.LargeBinary(), nullable=False),
    )
