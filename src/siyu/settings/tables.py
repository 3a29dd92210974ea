"""What operators set for the whole product."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

values = sa.Table(
    "settings_values",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)
"""``value`` is JSON text."""
