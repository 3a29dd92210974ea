"""The first shape."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _audiences()
    _collect()
    _inbox()
    _delivery()
    _identity()
    _journeys()
    _runs()
    _privacy()
    _profiles()
    _settings()


def _column(name: str, kind: Any, *, pk: bool = False, null: bool = False, default: Any = None) -> sa.Column[Any]:
    counted = False if pk else "auto"
    return sa.Column(name, kind, primary_key=pk, nullable=null, server_default=default, autoincrement=counted)  # type: ignore[arg-type]


def _big(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.BigInteger(), **options)


def _blob(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.LargeBinary(), **options)


def _flag(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Boolean(), **options)


def _float(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Float(), **options)


def _int(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Integer(), **options)


def _serial(name: str) -> sa.Column[Any]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, primary_key=True, autoincrement=True)


def _text(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Text(), **options)


def _accounts() -> None:
    op.create_table(
        "accounts_answers",
        _text("key_hash", pk=True),
        _text("request_hash"),
        _big("at"),
        _int("status", default="0"),
        _text("body", default=""),
    )
    op.create_index("ix_accounts_answers_at", "accounts_answers", ["at"])
    op.create_table("accounts_attempts", _serial("id"), _text("subject"), _big("at"))
    op.create_index("ix_accounts_attempts_at", "accounts_attempts", ["at"])
    op.create_index("ix_accounts_attempts_subject_at", "accounts_attempts", ["subject", "at"])
    op.create_table(
        "accounts_audit",
        _serial("id"),
        _big("at"),
        _text("actor_id"),
        _text("actor"),
        _text("action"),
        _text("object"),
        _text("detail"),
    )
    op.create_table(
        "accounts_keys",
        _text("id", pk=True),
        _text("name"),
        _text("secret_hash"),
        _text("hint"),
        _text("scopes"),
        _text("created_by"),
        _big("created_at"),
        _big("used_at", default="0"),
        sa.UniqueConstraint("secret_hash"),
    )
    op.create_table(
        "accounts_operators",
        _text("id", pk=True),
        _text("name"),
        _text("email"),
        _text("password"),
        _text("role"),
        _text("language"),
        _flag("disabled", default=sa.false()),
        _big("created_at"),
        _int("version", default="1"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "accounts_sessions", _text("token_hash", pk=True), _text("operator_id"), _big("created_at"), _big("expires_at")
    )
    op.create_index("ix_accounts_sessions_expires_at", "accounts_sessions", ["expires_at"])
    op.create_index("ix_accounts_sessions_operator_id", "accounts_sessions", ["operator_id"])
    op.create_table("accounts_setup", _int("id", pk=True), _big("at"))


def _audiences() -> None:
    op.create_table(
        "audiences_audiences",
        _text("id", pk=True),
        _text("name"),
        _text("description"),
        _text("rule"),
        _flag("live"),
        _int("version"),
        _big("created_at"),
        _int("filled"),
        _big("computed_at"),
        _float("computed_ms"),
    )
    op.create_table(
        "audiences_changes",
        _big("seq", pk=True),
        _text("audience_id"),
        _big("person_id"),
        _text("change"),
        _big("at"),
        _big("batch"),
    )
    op.create_index("ix_audiences_changes_at", "audiences_changes", ["audience_id", "at"])
    op.create_index("ix_audiences_changes_person_id", "audiences_changes", ["person_id"])
    op.create_index("ix_audiences_changes_seq", "audiences_changes", ["audience_id", "seq"])
    op.create_table("audiences_head", _int("id", pk=True), _big("seq"), _big("edits"), _big("settled_at"))
    op.create_table("audiences_snapshots", _text("audience_id", pk=True), _int("filled"), _big("seq"), _blob("members"))


def _collect() -> None:
    op.create_table(
        "collect_counters",
        _big("hour", pk=True),
        _text("source_id", pk=True),
        _text("stage", pk=True),
        _big("count"),
        _big("errors"),
        _big("last_at"),
        _big("lag_ms"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "collect_imports",
        _text("id", pk=True),
        _text("file_name"),
        _text("digest"),
        _text("columns"),
        _text("entity", default=""),
        _text("mapping", default="{}"),
        _text("options", default="{}"),
        _text("source_id", default=""),
        _flag("dry_run", default=sa.false()),
        _text("state"),
        _big("rows_total", null=True),
        _big("rows_done", default="0"),
        _big("rows_ok", default="0"),
        _big("rows_bad", default="0"),
        _big("errors_bytes", default="0"),
        _text("first_errors", default="[]"),
        _text("failure", default=""),
        _big("created_at"),
        _big("started_at", default="0"),
        _big("finished_at", default="0"),
        _big("leased_until", default="0"),
    )
    op.create_index("ix_collect_imports_created_at", "collect_imports", ["created_at"])
    op.create_index("ix_collect_imports_state", "collect_imports", ["state"])
    op.create_table(
        "collect_inbox",
        _serial("id"),
        _text("source_id"),
        _big("received_at"),
        _int("records"),
        _blob("body"),
        sqlite_autoincrement=True,
    )


def _inbox() -> None:
    op.create_table("collect_plans", _text("queue", pk=True), _big("number"), _big("first_id"), _big("last_id"))
    op.create_table(
        "collect_seen", _big("bucket", pk=True), _big("key", pk=True), _big("batch"), sqlite_with_rowid=False
    )
    op.create_table("collect_settled", _text("queue", pk=True), _big("number"), _big("last_id"), _big("at"))
    op.create_table(
        "collect_sources",
        _text("id", pk=True),
        _text("name"),
        _text("kind"),
        _text("category", default=""),
        _text("write_key"),
        _big("created_at"),
        _flag("disabled", default=sa.false()),
        _int("version", default="1"),
        sa.UniqueConstraint("write_key"),
    )
    op.create_table(
        "collect_spend",
        _text("date", pk=True),
        _text("channel", pk=True),
        _text("campaign", pk=True),
        _big("amount"),
        _big("clicks"),
        _big("impressions"),
        _text("import_id"),
        _big("row"),
        _big("at"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery_channels",
        _text("channel", pk=True),
        _flag("enabled"),
        _text("config"),
        _int("version"),
        _big("updated_at"),
    )
    op.create_table("delivery_locks", _text("name", pk=True))
    op.create_table(
        "delivery_messages",
        _serial("seq"),
        _text("id"),
        _big("person_id"),
        _text("channel"),
        _text("address"),
        _text("campaign"),
        _text("title", default=""),
        _text("journey_id"),
        _big("run_id"),
        _text("node_id"),
        _text("state"),
        _text("reason", default=""),
        _text("params", default="{}"),
        _text("content", default="{}"),
        _int("priority", default="0"),
        _int("attempts", default="0"),
        _big("created_at"),
        _big("due_at"),
        _big("counts_at"),
        _text("lease_by", default=""),
        _big("lease_until", default="0"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_delivery_messages_campaign_address", "delivery_messages", ["campaign", "address"])
    op.create_index("ix_delivery_messages_campaign_person", "delivery_messages", ["campaign", "person_id"])
    op.create_index("ix_delivery_messages_channel", "delivery_messages", ["channel", "counts_at"])
    op.create_index("ix_delivery_messages_due", "delivery_messages", ["state", "channel", "due_at"])
    op.create_index("ix_delivery_messages_journey", "delivery_messages", ["journey_id", "state"])
    op.create_index("ix_delivery_messages_person", "delivery_messages", ["person_id", "counts_at"])
    op.create_table(
        "delivery_policies",
        _text("channel", pk=True),
        _text("rule", pk=True),
        _text("value"),
        _text("evidence"),
        _big("updated_at"),
        _int("version", default="1"),
    )
    op.create_table(
        "delivery_suppressions", _text("channel", pk=True), _text("address", pk=True), _text("reason"), _big("at")
    )


def _identity() -> None:
    op.create_table(
        "identity_conflicts",
        _big("person_id", pk=True),
        _text("key", pk=True),
        _big("other_person_id"),
        _big("at"),
        _text("source_id"),
    )
    op.create_table(
        "identity_identifiers",
        _text("key", pk=True),
        _big("person_id"),
        _big("first_seen_at"),
        _text("source_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identity_identifiers_person_id", "identity_identifiers", ["person_id"])
    op.create_table(
        "identity_links",
        _serial("id"),
        _big("at"),
        _big("person_id"),
        _big("absorbed_id"),
        _text("key"),
        _text("source_id"),
        _big("batch"),
    )
    op.create_index("ix_identity_links_batch", "identity_links", ["batch"])
    op.create_index("ix_identity_links_person_id", "identity_links", ["person_id"])
    op.create_table(
        "identity_persons",
        _big("id", pk=True),
        _big("created_at"),
        _text("source_id", default=""),
        _big("merged_into", null=True),
    )
    op.create_index("ix_identity_persons_merged_into", "identity_persons", ["merged_into"])


def _journeys() -> None:
    op.create_table(
        "journeys",
        _text("id", pk=True),
        _text("name"),
        _text("state"),
        _text("graph"),
        _int("version"),
        _int("published_version", null=True),
        _big("published_at", null=True),
        _big("created_at"),
        _big("updated_at"),
    )
    op.create_table(
        "journeys_counts",
        _text("journey_id", pk=True),
        _text("node_id", pk=True),
        _text("name", pk=True),
        _big("count"),
    )
    op.create_table(
        "journeys_marks", _big("person_id", pk=True), _text("event", pk=True), _big("at"), sqlite_with_rowid=False
    )
    op.create_table(
        "journeys_misses",
        _text("journey_id", pk=True),
        _big("person_id", pk=True),
        _big("at"),
        _text("code"),
        _text("params"),
    )


def _runs() -> None:
    op.create_table(
        "journeys_runs",
        _serial("id"),
        _text("journey_id"),
        _int("version"),
        _big("person_id"),
        _text("entry_key"),
        _text("event"),
        _text("node_id"),
        _text("state"),
        _big("entered_at"),
        _big("due_at"),
        _big("arrived_at", default="0"),
        _text("signal", default=""),
        _text("outcome", default=""),
        _big("ended_at", default="0"),
        _text("lease_by", default=""),
        _big("lease_until", default="0"),
        sa.UniqueConstraint("journey_id", "person_id", "entry_key"),
    )
    op.create_index("ix_journeys_runs_due", "journeys_runs", ["journey_id", "state", "due_at"])
    op.create_index("ix_journeys_runs_person", "journeys_runs", ["person_id", "state"])
    op.create_table(
        "journeys_steps",
        _serial("id"),
        _big("run_id"),
        _big("at"),
        _text("node_id"),
        _text("kind"),
        _text("code"),
        _text("params"),
    )
    op.create_index("ix_journeys_steps_run_id", "journeys_steps", ["run_id"])
    op.create_table(
        "journeys_versions",
        _text("journey_id", pk=True),
        _int("number", pk=True),
        _text("graph"),
        _big("published_at"),
        _text("published_by"),
    )


def _privacy() -> None:
    op.create_table(
        "privacy_consents",
        _big("person_id", pk=True),
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


def _profiles() -> None:
    op.create_table(
        "profiles_channels",
        _big("person_id", pk=True),
        _text("channel", pk=True),
        _text("state"),
        _big("at"),
        _text("evidence"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "profiles_orders",
        _text("shop", pk=True),
        _text("order_id", pk=True),
        _big("person_id"),
        _big("paid_at"),
        _big("amount"),
        _big("refunded", default="0"),
        _text("currency", default="CNY"),
        _int("units", default="1"),
        _text("source_id"),
        _text("raw"),
    )
    op.create_index("ix_profiles_orders_person_id", "profiles_orders", ["person_id"])
    op.create_table(
        "profiles_persons",
        _big("person_id", pk=True),
        _big("created_at"),
        _big("entered_at", default="0"),
        _text("entered_via", default=""),
        _text("entered_source_id", default=""),
        _int("orders", default="0"),
        _big("revenue", default="0"),
        _big("first_order_at", default="0"),
        _big("last_order_at", default="0"),
        _big("version"),
    )
    op.create_table(
        "profiles_traits",
        _big("person_id", pk=True),
        _text("name", pk=True),
        _text("value"),
        _big("at"),
        _text("source_id"),
        sqlite_with_rowid=False,
    )


def _settings() -> None:
    op.create_table("settings_values", _text("key", pk=True), _text("value"), _int("version"), _big("changed_at"))
