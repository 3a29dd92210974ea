"""Definitions of tags, their runs, how many persons had which value on which day, and values somebody gave."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

tags = sa.Table(
    "tags_tags",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Column("schedule", sa.Text, nullable=False),
    sa.Column("empty", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("fresh_at", sa.BigInteger, nullable=False),
    sa.Column("persons", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)
"""``config``, ``schedule`` and ``facts`` are JSON text; ``facts`` is what a run found out about everybody (the edges of
bands). ``empty``: clear or keep, when nothing is found any more. ``next_at`` 0: only when asked. ``fresh_at``: as of
when everybody was computed last, 0 for never; ``persons``: how many had a value then.
``made_by``: role of whoever saved it.
"""

runs = sa.Table(
    "tags_runs",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("tag_id", sa.Text, nullable=False, index=True),
    sa.Column("as_of", sa.BigInteger, nullable=False),
    sa.Column("took_ms", sa.Float, nullable=False),
    sa.Column("persons", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
)
"""Computing everybody. ``took_ms`` is the tag's share where several were computed in one scan."""

counts = sa.Table(
    "tags_counts",
    metadata,
    sa.Column("tag_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("persons", sa.BigInteger, nullable=False),
)
"""How many had which value at the last run of a day in the shop; the commonest values, the empty one is any value."""

said = sa.Table(
    "tags_said",
    metadata,
    sa.Column("tag_id", sa.Text, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)
"""Values that were given by hand or came in a file, by the identifier they were given to; an empty one takes it away.
The latest of a person's anchors holds."""
