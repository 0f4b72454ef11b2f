"""`watcher`: all commands. Each lives in a module of its kind and is loaded from here."""

from __future__ import annotations

import typer

import watcher
from watcher.cli import (
    accounts,
    acknowledging,
    adding_medicine,
    asking,
    beginning,
    configuring,
    deciding,
    demonstrating,
    doctoring,
    exporting,
    feeding,
    holding,
    looking,
    mcp,
    proving,
    reading,
    rehearsing,
    reporting,
    rereading,
    ruling,
    running,
    selftesting,
    stored,
    timing,
    visiting,
)

app = typer.Typer(
    name="watcher",
    help=(
        "Watches regulatory sources and tells the right people, once and with the evidence, "
        "when a medicine is withdrawn."
    ),
    epilog=(
        "Exit codes: 0 done; 1 a look, a delivery or a search found nothing good; 2 the command "
        "or sources.yaml cannot be used as written; 3 the history would become wrong."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"watcher {watcher.__version__}")
        raise typer.Exit


@app.callback()
def everything(
    _version_wanted: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and end."
    ),
) -> None:
    """Options before the command."""


for _module in (
    beginning,
    adding_medicine,
    doctoring,
    running,
    looking,
    acknowledging,
    holding,
    deciding,
    asking,
    timing,
    proving,
    exporting,
    feeding,
    reading,
    rereading,
    stored,
    visiting,
    mcp,
    accounts,
    configuring,
    rehearsing,
    ruling,
    reporting,
    selftesting,
    demonstrating,
):
    _module.register(app)
