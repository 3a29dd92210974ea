"""``siyu demo``."""

from __future__ import annotations

from pathlib import Path

import click

from siyu.demo.purchases import CUSTOMERS

_FAST = 500


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("siyu-data/demo"),
    show_default=True,
    help="Where the demo lives. Remove the folder to start afresh.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8300, show_default=True, help="Port to listen on.")
@click.option("--customers", type=click.IntRange(1, CUSTOMERS), default=CUSTOMERS, show_default=True, help="How many.")
@click.option("--fast", is_flag=True, help=f"A small demo of {_FAST} customers.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, other people.")
@click.option("--live/--no-live", default=True, help="Keep a slow trickle of new events coming while it serves.")
@click.option("--rate", type=click.FloatRange(0.01, 50), default=2.0, show_default=True, help="Live events a second.")
@click.option("--no-serve", is_flag=True, help="Load, then end.")
def demo(
    data: Path, host: str, port: int, customers: int, fast: bool, seed: int, live: bool, rate: float, no_serve: bool
) -> None:
    """Build a believable skin care brand and serve it. Loads once; later runs serve what is there."""
    from siyu.demo.run import Options, run

    run(Options(data, host, port, _FAST if fast else customers, seed, rate if live else 0.0, not no_serve))
