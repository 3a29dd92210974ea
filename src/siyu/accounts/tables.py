"""Who may use Siyu, how they prove it, and what they did."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

operators = sa.Table(
    "accounts_operators",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
"""``email`` is lower case; ``password`` is a scrypt hash with its parameters."""

setup = sa.Table(
    "accounts_setup",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""At most one row, number 1: its key decides which of two simultaneous set-ups wins, on any database."""

sessions = sa.Table(
    "accounts_sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("operator_id", sa.Text, nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
)

attempts = sa.Table(
    "accounts_attempts",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Index("ix_accounts_attempts_subject_at", "subject", "at"),
)
"""Logins that have not succeeded; ``subject`` is a hash of email and network address."""

keys = sa.Table(
    "accounts_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False, unique=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger, nullable=False, server_default="0"),
)
"""``scopes`` is a JSON list; ``hint`` the first characters of the secret; ``used_at`` is right to the hour."""

entries = sa.Table(
    "accounts_audit",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)
"""Append-only. ``actor`` is the name at that time, ``detail`` JSON text without personal data."""

answers = sa.Table(
    "accounts_answers",
    metadata,
    sa.Column("key_hash", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("status", sa.Integer, nullable=False, server_default="0"),
    sa.Column("body", sa.Text, nullable=False, server_default=""),
)
"""Answers to requests that carried an Idempotency-Key; ``status`` 0 while in work, ``body`` sealed."""
