"""``siyu audience``: list, show, preview and export audiences of a data folder."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from siyu.audiences import actions
from siyu.kit import BadInput, inert, load_settings
from siyu.profiles import PersonItem
from siyu.store import Store

_data = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), envvar="SIYU_DATA", help="The data folder."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_language = click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True)


@contextmanager
def _opened(data: Path | None) -> Iterator[Store]:
    store = Store(load_settings(data))
    try:
        yield store
    finally:
        store.close()


def _print(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


@click.group()
def audience() -> None:
    """Audiences: who fits a rule. (While the server runs on a folder, use its API or console.)"""


@audience.command("list")
@_data
@_json
def list_audiences(data: Path | None, as_json: bool) -> None:
    """All audiences, the newest first."""
    items: list[Any] = []
    with _opened(data) as store:
        page = actions.page(store, None, 200)
        items += page.items
        while page.next is not None:
            page = actions.page(store, page.next, 200)
            items += page.items
    if as_json:
        _print(items)
        return
    table = Table("id", "name", "kind", "size", "fresh at", "rule")
    for item in items:
        table.add_row(item.id, item.name, item.kind, f"{item.size:,}", item.fresh_at, item.reading.en)
    Console().print(table)


@audience.command()
@click.argument("audience_id")
@_data
def show(audience_id: str, data: Path | None) -> None:
    """One audience as JSON."""
    with _opened(data) as store:
        _print(actions.show(store, audience_id))


@audience.command()
@click.argument("rule", type=click.File("rb"))
@_data
@_language
def preview(rule: IO[bytes], data: Path | None, language: str) -> None:
    """How many persons fit the rule JSON in RULE (- for standard input)."""
    try:
        wanted = msgspec.json.decode(rule.read())
    except msgspec.DecodeError as error:
        raise BadInput(detail=f"The rule is no JSON: {error}.") from error
    with _opened(data) as store:
        found = actions.preview(store, wanted, language)
    _print(found)


@audience.command()
@click.argument("audience_id")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV that spreadsheets can open.")
@_data
def members(audience_id: str, as_csv: bool, data: Path | None) -> None:
    """Members, personal data masked."""
    with _opened(data) as store:
        if as_csv:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(["id", "name", "identifiers", "stage", "orders", "revenue_fen", "channels"])
            writer.writerows(_row(item) for item in _members(store, audience_id))
            return
        for item in _members(store, audience_id):
            click.echo(msgspec.json.encode(item).decode())


def _members(store: Store, audience_id: str) -> Iterator[PersonItem]:
    after: str | None = None
    while True:
        page = actions.members_page(store, audience_id, after, 1_000)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def _row(item: PersonItem) -> list[str | int]:
    identifiers = " ".join(f"{one.type}:{one.value}" for one in item.identifiers)
    texts = [item.id, item.name or "", identifiers, item.stage]
    return [*map(inert, texts), item.orders, item.revenue_fen, " ".join(item.channels)]


COMMANDS = [audience]
