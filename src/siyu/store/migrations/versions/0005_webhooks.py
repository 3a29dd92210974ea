"""Webhooks: who is told what happened, and every telling."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhooks_endpoints",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "url", "secret", "topics", "events")),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
            for name in ("failing_since", "paused_until", "last_ok_at")
        ),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    )
    op.create_table(
        "webhooks_deliveries",
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("endpoint_id", "topic", "body", "state")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("created_at", "due_at")),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
        sa.Column("lease_by", sa.Text, nullable=False, server_default=""),
        sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("ix_webhooks_deliveries_due", "webhooks_deliveries", ["endpoint_id", "state", "due_at"])
    op.create_index("ix_webhooks_deliveries_endpoint", "webhooks_deliveries", ["endpoint_id", "seq"])
