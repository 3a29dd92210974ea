"""The outbox, the guard values an operator has changed, channel settings and addresses never to use again."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

messages = sa.Table(
    "delivery_messages",
    metadata,
    sa.Column(
        "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True, nullable=False
    ),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("run_id", sa.BigInteger, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("params", sa.Text, nullable=False, server_default="{}"),
    sa.Column("content", sa.Text, nullable=False, server_default="{}"),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("counts_at", sa.BigInteger, nullable=False),
    sa.Column("lease_by", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("vendor_ref", sa.Text, nullable=False, server_default=""),
    sa.Column("receipt", sa.Text, nullable=False, server_default=""),
    sa.Column("receipt_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("template", sa.Text, nullable=False, server_default=""),
    sa.Column("incentive", sa.Text, nullable=False, server_default=""),
    sa.Column("appeal", sa.Text, nullable=False, server_default=""),
    sa.Column("promotes", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_delivery_messages_ref", "channel", "vendor_ref"),
    sa.Index("ix_delivery_messages_due", "state", "channel", "due_at"),
    sa.Index("ix_delivery_messages_person", "person_id", "counts_at"),
    sa.Index("ix_delivery_messages_channel", "channel", "counts_at"),
    sa.Index("ix_delivery_messages_campaign_person", "campaign", "person_id"),
    sa.Index("ix_delivery_messages_campaign_address", "campaign", "address"),
    sa.Index("ix_delivery_messages_journey", "journey_id", "state"),
)
"""``id`` is a digest of (journey, run, node, address), so the same message can't be queued twice. ``counts_at`` is
the moment that counts for caps and quotas: when the gate let it through, then when it was handed over. ``template`` is
the saved template and its version; a campaign's messages name it in ``journey_id``."""

policies = sa.Table(
    "delivery_policies",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
"""Guard values an operator has changed; all others stand in ``defaults.DEFAULTS``. ``value`` is JSON text."""

channels = sa.Table(
    "delivery_channels",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("sandbox", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("hook", sa.Text, nullable=False, server_default=""),
    sa.Column("last_ok_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_error_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text, nullable=False, server_default=""),
)
"""``config`` is JSON text whose secret fields are sealed. ``hook`` is the secret part of the address callbacks come to.
``last_error`` is ``[code, params]`` as JSON text."""

suppressions = sa.Table(
    "delivery_suppressions",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""``channel`` may be ``*``."""

locks = sa.Table("delivery_locks", metadata, sa.Column("name", sa.Text, primary_key=True))
"""One row, locked while the gate decides: two messages to one person at once can't both pass a cap."""

openings = sa.Table(
    "delivery_openings",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""When persons last did what opens a window to answer them: wrote to an account, tapped its menu, became a friend."""

grants = sa.Table(
    "delivery_grants",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("template_id", sa.Text, primary_key=True),
    sa.Column("left", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many sends persons have agreed to and not yet got, by template. There is no call that asks the vendor.
Consents are under the anchor they came with, sends under the one of the person's number; what is left is the sum."""

early_receipts = sa.Table(
    "delivery_early_receipts",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Receipts that came before the answer to the hand-over was written. ``receipt`` is JSON text."""

heard = sa.Table(
    "delivery_heard",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
)
"""Callbacks that have been taken: the same one again changes nothing."""

links = sa.Table(
    "delivery_links",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, nullable=False, index=True),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("journey_id", sa.Text, nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("clicks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("scans", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_at", sa.BigInteger, nullable=False, server_default="0"),
)
"""Tracked links, each of one message. ``page`` is the address without its query, which may be a person's own.
``scans`` are clicks by programs. ``person_id`` is whom it was made for."""

annoyance = sa.Table(
    "delivery_annoyance",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("signal", sa.Text, primary_key=True),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Bad signals by person: ``weight`` is how often it happened, each time fading since, as of ``at``, the last time.
The signal ``answered`` is a good one: when the person last opened, clicked or wrote."""
