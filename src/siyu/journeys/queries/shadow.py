"""A state beside the real one, with what is known and decided and nothing of journeys: to try one out in."""

# ruff: noqa: S608 - what is put into the text are names of our own tables and columns

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.journeys.tables import runs, steps, versions
from siyu.kit import Clock
from siyu.store import Database, metadata

_EMPTY = ("journeys", "collect_", "webhooks_", "suggestions_", "store_")
_WRITTEN = (*_EMPTY, "delivery_")
_ROWS = 5_000
_MESSAGES = metadata.tables["delivery_messages"]


@contextmanager
def shadow(real: Database, file: Path, clock: Clock, since: int) -> Iterator[Database]:
    """A database in ``file``, gone at the end. Messages of before ``since`` count for caps; later ones never were.

    What journeys and the gate write has tables of its own. All else is looked through to where the real state is a
    file, which this connection can't write to; from another it is copied.
    """
    name, query = (f"file:{quote(str(file))}", {"uri": "true"}) if real.sqlite else (str(file), {})
    made = Database(sa.URL.create("sqlite", database=name, query=query), clock)
    sa.event.listen(made.engine, "connect", _opener(real))
    try:
        own = [table for table in metadata.sorted_tables if not real.sqlite or table.name.startswith(_WRITTEN)]
        metadata.create_all(made.engine, own)
        with made.engine.connect() as conn:
            _copy(real, conn, [table for table in own if not table.name.startswith(_EMPTY)], since)
        yield made
    finally:
        made.close()
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink(missing_ok=True)


def _opener(real: Database) -> Callable[[sqlite3.Connection, object], None]:
    """Readies a connection: nothing in here has to outlive a power cut."""

    def open_(raw: sqlite3.Connection, _record: object) -> None:
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("PRAGMA foreign_keys=OFF")
        if real.sqlite:
            raw.execute("ATTACH ? AS real", (f"file:{quote(str(real.engine.url.database))}?mode=ro",))

    return open_


def _copy(real: Database, conn: Connection, tables: Sequence[sa.Table], since: int) -> None:
    """All of one moment. Rows from elsewhere travel as the drivers have them, a part of a table at a time."""
    conn.exec_driver_sql("BEGIN IMMEDIATE")
    with real.read() as there:
        for table in tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            earlier = f" WHERE created_at < {since}" if table is _MESSAGES else ""
            into = f'INSERT INTO main."{table.name}" ({names})'
            if real.sqlite:
                conn.exec_driver_sql(f'{into} SELECT {names} FROM real."{table.name}"{earlier}')
                continue
            asked = f'SELECT {names} FROM "{table.name}"{earlier}'
            places = ", ".join("?" * len(table.columns))
            for part in there.exec_driver_sql(asked, execution_options={"yield_per": _ROWS}).partitions():
                conn.exec_driver_sql(f"{into} VALUES ({places})", [tuple(row) for row in part])
    conn.exec_driver_sql("COMMIT")


def branches(conn: Connection) -> dict[tuple[str, str], int]:
    """(node, branch) → runs that left the node by it."""
    branch = sa.func.json_extract(steps.c.params, "$.branch")
    rows = conn.execute(
        sa.select(steps.c.node_id, branch, sa.func.count()).where(branch.is_not(None)).group_by(steps.c.node_id, branch)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def by_hour(conn: Connection) -> dict[str, dict[int, int]]:
    """``entered`` and ``sends``: hour (epoch ms of its start) → how many."""
    hour = 3_600_000
    entered = sa.select(runs.c.entered_at / hour, sa.func.count()).group_by(runs.c.entered_at / hour)
    own = _MESSAGES.c.journey_id.in_(sa.select(versions.c.journey_id))
    allowed = sa.and_(own, _MESSAGES.c.state == "queued")
    sends = (
        sa.select(_MESSAGES.c.created_at / hour, sa.func.count()).where(allowed).group_by(_MESSAGES.c.created_at / hour)
    )
    return {
        name: {int(row[0]) * hour: row[1] for row in conn.execute(query)}
        for name, query in (("entered", entered), ("sends", sends))
    }


def answers(conn: Connection) -> list[tuple[str, str, str, int]]:
    """(node, channel, what the gate said, how often): ``queued``, or the reason of a refusal."""
    said = sa.case((_MESSAGES.c.state == "queued", "queued"), else_=_MESSAGES.c.reason)
    own = _MESSAGES.c.journey_id.in_(sa.select(versions.c.journey_id))
    query = sa.select(_MESSAGES.c.node_id, _MESSAGES.c.channel, said, sa.func.count()).where(own)
    rows = conn.execute(query.group_by(_MESSAGES.c.node_id, _MESSAGES.c.channel, said))
    return [(row[0], row[1], row[2], row[3]) for row in rows]
