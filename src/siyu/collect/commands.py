"""``siyu import``: a file into the data folder, or through a running server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from siyu.collect import management
from siyu.collect.import_client import ImportClient
from siyu.collect.importers import actions
from siyu.collect.importers.cells import REASONS
from siyu.collect.importers.fields import ALIASES, Entity, guess_entity, guess_mapping
from siyu.collect.importers.opening import open_table
from siyu.collect.importers.work import Work
from siyu.collect.inbox import Inbox
from siyu.collect.views import ImportOptions, ImportPlan, ImportView
from siyu.kit import Settings, Unavailable, load_settings
from siyu.store import FolderInUse, Store

OpenHouse = Callable[[Settings], tuple[Store, Inbox, Callable[[], bool]]]
"""Opens a data folder with every room's tables, and makes the step that settles one batch (False: none waited)."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--entity",
    type=click.Choice(["orders", "persons", "events", "spend"]),
    help="What the file holds (default: told from its columns).",
)
@click.option(
    "--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Which column a field is in; may be repeated."
)
@click.option("--identifier", default="auto", help="Kind of the identifier column: mobile, email, user_id … or auto.")
@click.option("--fen", is_flag=True, help="Amounts are in fen, not in yuan.")
@click.option("--date-format", help="How dates are written, as in Python's strptime, e.g. %d/%m/%Y.")
@click.option("--dry-run", is_flag=True, help="Only check; import nothing.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write rows that can't be taken here.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), envvar="SIYU_DATA", help="The data folder.")
@click.option("--server", metavar="URL", help="Import through a running server instead of the data folder.")
@click.option("--key", envvar="SIYU_API_KEY", help="API key with the scope write, for --server.")
@click.pass_obj
def import_(
    open_house: OpenHouse | None,
    /,
    file: Path,
    errors: Path | None,
    data: Path | None,
    server: str | None,
    key: str | None,
    **given: Any,
) -> None:
    """Import orders, persons, events or spend from CSV, Excel, JSON Lines or Parquet.

    Importing a file twice changes nothing. Rows that can't be taken are named, the others are imported.
    """
    plan = _plan(file, **given)
    if server:
        if not key:
            raise click.UsageError("--server needs --key (an API key with the scope write).")
        _through_server(ImportClient(server, key), file, plan, errors)
        return
    if open_house is None:
        raise click.UsageError("this command runs as part of `siyu`.")
    try:
        store, inbox, step = open_house(load_settings(data))
    except FolderInUse as error:
        raise click.ClickException(
            f"{error}\nA server works on this folder. Import through it: in the console (数据接入 / Sources), or with\n"
            f"  siyu import {file} --server http://127.0.0.1:8300 --key <API key with the scope write>"
        ) from error
    try:
        _into_folder(store, inbox, step, file, plan, errors)
    finally:
        inbox.close()
        store.close()


def _plan(
    file: Path,
    entity: Entity | None,
    maps: tuple[str, ...],
    identifier: str,
    fen: bool,
    date_format: str | None,
    dry_run: bool,
) -> ImportPlan:
    columns = open_table(file).columns
    chosen = entity or guess_entity(columns)
    if chosen is None:
        raise click.UsageError(f"say what the file holds with --entity; its columns are: {', '.join(columns)}")
    mapping = guess_mapping(chosen, columns) | dict(_mapped(chosen, one) for one in maps)
    actions.check_plan(chosen, mapping, columns)
    options = ImportOptions(identifier, "fen" if fen else "yuan", date_format)
    try:
        return msgspec.convert(msgspec.to_builtins(ImportPlan(chosen, mapping, options, dry_run)), ImportPlan)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from error


def _mapped(entity: Entity, text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals:
        raise click.UsageError(f"--map takes FIELD=COLUMN, not {text!r}.")
    if entity != "orders" and field in ("date", "time"):
        return field, column
    return ALIASES.get(field, field), column


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar; call it with what is done, how many rows, and of how many."""
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, transient=False) as progress:
        task = progress.add_task("Reading", total=None)

        def show(text: str, done: int, total: int | None) -> None:
            progress.update(task, description=text, completed=done, total=total)

        yield show


def _into_folder(
    store: Store, inbox: Inbox, step: Callable[[], bool], file: Path, plan: ImportPlan, errors: Path | None
) -> None:
    import_id, path = actions.new_file(store)
    shutil.copyfile(file, path)
    actions.register(store, import_id, file.name)
    with store.state.write() as conn:
        source_id = management.import_source(conn, None, store.clock.now_ms())
        actions.start(store, conn, import_id, plan, source_id)
    with _bar() as show:
        _work(store, inbox, step, import_id, show)
    with store.state.read() as conn:
        row = actions.find(conn, import_id)
    if errors and (row.rows_bad or row.ids_ignored):
        errors.write_bytes(b"".join(actions.errors_csv(store, row)))
    path.unlink()
    _report(actions.view(row), errors)


def _work(
    store: Store, inbox: Inbox, step: Callable[[], bool], import_id: str, show: Callable[[str, int, int | None], None]
) -> None:
    """Read and settle in turn, so that what waits stays small."""
    with store.state.read() as conn:
        work = Work(store, inbox, actions.find(conn, import_id))
    done = False
    while not done:
        try:
            done = work.step()
        except Unavailable:
            step()
        show("Reading", *work.progress)
        if inbox.backlog()[1] >= store.settings.settle_rows:
            step()
    total = inbox.backlog()[1]
    while step():
        show("Settling", total - inbox.backlog()[1], total)
    show("Done", *work.progress)


def _through_server(client: ImportClient, file: Path, plan: ImportPlan, errors: Path | None) -> None:
    import_id = client.upload(file)
    client.start(import_id, plan)
    with _bar() as show:
        view = client.watch(import_id, lambda seen: show("Importing", seen.rows_done, seen.rows_total))
    if view.state == "failed":
        raise click.ClickException(view.error or "the import failed.")
    if errors and (view.rows_bad or view.ids_ignored):
        errors.write_bytes(client.errors(import_id))
    _report(view, errors)


def _report(view: ImportView, errors: Path | None) -> None:
    verb = "would be imported (dry run)" if view.dry_run else "imported"
    click.echo(f"{view.file_name}: {view.rows_ok:,} rows {verb}, {view.rows_bad:,} can't be taken.")
    if view.ids_ignored:
        click.echo(f"  {view.ids_ignored:,} identifiers of rows that were taken name nobody and are ignored.")
    for error in view.first_errors:
        where = f", column {error.column!r}, value {error.value!r}" if error.column else ""
        zh, en = REASONS.get(error.reason, (error.reason, error.reason))
        click.echo(f"  row {error.row}{where}: {'ignored: ' if error.taken else ''}{en} / {zh}")
    all_of_them = view.rows_bad + view.ids_ignored
    if all_of_them > len(view.first_errors):
        click.echo(f"  … and {all_of_them - len(view.first_errors):,} more.")
    if all_of_them and errors:
        click.echo(f"  All of them are in {errors}.")
