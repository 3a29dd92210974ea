"""Tables of the collect room. Those marked *inbox* live in ``store.inbox``, the others in ``store.state``."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

inbox = sa.Table(
    "collect_inbox",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    info={"inbox": "too"},
    sqlite_autoincrement=True,
)
"""*inbox and state*. Arrivals that wait to settle; ``body`` is msgpack of ``list[Record]``.

What came through a door waits in ``store.inbox``; what the product itself emits waits in ``store.state``, because it
must commit with the change that caused it.
"""

plans = sa.Table(
    "collect_plans",
    metadata,
    sa.Column("queue", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("first_id", sa.BigInteger, nullable=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
)
"""*state*. The batch being settled, so that after a crash the very same arrivals make up the same batch."""

settled = sa.Table(
    "collect_settled",
    metadata,
    sa.Column("queue", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""*state*. How far each queue has settled."""

seen = sa.Table(
    "collect_seen",
    metadata,
    sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("batch", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""*state*. Records already taken, by the client's own second and key: retries are recognised here.

Ordered by time, so live traffic touches only the newest pages however large this grows.
"""

quarantine = sa.Table(
    "collect_quarantine",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    info={"inbox": "only"},
    sqlite_autoincrement=True,
)
"""*inbox*. Records that could not be taken; ``state`` is waiting, replayed or dropped. ``record`` is its JSON text."""

sources = sa.Table(
    "collect_sources",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False, server_default=""),
    sa.Column("write_key", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
"""*state*. ``write_key`` only lets events in and stands in public pages, so it is kept readable."""

counters = sa.Table(
    "collect_counters",
    metadata,
    sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("errors", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("lag_ms", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""*state*. What went through each stage of the pipeline; ``hour`` is its start in epoch ms."""

identifier_kinds = sa.Table(
    "collect_identifier_kinds",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
)
"""*state*. Definitions of identifier kinds, strongest first, as JSON text; the highest version is in force."""
