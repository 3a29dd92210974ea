"""``siyu identity``: verify and repair who is who in a data folder."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from siyu.identity import editing
from siyu.kit import load_settings
from siyu.store import Store


@click.group()
def identity() -> None:
    """One person from many identifiers. (While the server runs on a folder, use its API or console.)"""


@identity.command()
@click.option("--check", is_flag=True, help="Only compare; change nothing. Exit code 1 when something differs.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), envvar="SIYU_DATA", help="The data folder.")
def rebuild(check: bool, data: Path | None) -> None:
    """Work out all persons afresh from the ledger; compare, and repair what is stored otherwise."""
    store = Store(load_settings(data))
    try:
        if check:
            with store.state.read() as conn:
                found = editing.verify(conn)
        else:
            with store.state.write() as conn:
                found = editing.repair(conn)
    finally:
        store.close()
    said = {name: value for name, value in msgspec.structs.asdict(found).items() if name != "wrong"}
    click.echo(msgspec.json.encode(said | {"wrong": len(found.wrong)}).decode())
    if check and found.wrong:
        raise SystemExit(1)
