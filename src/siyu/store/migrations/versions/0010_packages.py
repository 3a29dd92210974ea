"""Packages: audiences as files, and every time they were made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packages_packages",
        sa.Column("id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("name", "audience_id", "content", "destination", "secret", "schedule")
        ),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("base", sa.LargeBinary, nullable=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("owner_id", "owner")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_packages_packages_audience_id", "packages_packages", ["audience_id"])
    op.create_index("ix_packages_packages_next_at", "packages_packages", ["next_at"])
    op.create_table(
        "packages_runs",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("package_id", "why", "state")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("created_at", "due_at")),
        sa.Column("ended_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        *(sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in ("done", "total", "refused")),
        sa.Column("files", sa.Text, nullable=False, server_default="[]"),
        sa.Column("members", sa.LargeBinary, nullable=True),
        sa.Column("clear", sa.Boolean, nullable=False),
        sa.Column("delta", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
        sa.Column("expires_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lease_by", sa.Text, nullable=False, server_default=""),
        sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("ix_packages_runs_package", "packages_runs", ["package_id", "created_at"])
    op.create_index("ix_packages_runs_due", "packages_runs", ["state", "due_at"])
