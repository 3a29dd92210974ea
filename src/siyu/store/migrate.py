"""Brings the databases to the shape this version needs; runs at every start.

The state is migrated by Alembic. Its import takes longer than a start may, so whether there is anything to do is read
from the database first. The inbox empties itself all the time, so its tables never change: a new shape is a new table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from siyu.kit import SiyuError
from siyu.store import postgres
from siyu.store.state import Database, metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerData(SiyuError):
    """This data was last used by a newer Siyu (its shape is {found}, this version knows {known}). Install that one."""

    code = "newer_data"
    status = 500


def revisions() -> list[str]:
    """The known revisions, oldest first; a file is named by its revision: ``0001_initial.py``."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def migrate_state(database: Database) -> None:
    """Run the migrations that are missing, all or none. Raises NewerData when the database is ahead of us."""
    known = revisions()
    found = _revision_of(database)
    if found == known[-1]:
        return
    if found is not None and found not in known:
        raise NewerData(found=found, known=known[-1])
    from alembic import command

    with database.write() as conn:
        if not database.sqlite:
            conn.exec_driver_sql("SET LOCAL statement_timeout = 0")
        command.upgrade(alembic_config(conn), "head")
        if not database.sqlite:
            postgres.collate(conn)


def migrate_inbox(database: Database) -> None:
    """Create the inbox's tables where they are missing."""
    wanted = [table for table in metadata.sorted_tables if table.info.get("inbox")]
    with database.write() as conn:
        metadata.create_all(conn, tables=wanted)


def alembic_config(conn: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def _revision_of(database: Database) -> str | None:
    with database.read() as conn:
        if not sa.inspect(conn).has_table("alembic_version"):
            return None
        found: str | None = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found
