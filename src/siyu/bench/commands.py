"""``siyu bench NAME``: figures measured on this machine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

Figures = dict[str, float]
_err = Console(stderr=True)


def _progress(text: str) -> None:
    _err.print(f"[dim]· {text}[/dim]")


def _show(name: str, figures: Figures, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({key: round(value, 4) for key, value in figures.items()}))
        return
    table = Table(title=f"siyu bench {name}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in figures.items():
        table.add_row(key, f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}")
    Console().print(table)


def _measured(name: str, as_json: bool, folder: Path | None, measure: Callable[[Path], Figures]) -> None:
    if folder is not None:
        _show(name, measure(folder), as_json)
        return
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as made:
        _show(name, measure(Path(made)), as_json)


_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, figures by name.")
_seconds = click.option("--seconds", type=float, default=30.0, show_default=True, help="How long to send.")
_persons = click.option("--persons", type=int, default=1_000_000, show_default=True, help="Different persons.")
_events = click.option("--events", type=int, default=30_000_000, show_default=True, help="Events in store.")
_folder = click.option(
    "--folder", type=click.Path(path_type=Path), help="Work here and keep it; a temporary folder otherwise."
)


@click.group()
def bench() -> None:
    """Measure this machine. Figures of ours: docs/benchmarks.md."""


@bench.command()
@_json
@_seconds
@click.option("--persons", type=int, default=100_000, show_default=True, help="Different persons.")
@_folder
@click.option("--rate", type=float, default=0, help="Events a second to offer; 0 for as many as are taken.")
@click.option("--events", type=int, default=0, help="Stop after about so many events (needs --rate).")
def collect(as_json: bool, seconds: float, persons: int, folder: Path | None, rate: float, events: int) -> None:
    """Events in over HTTP: acknowledged (on disk) and settled (resolved and queryable) a second."""
    from siyu.bench.collect import run

    if events and rate:
        seconds = min(seconds, events / rate)
    _measured("collect", as_json, folder, lambda where: run(where, seconds, persons, rate, _progress))


@bench.command()
@_json
@_seconds
@_folder
@click.option("--rate", type=float, default=5000, show_default=True, help="Events a second through another door.")
def connectors(as_json: bool, seconds: float, folder: Path | None, rate: float) -> None:
    """Answers to vendors' callbacks (WeChat allows 5 s) while events pour in through another door."""
    from siyu.bench.connectors import run

    _measured("connectors", as_json, folder, lambda where: run(where, seconds, rate, _progress))


@bench.command()
@_json
@_seconds
@_persons
@_events
@_folder
@click.option("--prepare", is_flag=True, help="Only build the data in --folder, to be measured later.")
def audience(as_json: bool, seconds: float, persons: int, events: int, folder: Path | None, prepare: bool) -> None:
    """Previews against hand-written SQL, live membership under load, exits in time, a sweep of everybody."""
    from siyu.bench.audience import prepare as build
    from siyu.bench.audience import run

    if prepare and folder is not None:
        build(folder, events, persons, _progress)
        return
    _measured("audience", as_json, folder, lambda where: run(where, events, persons, seconds, _progress))


@bench.command()
@_json
@_seconds
@_persons
@_events
@click.option("--links", type=int, default=10_000_000, show_default=True, help="Links to work persons out from.")
@_folder
def identity(as_json: bool, seconds: float, persons: int, events: int, links: int, folder: Path | None) -> None:
    """Records resolved a second, all persons worked out afresh, a merge until everybody sees it, questions by canonical
    person, squashing. With --folder it goes on where it was cut short."""
    from siyu.bench.identity import run

    _measured("identity", as_json, folder, lambda where: run(where, events, persons, links, seconds, _progress))


@bench.command()
@_json
@_seconds
@_persons
@_folder
def start(as_json: bool, seconds: float, persons: int, folder: Path | None) -> None:
    """Start on an existing folder, idle memory, opening again after kill -9."""
    from siyu.bench.start import run

    _measured("start", as_json, folder, lambda where: run(where, min(seconds, 10.0), persons, _progress))


@bench.command()
@_json
@_persons
@_events
@_folder
def tags(as_json: bool, persons: int, events: int, folder: Path | None) -> None:
    """Thirty computed tags of everybody: the first time, again with nothing new, and after a day of events."""
    from siyu.bench.tags import run

    _measured("tags", as_json, folder, lambda where: run(where, events, persons, _progress))


@bench.command()
@_json
@_folder
def suggestions(as_json: bool, folder: Path | None) -> None:
    """Who is one without a strong identifier: F1 on FEBRL 3 and 4, through the review queue."""
    from siyu.bench.suggestions import run

    _measured("suggestions", as_json, folder, lambda where: run(where, _progress))


@bench.command()
@_json
@click.option("--seconds", type=float, default=15.0, show_default=True, help="How long each part takes.")
@_persons
@_folder
def journey(as_json: bool, seconds: float, persons: int, folder: Path | None) -> None:
    """Steps a second, everybody enters at once, what waiting costs, from an event to its message."""
    from siyu.bench.journey import run

    _measured("journey", as_json, folder, lambda where: run(where, seconds, persons, _progress))


@bench.command()
@_json
@click.option("--persons", type=int, default=20_000, show_default=True, help="Persons in the model.")
@click.option("--seed", type=int, default=11, show_default=True, help="Another seed, other dice.")
def annoyance(as_json: bool, persons: int, seed: int) -> None:
    """A simulation: clicks at equal opt-outs of a cap by the annoyance score, against daily and weekly caps."""
    from siyu.bench.annoyance import run

    _measured("annoyance", as_json, None, lambda where: run(where, persons, seed, _progress))
