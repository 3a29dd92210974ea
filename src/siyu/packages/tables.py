"""What is made of audiences for elsewhere, and every time it was made."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

packages = sa.Table(
    "packages_packages",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("audience_id", sa.Text, nullable=False, index=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("destination", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("schedule", sa.Text, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("base", sa.LargeBinary, nullable=True),
    sa.Column("owner_id", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""``content``, ``destination`` and ``schedule`` are JSON text; ``secret`` is sealed, empty for none. ``next_at`` is
when it is made next, 0 for only when asked. ``base`` is who was in the last one that arrived, as a packed bitmap.
``owner`` is who last decided what is in it: what is made by the clock is made in their name."""

runs = sa.Table(
    "packages_runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("package_id", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("refused", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("files", sa.Text, nullable=False, server_default="[]"),
    sa.Column("members", sa.LargeBinary, nullable=True),
    sa.Column("clear", sa.Boolean, nullable=False),
    sa.Column("delta", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
    sa.Column("expires_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("lease_by", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ix_packages_runs_package", "package_id", "created_at"),
    sa.Index("ix_packages_runs_due", "state", "due_at"),
)
"""``state``: waiting, making, sending, done or failed; ``why``: asked or schedule. ``files`` is JSON text; ``members``
is who was in it, as a packed bitmap, so that it stays known whose data left the house. ``refused`` counts members left
out because they haven't agreed. Files are gone after ``expires_at``, which then is 0."""
