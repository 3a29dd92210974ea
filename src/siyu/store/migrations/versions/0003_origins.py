"""What is known is kept by the identifier it came with.

Rows from before belong to the anchor of their person's number, since nobody wrote down which identifier brought them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import xxhash
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AT_ONCE = 10_000


def upgrade() -> None:
    _anchors()
    _traits()
    _channels()
    _entries()
    _consents()
    _marks()
    for table in ("profiles_orders", "journeys_runs"):
        _add_anchor(table)
    op.drop_table("origins_anchors")
    _new_tables()


def _big(name: str, *, pk: bool = False, default: str | None = None) -> sa.Column[Any]:
    counted: Any = False if pk else "auto"
    return sa.Column(
        name, sa.BigInteger(), primary_key=pk, nullable=False, server_default=default, autoincrement=counted
    )


def _text(name: str, *, pk: bool = False, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), primary_key=pk, nullable=False, server_default=default)


def _anchors() -> None:
    """Person → the anchor what is known of them gets."""
    op.create_table("origins_anchors", _big("person_id", pk=True), _big("anchor"))
    conn = op.get_bind()
    numbers = conn.execute(sa.text("SELECT id FROM identity_persons")).scalars().all()
    insert = sa.text("INSERT INTO origins_anchors (person_id, anchor) VALUES (:person, :anchor)")
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        conn.execute(insert, [{"person": number, "anchor": _anchor_of(number)} for number in part])


def _anchor_of(person: int) -> int:
    return xxhash.xxh3_64_intdigest(f"person:{person}".encode()) >> 1


def _remake(table: str, copied: str, values: str, *columns: sa.Column[Any], **options: Any) -> None:
    """Drop a table and make it anew with an anchor in its key. ``values`` are read from the old rows."""
    op.execute(f"CREATE TABLE origins_old AS SELECT * FROM {table}")  # noqa: S608 - tables named here
    op.drop_table(table)
    op.create_table(table, *columns, **options)
    op.execute(
        f"INSERT INTO {table} (person_id, anchor, {copied}) SELECT o.person_id, a.anchor, {values}"  # noqa: S608
        " FROM origins_old AS o JOIN origins_anchors AS a ON a.person_id = o.person_id"
    )
    op.drop_table("origins_old")


def _traits() -> None:
    _remake(
        "profiles_traits",
        "name, verb, source_id, value, at",
        "o.name, 'set', o.source_id, o.value, o.at",
        _big("person_id", pk=True),
        _text("name", pk=True),
        _big("anchor", pk=True),
        _text("verb", pk=True),
        _text("source_id", pk=True),
        _text("value"),
        _big("at"),
        _text("first_value", default=""),
        _big("first_at", default="0"),
        sqlite_with_rowid=False,
    )


def _channels() -> None:
    _remake(
        "profiles_channels",
        "channel, state, at, evidence",
        "o.channel, o.state, o.at, o.evidence",
        _big("person_id", pk=True),
        _big("anchor", pk=True),
        _text("channel", pk=True),
        _text("state"),
        _big("at"),
        _text("evidence"),
        sqlite_with_rowid=False,
    )


def _entries() -> None:
    op.create_table(
        "profiles_entries",
        _big("person_id", pk=True),
        _big("anchor", pk=True),
        _big("at"),
        _text("via"),
        _text("source_id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO profiles_entries (person_id, anchor, at, via, source_id)"
        " SELECT p.person_id, a.anchor, p.entered_at, p.entered_via, p.entered_source_id"
        " FROM profiles_persons AS p JOIN origins_anchors AS a ON a.person_id = p.person_id WHERE p.entered_at > 0"
    )


def _consents() -> None:
    op.drop_index("ix_privacy_consents_withdrawn", "privacy_consents")
    _remake(
        "privacy_consents",
        "channel, purpose, state, at, evidence, source_id",
        "o.channel, o.purpose, o.state, o.at, o.evidence, o.source_id",
        _big("person_id", pk=True),
        _big("anchor", pk=True),
        _text("channel", pk=True),
        _text("purpose", pk=True),
        _text("state"),
        _big("at"),
        _text("evidence"),
        _text("source_id"),
    )
    op.create_index(
        "ix_privacy_consents_withdrawn",
        "privacy_consents",
        ["person_id"],
        sqlite_where=sa.text("state = 'withdrawn'"),
        postgresql_where=sa.text("state = 'withdrawn'"),
    )


def _marks() -> None:
    _remake(
        "journeys_marks",
        "event, at",
        "o.event, o.at",
        _big("person_id", pk=True),
        _big("anchor", pk=True),
        _text("event", pk=True),
        _big("at"),
        sqlite_with_rowid=False,
    )


def _add_anchor(table: str) -> None:
    op.add_column(table, _big("anchor", default="0"))
    op.execute(
        f"UPDATE {table} SET anchor = (SELECT a.anchor FROM origins_anchors AS a"  # noqa: S608 - tables named above
        f" WHERE a.person_id = {table}.person_id)"
        f" WHERE person_id IN (SELECT person_id FROM origins_anchors)"
    )


def _new_tables() -> None:
    op.create_table("profiles_gone", _big("person_id", pk=True), _big("version"))
    op.create_table(
        "profiles_rules",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        _text("value"),
        sa.Column("version", sa.Integer(), nullable=False),
        _big("changed_at"),
        _text("stale", default="[]"),
        _big("done_until", default="0"),
    )
    op.create_table(
        "privacy_seals",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        _big("anchor"),
        _big("person_id"),
        _text("kept"),
        _text("joined"),
        _big("until"),
        sa.UniqueConstraint("anchor"),
    )
    op.create_index("ix_privacy_seals_person_id", "privacy_seals", ["person_id"])
