"""What people do with imports: upload a file, say what it holds, start it, watch it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect.importers import queries
from siyu.collect.importers.errors_file import HEAD, RowError
from siyu.collect.importers.fields import (
    Entity,
    field_of,
    guess_entity,
    guess_mapping,
    is_identifier,
    missing_fields,
    names_nobody,
)
from siyu.collect.importers.files import BadFile, Table
from siyu.collect.importers.opening import open_table, sample
from siyu.collect.importers.queries import ImportRow
from siyu.collect.importers.work import errors_of, file_of
from siyu.collect.sources.rows import shown
from siyu.collect.views import FileColumn, ImportOptions, ImportPlan, ImportUpload, ImportView
from siyu.kit import Conflict, FieldError, Invalid, NotFound, Page, iso, iso_or_none, new_id
from siyu.store import Store

_KIND_WHEN_UNSURE: Entity = "orders"


def new_file(store: Store) -> tuple[str, Path]:
    """A name for an import and where its file is to be written. The place is for its owner only."""
    import_id = new_id("imp")
    path = file_of(store, import_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return import_id, path


def register(store: Store, import_id: str, file_name: str) -> ImportUpload:
    """Look into an uploaded file and put it on the list. Raises BadFile, and removes the file then."""
    path = file_of(store, import_id)
    try:
        table = open_table(path)
        upload = _upload(import_id, table)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with store.state.write() as conn:
        queries.add(
            conn,
            {
                "id": import_id,
                "file_name": Path(file_name).name[:200] or "file",
                "digest": _digest(path),
                "columns": msgspec.json.encode(table.columns).decode(),
                "state": "uploaded",
                "rows_total": table.total,
                "created_at": store.clock.now_ms(),
            },
        )
    return upload


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _upload(import_id: str, table: Table) -> ImportUpload:
    kind = guess_entity(table.columns)
    guesses = {column: field for field, column in guess_mapping(kind or _KIND_WHEN_UNSURE, table.columns).items()}
    texts = [[shown(cell) for cell in row.cells] for row in sample(table)]
    columns = [
        FileColumn(name, [row[place] for row in texts if place < len(row) and row[place]][:3], guesses.get(name))
        for place, name in enumerate(table.columns)
    ]
    return ImportUpload(import_id, kind, columns, [dict(zip(table.columns, row, strict=False)) for row in texts[:5]])


def start(store: Store, conn: Connection, import_id: str, plan: ImportPlan, source_id: str) -> ImportView:
    """Start an import, or a dry run of it. Raises NotFound, Conflict while it runs or when it is done, Invalid."""
    row = find(conn, import_id)
    if row.state in ("running", "done"):
        raise Conflict(detail="This import is running or done already. Upload the file again to import it anew.")
    if not file_of(store, import_id).exists():
        raise BadFile(detail="the uploaded file is gone; upload it again.")
    check_plan(plan.entity, plan.mapping, msgspec.json.decode(row.columns, type=list[str]))
    now = store.clock.now_ms()
    queries.change(
        conn,
        import_id,
        {
            "entity": plan.entity,
            "mapping": msgspec.json.encode(plan.mapping).decode(),
            "options": msgspec.json.encode(plan.options).decode(),
            "dry_run": plan.dry_run,
            "source_id": source_id,
            "state": "running",
            "rows_done": 0,
            "rows_ok": 0,
            "rows_bad": 0,
            "ids_ignored": 0,
            "errors_bytes": 0,
            "first_errors": "[]",
            "failure": "",
            "started_at": now,
            "finished_at": 0,
            "leased_until": 0,
        },
    )
    return view(find(conn, import_id))


def check_plan(entity: Entity, mapping: Mapping[str, str], columns: list[str]) -> None:
    """Raises Invalid naming each field that doesn't exist, isn't in the file, or is missing."""
    errors = [
        FieldError(f"/mapping/{name}", f"there is no field {name!r} in {entity}", "unknown_field")
        for name in mapping
        if field_of(entity, name) is None
    ]
    errors += [
        FieldError(f"/mapping/{name}", f"the file has no column {column!r}", "unknown_column")
        for name, column in mapping.items()
        if column not in columns
    ]
    errors += [
        FieldError(f"/mapping/{name}", f"{column!r} is no key of a person", "no_key")
        for name, column in mapping.items()
        if is_identifier(name) and names_nobody(column)
    ]
    errors += [
        FieldError(f"/mapping/{name}", f"say which column is {name!r}", "required")
        for name in missing_fields(entity, dict(mapping))
    ]
    if errors:
        raise Invalid(errors)


def find(conn: Connection, import_id: str) -> ImportRow:
    """Raises NotFound."""
    row = queries.get(conn, import_id)
    if row is None:
        raise NotFound(what=import_id)
    return row


def listed(conn: Connection, after: str | None, limit: int) -> Page[ImportView]:
    """Newest first."""
    place = None
    if after is not None:
        last = find(conn, after)
        place = (last.created_at, last.id)
    rows = queries.newest(conn, place, limit + 1)
    return Page([view(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None)


def view(row: ImportRow) -> ImportView:
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        entity=row.entity or None,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        rows_total=row.rows_total,
        rows_done=row.rows_done,
        rows_ok=row.rows_ok,
        rows_bad=row.rows_bad,
        ids_ignored=row.ids_ignored,
        created_at=iso(row.created_at),
        started_at=iso_or_none(row.started_at),
        finished_at=iso_or_none(row.finished_at),
        mapping=msgspec.json.decode(row.mapping, type=dict[str, str]),
        options=msgspec.json.decode(row.options, type=ImportOptions),
        dry_run=row.dry_run,
        first_errors=msgspec.json.decode(row.first_errors, type=list[RowError]),
        error=row.failure or None,
    )


def errors_csv(store: Store, row: ImportRow) -> Iterator[bytes]:
    """The rows that could not be taken so far, as a CSV file."""
    path = errors_of(store, row.id)
    if not row.errors_bytes or not path.exists():
        yield HEAD
        return
    left = row.errors_bytes
    with path.open("rb") as file:
        while left and (block := file.read(min(left, 1 << 16))):
            left -= len(block)
            yield block
