"""How many identifiers of an import's rows were ignored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collect_imports", sa.Column("ids_ignored", sa.BigInteger(), nullable=False, server_default="0"))
