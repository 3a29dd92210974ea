"""Room beside every run for the row that leases it, so that PostgreSQL leaves the indexes alone."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE journeys_runs SET (fillfactor = 50)")
