"""Staff tasks, calls, starts; goals and how often a run was left behind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _calls()
    _starts()
    _tasks()
    _backtests()
    op.add_column("journeys", sa.Column("fired_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("journeys_runs", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("journeys_runs", sa.Column("converted_at", sa.BigInteger(), server_default="0", nullable=False))


def _calls() -> None:
    op.create_table(
        "journeys_calls",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("journey_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("save_as", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "node_id", name=("pk_journeys_calls")),
    )
    op.create_index("ix_journeys_calls_due", "journeys_calls", ["state", "due_at"])


def _starts() -> None:
    op.create_table(
        "journeys_starts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("persons", sa.LargeBinary(), nullable=False),
        sa.Column("props", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_journeys_starts")),
        sa.UniqueConstraint("journey_id", "key", name=("uq_journeys_starts_journey_id_key")),
    )
    op.create_index("ix_journeys_starts_state", "journeys_starts", ["state", "at"])


def _tasks() -> None:
    op.create_table(
        "journeys_tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("journey_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=("pk_journeys_tasks")),
    )
    op.create_index("ix_journeys_tasks_run_id", "journeys_tasks", ["run_id"])
    op.create_index("ix_journeys_tasks_state", "journeys_tasks", ["state", "due_at", "id"])


def _backtests() -> None:
    op.create_table(
        "journeys_backtests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("journey_id", sa.Text(), nullable=False),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("progress", sa.Float(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_journeys_backtests")),
    )
    op.create_index("ix_journeys_backtests_journey", "journeys_backtests", ["journey_id", "created_at"])
