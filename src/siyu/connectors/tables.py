"""Connectors that are set up, how their pulls stand, what the vendors' lists hold, work to do, channel codes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from siyu.store import metadata

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number(name: str, **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0", **more)


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="", **more)


installs = sa.Table(
    "connectors_installs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("connector", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("hook", sa.Text, nullable=False, unique=True),
    sa.Column("source_id", sa.Text, nullable=False, unique=True),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    _number("last_ok_at"),
    _number("last_error_at"),
    _text("last_error"),
)
"""``config`` is JSON with its secrets sealed; ``hook`` is the secret part of the callback address."""

pulls = sa.Table(
    "connectors_pulls",
    metadata,
    sa.Column("install_id", sa.Text, primary_key=True),
    sa.Column("pull", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    _text("cursor"),
    *(_number(name) for name in ("run", "done", "total", "calls", "due_at", "lease_until", "attempts", "finished_at")),
    _text("error"),
)
"""``state``: running, sweeping, done, failed. ``run`` is when this run began (epoch ms) and names it."""

mirror = sa.Table(
    "connectors_mirror",
    metadata,
    sa.Column("install_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("present", sa.Boolean, nullable=False),
    *(_number(name) for name in ("hash", "changed_at", "seen")),
    _text("data"),
    sa.Index("ix_connectors_mirror_owner", "install_id", "kind", "owner"),
    sqlite_with_rowid=False,
)
"""What the vendor's lists hold, without what is known of anybody: enough to tell what is new, changed and gone."""

tasks = sa.Table(
    "connectors_tasks",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("install_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    *(_number(name) for name in ("created_at", "due_at", "lease_until", "attempts")),
    _text("error"),
    sa.UniqueConstraint("install_id", "name", "key"),
    sa.Index("ix_connectors_tasks_due", "state", "due_at"),
)

codes = sa.Table(
    "connectors_codes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("install_id", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, unique=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("targets", sa.Text, nullable=False, server_default="{}"),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
"""``state`` travels through the vendor and comes back with who joined; ``slug`` is what is printed. ``targets``: staff
(empty: none) → the vendor's code."""

code_days = sa.Table(
    "connectors_code_days",
    metadata,
    sa.Column("code_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("staff", sa.Text, primary_key=True),
    *(_number(name) for name in ("opened", "joined", "lost")),
)

joins = sa.Table(
    "connectors_joins",
    metadata,
    sa.Column("code_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    _text("order_id"),
    _number("matched_at"),
)
"""Who joined by which code; for parcel cards, by which order of its batch they were recognised."""

parcels = sa.Table(
    "connectors_parcels",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("code_id", sa.Text, nullable=False, index=True),
    sa.Column("shop", sa.Text, nullable=False, server_default=""),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    _number("gift_at"),
)
"""Orders a batch of cards went out with. ``gift_at``: when its one gift was promised."""
