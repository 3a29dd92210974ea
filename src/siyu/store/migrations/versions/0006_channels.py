"""Receipts, sandboxes, reply windows, counted consents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery_messages") as table:
        table.add_column(sa.Column("vendor_ref", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("receipt", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("receipt_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_delivery_messages_ref", "delivery_messages", ["channel", "vendor_ref"])
    with op.batch_alter_table("delivery_channels") as table:
        table.add_column(sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("hook", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("last_ok_at", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("last_error_at", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("last_error", sa.Text(), nullable=False, server_default=""))
    _tables()


def _tables() -> None:
    op.create_table(
        "delivery_openings",
        sa.Column("person_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("anchor", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("event", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_grants",
        sa.Column("person_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("anchor", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("template_id", sa.Text(), primary_key=True),
        sa.Column("left", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_early_receipts",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("ref", sa.Text(), primary_key=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "delivery_heard",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_delivery_heard_at", "delivery_heard", ["at"])
