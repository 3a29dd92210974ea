"""Tables of file imports. All in ``store.state``."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

imports = sa.Table(
    "collect_imports",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("entity", sa.Text, nullable=False, server_default=""),
    sa.Column("mapping", sa.Text, nullable=False, server_default="{}"),
    sa.Column("options", sa.Text, nullable=False, server_default="{}"),
    sa.Column("source_id", sa.Text, nullable=False, server_default=""),
    sa.Column("dry_run", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("rows_total", sa.BigInteger),
    sa.Column("rows_done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_ok", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_bad", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("ids_ignored", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("errors_bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("first_errors", sa.Text, nullable=False, server_default="[]"),
    sa.Column("failure", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("started_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("finished_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("leased_until", sa.BigInteger, nullable=False, server_default="0"),
)
"""``rows_done`` and ``errors_bytes`` (length of the error file) are the checkpoint a killed import resumes from.

``digest`` is the SHA-256 of the file; ``columns`` a JSON list of names; ``state`` uploaded, running, done, failed or
dry_run_done.
"""

spend = sa.Table(
    "collect_spend",
    metadata,
    sa.Column("date", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("clicks", sa.BigInteger, nullable=False),
    sa.Column("impressions", sa.BigInteger, nullable=False),
    sa.Column("import_id", sa.Text, nullable=False),
    sa.Column("row", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What advertising cost: one row a day, channel path (``search/baidu``) and campaign; ``amount`` is fen.

A later import replaces what an earlier one said; ``import_id`` and ``row`` say where a figure came from.
"""
