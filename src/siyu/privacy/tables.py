"""Consent as it stands and the ledger of how it came to be."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

consents = sa.Table(
    "privacy_consents",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Index(
        "ix_privacy_consents_withdrawn",
        "person_id",
        sqlite_where=sa.text("state = 'withdrawn'"),
        postgresql_where=sa.text("state = 'withdrawn'"),
    ),
)
"""``state``: granted or withdrawn. ``channel`` may be ``*`` for all. ``evidence`` is JSON text: the event
and the version of the text agreed to. What each anchor last said; of a person's rows the heaviest holds.
"""

seals = sa.Table(
    "privacy_seals",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("anchor", sa.BigInteger, nullable=False, unique=True),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("kept", sa.Text, nullable=False),
    sa.Column("joined", sa.Text, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
"""Merges of two sides that had both said something. What was settled then is in ``consents`` under ``anchor``; ``kept``
and ``joined`` are JSON lists of the anchors of the sides. Older seals have lower ``seq``.
"""
