"""``siyu``: the command line. Rooms bring their own commands; heavy imports wait until a command needs them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from siyu import __version__

COMMANDS = {
    "audience": "siyu.audiences.commands:audience",
    "bench": "siyu.bench.commands:bench",
    "demo": "siyu.demo.commands:demo",
    "doctor": "siyu.doctor:doctor",
    "identity": "siyu.identity.commands:identity",
    "import": "siyu.collect.commands:import_",
    "openapi": "siyu.cli:openapi",
    "serve": "siyu.cli:serve",
    "squash": "siyu.store.commands:squash",
}
"""Name of a command, and where it is."""


class _Commands(click.Group):
    """Looks a command up when it is asked for, and turns the house's errors into one line with a next step."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        from siyu.kit import SiyuError, configure_logs

        configure_logs("warning")
        try:
            return super().invoke(ctx)
        except SiyuError as error:
            lines = [str(error)] + [f"  {each.field}: {each.message}" for each in error.errors]
            raise click.ClickException("\n".join(lines)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="siyu")
@click.pass_context
def main(context: click.Context) -> None:
    """Siyu (私域): collect, unify, understand and reach the customers you own."""
    context.obj = _open_house


def _open_house(settings: Any) -> Any:
    """Store, inbox and settling step for `siyu import`: collect stands below the pipeline and can't reach up to it."""
    from siyu.app import SUBSCRIBERS
    from siyu.collect import Inbox
    from siyu.pipeline import Pipeline
    from siyu.store import Store

    store = Store(settings)
    inbox = Inbox(store)
    return store, inbox, Pipeline(store, inbox, SUBSCRIBERS).step


def data_option(command: Any) -> Any:
    """``--data FOLDER`` as every command takes it."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="SIYU_DATA",
        help="The data folder (default: siyu-data).",
    )(command)


@click.command()
@data_option
@click.option("--host", help="Address to listen on (default: 127.0.0.1; 0.0.0.0 for every one).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default: 8300).")
def serve(data: Path | None, host: str | None, port: int | None) -> None:
    """Serve the console, the API and the collect doors."""
    from siyu.kit import load_settings
    from siyu.serve import serve as run

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(data, **given)
    run(settings, lambda _house: click.echo(f"Siyu {__version__}: {settings.public_url} (data in {settings.data})"))


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 description of the API as JSON."""
    from siyu.app import ROUTES
    from siyu.front import describe

    sys.stdout.write(describe(ROUTES).decode())


if __name__ == "__main__":
    main()
