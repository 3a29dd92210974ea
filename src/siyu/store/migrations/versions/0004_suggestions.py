"""Suggestions: runs of matching and the review queue."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestions_runs",
        sa.Column("id", sa.Text(), nullable=False),
        _needed("state", sa.Text()),
        _needed("stage", sa.Text(), ""),
        _needed("progress", sa.Float(), "0"),
        _needed("wanted", sa.Text()),
        _needed("fields", sa.Text(), "[]"),
        _needed("threshold", sa.Float()),
        _needed("learned", sa.Boolean(), sa.false()),
        _needed("persons", sa.BigInteger(), "0"),
        _needed("found", sa.BigInteger(), "0"),
        _needed("failure", sa.Text(), ""),
        _needed("started_by", sa.Text()),
        _needed("created_at", sa.BigInteger()),
        _needed("finished_at", sa.BigInteger(), "0"),
        _needed("leased_until", sa.BigInteger(), "0"),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions_runs"),
    )
    op.create_index("ix_suggestions_runs_state", "suggestions_runs", ["state"])
    op.create_table(
        "suggestions_pairs",
        sa.Column("id", sa.Text(), nullable=False),
        _needed("key_a", sa.Text()),
        _needed("key_b", sa.Text()),
        _needed("score", sa.Float()),
        _needed("weight", sa.Float()),
        _needed("evidence", sa.Text()),
        _needed("group_size", sa.Integer()),
        _needed("run_id", sa.Text()),
        _needed("state", sa.Text()),
        _needed("failure", sa.Text(), ""),
        _needed("created_at", sa.BigInteger()),
        _needed("decided_at", sa.BigInteger(), "0"),
        _needed("decided_by", sa.Text(), ""),
        _needed("decided_name", sa.Text(), ""),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions_pairs"),
        sa.UniqueConstraint("key_a", "key_b", name="uq_suggestions_pairs_key_a_key_b"),
    )
    op.create_index("ix_suggestions_pairs_queue", "suggestions_pairs", ["state", "weight", "id"])


def _needed(name: str, kind: Any, default: Any = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=default)
