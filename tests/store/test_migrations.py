"""The migrations lead to exactly the tables the rooms declare."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from siyu import app
from siyu.kit import SystemClock
from siyu.store import Database, metadata
from siyu.store.migrate import NewerData, alembic_config, migrate_state, revisions
from siyu.store.postgres import url_of as at
from siyu.store.sqlite import url_of
from tests import postgres

assert app.ROUTES, "importing the house declares every room's tables"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Database]:
    here = postgres.address(tmp_path)
    database = Database(at(here) if here else url_of(tmp_path / "state.db"), SystemClock())
    yield database
    database.close()


def test_models_equal_migrations(state: Database) -> None:
    migrate_state(state)
    with state.write() as conn:
        command.check(alembic_config(conn))


@pytest.mark.skipif(postgres.ON, reason="a matter of SQLite")
def test_tables_without_rowid_are_so_after_migrating(state: Database) -> None:
    migrate_state(state)
    wanted = {table.name for table in metadata.sorted_tables if table.kwargs.get("sqlite_with_rowid") is False}
    with state.read() as conn:
        found = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    assert wanted
    assert {name for name, sql in found if "WITHOUT ROWID" in sql} == wanted


def test_a_current_database_costs_the_start_next_to_nothing(state: Database) -> None:
    migrate_state(state)
    began = time.perf_counter()
    migrate_state(state)
    assert time.perf_counter() - began < 0.15


def test_revisions_follow_one_another() -> None:
    assert revisions() == [f"{number:04d}" for number in range(1, len(revisions()) + 1)]
    assert revisions()


def test_a_failed_migration_leaves_nothing_behind(state: Database) -> None:
    with state.write() as conn:
        conn.exec_driver_sql("CREATE TABLE accounts_sessions (unexpected TEXT)")
    with pytest.raises(sa.exc.DBAPIError):
        migrate_state(state)
    with state.read() as conn:
        assert sa.inspect(conn).get_table_names() == ["accounts_sessions"]


def test_data_of_a_newer_version_is_left_alone(state: Database) -> None:
    migrate_state(state)
    with state.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerData, match="9999"):
        migrate_state(state)
