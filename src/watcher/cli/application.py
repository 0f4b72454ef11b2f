"""The commands as one Typer application: all of them, or those of some modules."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

import watcher
from watcher.cli.contents import COMMANDS, EXIT_CODES, SUMMARY


def application(modules: Sequence[str] = ()) -> typer.Typer:
    """Return the application with the commands of these modules of `watcher.cli`; none: of all."""
    app = typer.Typer(
        name="watcher",
        help=SUMMARY,
        epilog=EXIT_CODES,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_show_locals=False,
    )
    app.callback()(_everything)
    for name in modules or dict.fromkeys(module for module, _ in COMMANDS.values()):
        import_module(f"watcher.cli.{name}").register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"watcher {watcher.__version__}")
        raise typer.Exit


def _everything(
    _version_wanted: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and end."
    ),
) -> None:
    """Options before the command."""
