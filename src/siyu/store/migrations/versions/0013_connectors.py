"""Connectors, what they mirror and have to do, channel codes and parcel cards."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _empty(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _key(name: str, kind: Any = sa.Text, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, nullable=False, **more)


def _at(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _off(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def upgrade() -> None:
    op.create_table(
        "connectors_installs", _key("id"), *_text("connector", "name", "config"),
        sa.Column("hook", sa.Text, nullable=False, unique=True),
        sa.Column("source_id", sa.Text, nullable=False, unique=True), _off("paused"), _at("created_at"), _version(),
        _number("last_ok_at"), _number("last_error_at"), _empty("last_error"),
    )  # fmt: skip
    op.create_table(
        "connectors_pulls", _key("install_id"), _key("pull"), *_text("state"), _empty("cursor"),
        *map(_number, ("run", "done", "total", "calls", "due_at", "lease_until", "attempts", "finished_at")),
        _empty("error"),
    )  # fmt: skip
    op.create_table(
        "connectors_mirror", _key("install_id"), _key("kind"), _key("key"), *_text("owner"),
        sa.Column("present", sa.Boolean, nullable=False), *map(_number, ("hash", "changed_at", "seen")),
        _empty("data"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_connectors_mirror_owner", "connectors_mirror", ["install_id", "kind", "owner"])
    op.create_table(
        "connectors_tasks", _key("seq", _SERIAL, autoincrement=True),
        *_text("install_id", "name", "key", "payload"),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        *map(_number, ("created_at", "due_at", "lease_until", "attempts")), _empty("error"),
        sa.UniqueConstraint("install_id", "name", "key"),
    )  # fmt: skip
    op.create_index("ix_connectors_tasks_due", "connectors_tasks", ["state", "due_at"])
    _codes()


def _codes() -> None:
    op.create_table(
        "connectors_codes", _key("id"), *_text("install_id", "name", "kind"),
        sa.Column("state", sa.Text, nullable=False, unique=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True), *_text("config"),
        sa.Column("targets", sa.Text, nullable=False, server_default="{}"), _off("disabled"), _at("created_at"),
        _version(),
    )  # fmt: skip
    op.create_index("ix_connectors_codes_install_id", "connectors_codes", ["install_id"])
    op.create_table(
        "connectors_code_days", _key("code_id"), _key("day"), _key("staff"),
        *map(_number, ("opened", "joined", "lost")),
    )  # fmt: skip
    op.create_table(
        "connectors_joins", _key("code_id"), _key("person_id", sa.BigInteger, autoincrement=False), _at("at"),
        _empty("order_id"), _number("matched_at"),
    )  # fmt: skip
    op.create_table(
        "connectors_parcels", _key("order_id"), *_text("code_id"), _empty("shop"), _at("added_at"), _number("gift_at"),
    )  # fmt: skip
    op.create_index("ix_connectors_parcels_code_id", "connectors_parcels", ["code_id"])
