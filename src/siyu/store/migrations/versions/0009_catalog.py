"""The operators' catalog, staff and test accounts, sensitive traits, persons to be written to the engine anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TEXT, _BIG = sa.Text(), sa.BigInteger()


def upgrade() -> None:
    op.add_column("profiles_persons", sa.Column("staff", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "profiles_staff",
        sa.Column("person_id", _BIG, primary_key=True, autoincrement=False),
        sa.Column("anchor", _BIG, primary_key=True, autoincrement=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("at", _BIG, nullable=False),
    )
    op.create_table("profiles_staff_keys", sa.Column("key", _TEXT, primary_key=True))
    op.create_table("profiles_staff_ruled", sa.Column("person_id", _BIG, primary_key=True, autoincrement=False))
    op.create_table(
        "profiles_staff_rule",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("rule", _TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("followed_at", _BIG, nullable=False, server_default="0"),
    )
    op.create_table("profiles_unmirrored", sa.Column("person_id", _BIG, primary_key=True, autoincrement=False))
    op.execute("INSERT INTO profiles_unmirrored SELECT person_id FROM profiles_persons WHERE orders > 1")
    _sensitive()
    _catalog()


def _sensitive() -> None:
    op.create_table(
        "profiles_sensitive",
        sa.Column("name", _TEXT, primary_key=True),
        sa.Column("class", _TEXT, nullable=False),
        sa.Column("since", _BIG, nullable=False),
    )
    op.create_table(
        "profiles_sensitive_traits",
        sa.Column("person_id", _BIG, primary_key=True, autoincrement=False),
        sa.Column("name", _TEXT, primary_key=True),
        sa.Column("anchor", _BIG, primary_key=True, autoincrement=False),
        sa.Column("verb", _TEXT, primary_key=True),
        sa.Column("source_id", _TEXT, primary_key=True),
        sa.Column("value", _TEXT, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("first_value", _TEXT, nullable=False, server_default=""),
        sa.Column("first_at", _BIG, nullable=False, server_default="0"),
        sqlite_with_rowid=False,
    )


def _catalog() -> None:
    op.create_table(
        "catalog_notes",
        sa.Column("kind", _TEXT, primary_key=True),
        sa.Column("name", _TEXT, primary_key=True),
        sa.Column("value", _TEXT, nullable=False),
        sa.Column("merged_into", _TEXT, nullable=False, server_default=""),
        sa.Column("merged_rows", _BIG, nullable=False, server_default="0"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", _BIG, nullable=False),
    )
    op.create_table(
        "catalog_seen",
        sa.Column("kind", _TEXT, primary_key=True),
        sa.Column("name", _TEXT, primary_key=True),
        sa.Column("property", _TEXT, primary_key=True),
        sa.Column("source_id", _TEXT, primary_key=True),
        sa.Column("type", _TEXT, primary_key=True),
        sa.Column("first_at", _BIG, nullable=False),
        sa.Column("last_at", _BIG, nullable=False),
        sa.Column("seen", _BIG, nullable=False),
        sa.Column("examples", _TEXT, nullable=False),
    )
