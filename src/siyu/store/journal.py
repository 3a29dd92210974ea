"""What the event engine is in the middle of rewriting, so that a process that dies finishes it at the next start."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from siyu.store.state import Database, metadata

_rewrites = sa.Table(
    "store_rewrites",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("work", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    info={"inbox": "only"},
)
"""*inbox*. A row stands here while its rewrite goes on. Nothing else has to commit with it, and like the inbox it
empties itself."""


class Journal:
    """Rewrites under way. Each is on disk before the first row of the engine changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, token: str, kind: str, work: Any, now: int) -> None:
        """Write down ``work`` (anything JSON can say); a repeat under the same token replaces it."""
        row = {"token": token, "kind": kind, "work": msgspec.json.encode(work).decode(), "at": now}
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        statement = insert(_rewrites).values(row).on_conflict_do_update(index_elements=["token"], set_=row)
        with self._database.write() as conn:
            conn.execute(statement)

    def end(self, token: str) -> None:
        with self._database.write() as conn:
            conn.execute(sa.delete(_rewrites).where(_rewrites.c.token == token))

    def unfinished(self) -> list[tuple[str, str, Any]]:
        """(token, kind, work) of what was begun and not ended, the oldest first."""
        with self._database.read() as conn:
            rows = conn.execute(
                sa.select(_rewrites.c.token, _rewrites.c.kind, _rewrites.c.work).order_by(_rewrites.c.at)
            ).all()
        return [(row[0], row[1], msgspec.json.decode(row[2])) for row in rows]
