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
and the version of the text agreed to. What each anchor last said, and under the anchor 0 what follows from it where
several became one person; of a person's rows the heaviest holds.
"""
