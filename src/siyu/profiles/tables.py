"""What is known of a person: traits, orders, channels, and the facts counted from them."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

persons = sa.Table(
    "profiles_persons",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("entered_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("entered_via", sa.Text, nullable=False, server_default=""),
    sa.Column("entered_source_id", sa.Text, nullable=False, server_default=""),
    sa.Column("orders", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revenue", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("first_order_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_order_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("staff", sa.Integer, nullable=False, server_default="0"),
)
"""One row a canonical person. ``revenue`` is fen after refunds; 0 in a time column means never. ``staff`` is 1 for a
staff or test account, as of the last time the person was written to the event engine."""

traits = sa.Table(
    "profiles_traits",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("verb", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("first_value", sa.Text, nullable=False, server_default=""),
    sa.Column("first_at", sa.BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""What each anchor said, as ``fold.Said`` describes it; a person's traits are the fold of it."""

rules = sa.Table(
    "profiles_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("stale", sa.Text, nullable=False, server_default="[]"),
    sa.Column("done_until", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row: the rules traits are folded by. ``stale``: JSON list of traits a change has yet to be carried through for,
``done_until``: the last person it has reached."""

channels = sa.Table(
    "profiles_channels",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Follow facts by anchor, the latest holds: ``state`` is on or off, ``evidence`` the event that said so."""

entries = sa.Table(
    "profiles_entries",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""When each anchor entered the private domain first; a person entered with the earliest."""

gone = sa.Table(
    "profiles_gone",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
"""Persons who were absorbed, with the version under which the event engine was told so: above any they had, and below
any they get when they are separate again."""

orders = sa.Table(
    "profiles_orders",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("anchor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("paid_at", sa.BigInteger, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("refunded", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("currency", sa.Text, nullable=False, server_default="CNY"),
    sa.Column("units", sa.Integer, nullable=False, server_default="1"),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
)
"""``amount`` and ``refunded`` are fen; ``paid_at`` 0 when only a refund has arrived so far; ``raw`` as it came."""

staff = sa.Table(
    "profiles_staff",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("anchor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("staff", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What operators said by hand of each anchor of a person: staff or test account (1) or not (0). The latest holds, and
it goes before rule and list."""

staff_keys = sa.Table("profiles_staff_keys", metadata, sa.Column("key", sa.Text, primary_key=True))
"""Identifiers (``type:value``) of staff and test accounts."""

staff_ruled = sa.Table(
    "profiles_staff_ruled", metadata, sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False)
)
"""Persons the staff rule held for when it was last followed."""

staff_rule = sa.Table(
    "profiles_staff_rule",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("followed_at", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row: the rule (JSON text, ``null`` for none) that makes somebody staff."""

unmirrored = sa.Table(
    "profiles_unmirrored", metadata, sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False)
)
"""Persons to be written to the event engine anew though nothing came in."""

sensitive = sa.Table(
    "profiles_sensitive",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("class", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
)
"""Traits kept apart, with their class: health or minors."""

sensitive_traits = sa.Table(
    "profiles_sensitive_traits",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("verb", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("first_value", sa.Text, nullable=False, server_default=""),
    sa.Column("first_at", sa.BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""As ``profiles_traits``, of the sensitive traits. Never written to the event engine."""
