"""``siyu squash``: give events of merged persons their canonical person now, instead of in the background."""

from __future__ import annotations

from pathlib import Path

import click

from siyu.kit import load_settings
from siyu.store.ground import Store


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SIYU_DATA",
    help="The data folder (default: siyu-data).",
)
def squash(data: Path | None) -> None:
    """Rewrite events of merged persons, month by month. Stop the server first; it also does this by itself."""
    store = Store(load_settings(data))
    try:
        retired = _run(store)
    finally:
        store.close()
    click.echo(f"{retired:,} merged persons are gone from the events." if retired else "Nothing to squash.")


def _run(store: Store) -> int:
    retired = 0
    while (done := store.events.squash.step(store.clock.now_ms())) is not None:
        retired += done.retired
        if done.month:
            click.echo(f"{done.month}: {done.rows:,} events (inserts would have waited {done.pause:.2f} s)")
    return retired
