"""All SQL of file imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.collect.importers.tables import imports, spend
from siyu.collect.sources.rows import Spend


class ImportRow(msgspec.Struct, frozen=True):
    """A row of ``collect_imports``."""

    id: str
    file_name: str
    digest: str
    columns: str
    entity: str
    mapping: str
    options: str
    source_id: str
    dry_run: bool
    state: str
    rows_total: int | None
    rows_done: int
    rows_ok: int
    rows_bad: int
    ids_ignored: int
    errors_bytes: int
    first_errors: str
    failure: str
    created_at: int
    started_at: int
    finished_at: int
    leased_until: int


_COLUMNS = [imports.c[name] for name in ImportRow.__struct_fields__]


def add(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(sa.insert(imports).values(values))


def get(conn: Connection, import_id: str) -> ImportRow | None:
    row = conn.execute(sa.select(*_COLUMNS).where(imports.c.id == import_id)).one_or_none()
    return ImportRow(*row) if row else None


def change(conn: Connection, import_id: str, values: dict[str, Any]) -> None:
    conn.execute(sa.update(imports).where(imports.c.id == import_id).values(values))


def newest(conn: Connection, before: tuple[int, str] | None, limit: int) -> list[ImportRow]:
    """Imports, the newest first; ``before`` is (created_at, id) of the last one seen."""
    query = sa.select(*_COLUMNS).order_by(imports.c.created_at.desc(), imports.c.id.desc()).limit(limit)
    if before:
        query = query.where(sa.tuple_(imports.c.created_at, imports.c.id) < sa.tuple_(*before))
    return [ImportRow(*row) for row in conn.execute(query)]


def claim(conn: Connection, now: int, until: int) -> ImportRow | None:
    """Take the oldest running import nobody works on, until ``until``."""
    free = sa.and_(imports.c.state == "running", imports.c.leased_until <= now)
    found = conn.execute(sa.select(imports.c.id).where(free).order_by(imports.c.started_at).limit(1)).scalar()
    if found is None:
        return None
    taken = conn.execute(sa.update(imports).where(imports.c.id == found, free).values(leased_until=until)).rowcount
    return get(conn, found) if taken else None


def spend_at(conn: Connection, keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[str, int]]:
    """(date, channel, campaign) → (import id, row) of what is known."""
    found: dict[tuple[str, str, str], tuple[str, int]] = {}
    for date in sorted({key[0] for key in keys}):
        rows = conn.execute(
            sa.select(spend.c.channel, spend.c.campaign, spend.c.import_id, spend.c.row).where(spend.c.date == date)
        )
        found |= {(date, row[0], row[1]): (row[2], row[3]) for row in rows}
    return found


def save_spend(conn: Connection, import_id: str, now: int, rows: Sequence[tuple[int, Spend]]) -> None:
    """Rows are (row number, spend); what was known for the same day, channel and campaign is replaced."""
    for number, row in rows:
        key = sa.and_(spend.c.date == row.date, spend.c.channel == row.channel, spend.c.campaign == row.campaign)
        values = {"amount": row.amount, "clicks": row.clicks, "impressions": row.impressions,
                  "import_id": import_id, "row": number, "at": now}  # fmt: skip
        if not conn.execute(sa.update(spend).where(key).values(values)).rowcount:
            named = {"date": row.date, "channel": row.channel, "campaign": row.campaign}
            conn.execute(sa.insert(spend).values(named | values))
