"""The ledger of identifier links, decisions, conflicts and moves; definitions of identifier kinds.

Persons and identifiers stay who they are. What an identifier was created under is not known of old ones: it is the
person they belong to. The old ledger named persons, not pairs of identifiers: for each person a star of links from its
oldest identifier takes its place, so that nobody falls apart.
"""

from __future__ import annotations

import sqlalchemy as sa
import xxhash
from alembic import op

revision = "0002"
down_revision = "0001"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _big(name: str, *, pk: bool = False, null: bool = False, default: str | None = None) -> sa.Column[int]:
    return sa.Column(
        name,
        sa.BigInteger(),
        primary_key=pk,
        nullable=null,
        server_default=default,
        autoincrement=False if pk else "auto",
    )


def _text(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null, server_default=default)


def _serial() -> sa.Column[int]:
    return sa.Column("id", _SERIAL, primary_key=True, autoincrement=True, nullable=False)


def upgrade() -> None:
    known = op.get_bind().exec_driver_sql(
        "SELECT key, person_id, first_seen_at, source_id FROM identity_identifiers"
        " ORDER BY person_id, first_seen_at, key"
    )
    rows = [tuple(row) for row in known]
    for table in ("identity_links", "identity_conflicts", "identity_identifiers"):
        op.drop_table(table)
    _identifiers()
    _links()
    _ledger()
    _definitions()
    _carry_over(rows)


def _identifiers() -> None:
    op.create_table(
        "identity_identifiers",
        sa.Column("key", sa.Text(), primary_key=True, nullable=False),
        _big("id"),
        _big("anchor"),
        _big("person_id"),
        _big("born"),
        sa.Column("state", sa.Integer(), nullable=False, server_default="0"),
        _big("first_seen_at"),
        _big("last_seen_at", default="0"),
        _text("source_id"),
        sa.UniqueConstraint("id", name="uq_identity_identifiers_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identity_identifiers_person_id", "identity_identifiers", ["person_id"])


def _links() -> None:
    op.create_table(
        "identity_links",
        _big("one", pk=True),
        _big("two", pk=True),
        _big("at"),
        sa.Column("source", sa.Integer(), nullable=False),
        _big("event"),
        sa.Column("state", sa.Integer(), nullable=False, server_default="0"),
        _big("manual", default="0"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identity_links_two", "identity_links", ["two"])
    op.create_table(
        "identity_sources",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        _text("source_id"),
        sa.UniqueConstraint("source_id", name="uq_identity_sources_source_id"),
    )


def _ledger() -> None:
    op.create_table(
        "identity_history",
        _serial(),
        _big("one"),
        _big("two"),
        _big("at"),
        _text("step"),
        _text("reason"),
        _big("decision"),
    )
    op.create_table(
        "identity_decisions",
        _serial(),
        _text("verb"),
        _big("one"),
        _big("two"),
        _big("at"),
        _text("actor"),
        _text("reason"),
        _text("cut", default="[]"),
        _big("undone_at", null=True),
        _text("undone_by", default=""),
    )
    for table in ("identity_history", "identity_decisions"):
        for column in ("one", "two"):
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_table(
        "identity_conflicts",
        _serial(),
        _big("one"),
        _big("two"),
        _big("at"),
        _text("reason"),
        _text("scope"),
        _text("state", default="open"),
        _big("closed_at", null=True),
        _text("closed_by", default=""),
        sa.UniqueConstraint("one", "two", name="uq_identity_conflicts_one_two"),
    )
    op.create_index("ix_identity_conflicts_two", "identity_conflicts", ["two"])
    op.create_index("ix_identity_conflicts_state_id", "identity_conflicts", ["state", "id"])
    op.create_table(
        "identity_moves",
        _serial(),
        _big("batch"),
        _big("at"),
        _big("source"),
        _big("target"),
        _text("anchors", null=True),
    )
    for column in ("batch", "source", "target"):
        op.create_index(f"ix_identity_moves_{column}", "identity_moves", [column])


def _definitions() -> None:
    op.create_table(
        "collect_identifier_kinds",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        _text("value"),
        _big("changed_at"),
        _text("changed_by"),
    )


_ANCHORED = 4


def _carry_over(rows: list[tuple[str, int, int, str]]) -> None:
    """Give old identifiers their numbers, and each person a star of links from its oldest identifier."""
    if not rows:
        return
    identifiers = sa.table("identity_identifiers", *map(sa.column, _IDENTIFIER))
    links = sa.table("identity_links", *map(sa.column, _LINK))
    sources = {source: number for number, source in enumerate(sorted({row[3] for row in rows}), 1)}
    op.bulk_insert(
        sa.table("identity_sources", sa.column("id"), sa.column("source_id")),
        [{"id": number, "source_id": source} for source, number in sources.items()],
    )
    named, tied = [], []
    oldest: dict[int, int] = {}
    for number, (key, person, seen, source) in enumerate(rows, 1):
        anchor = xxhash.xxh3_64_intdigest(key.encode()) >> 1
        named.append(
            dict(zip(_IDENTIFIER, (key, number, anchor, person, person, _ANCHORED, seen, seen, source), strict=True))
        )
        first = oldest.setdefault(person, number)
        if first != number:
            tied.append(dict(zip(_LINK, (first, number, seen, sources[source], 0), strict=True)))
    op.bulk_insert(identifiers, named)
    op.bulk_insert(links, tied)


_IDENTIFIER = ("key", "id", "anchor", "person_id", "born", "state", "first_seen_at", "last_seen_at", "source_id")
_LINK = ("one", "two", "at", "source", "event")
