"""``make migration m="what changes"``: writes the migration from the last one to the tables as they are declared."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from siyu import app
from siyu.kit import SystemClock
from siyu.store.migrate import alembic_config, migrate_state, revisions
from siyu.store.sqlite import url_of
from siyu.store.state import Database


def main(message: str) -> None:
    assert app.ROUTES  # importing the house declares every room's tables
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url_of(Path(folder) / "state.db"), SystemClock())
        if revisions():
            migrate_state(database)
        number = f"{len(revisions()) + 1:04d}"
        with database.write() as conn:
            command.revision(alembic_config(conn), message, autogenerate=True, rev_id=number)
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
