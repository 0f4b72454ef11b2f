"""The command `timeline`: one medicine's life line in the terminal, or as a page or a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, told_errors, watching
from watcher.cli.life_text import draw
from watcher.cli.moments import Axis, KnownAt, moment_of
from watcher.cli.printing import as_json, console, write_text
from watcher.core.lifeline import LifeLine
from watcher.core.lifeline_page import page
from watcher.core.lifeline_svg import svg
from watcher.services.lifeline import life_of

WidthOption = Annotated[
    int, typer.Option(min=240, max=4000, help="Of the picture that --svg writes, in px.")
]


@told_errors
def timeline(
    product: Annotated[str, typer.Argument(help="A name, a product number or a substance.")],
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="WHEN", help="As our looks had shown it by then."),
    ] = "now",
    known_at: KnownAt = "",
    html: Annotated[
        Path | None,
        typer.Option("--html", "-o", help="Write a page of its own; - is standard output."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--svg", help="Write the picture alone; - is standard output.")
    ] = None,
    width: WidthOption = 1080,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show a medicine's life: authorisations by jurisdiction, documents, market, holder, conflicts.

    Dates keep the precision in which they are stated, and where sources disagree both stay.
    """
    moment = moment_of(as_of, Axis.OBSERVED, known_at)
    with watching(config, writable=False) as watcher:
        today = watcher.tools.clock.now().date()
        until = today if as_of == "now" or moment.axis == "position" else moment.day
        found = life_of(watcher.store, product, moment, until=min(until, today))
    if html is not None:
        write_text(html, page(found))
    if picture is not None:
        write_text(picture, svg(found, width=width))
    if json:
        as_json(found)
    elif html is None and picture is None:
        _show(found)


def _show(line: LifeLine) -> None:
    screen = console()
    for row in draw(line, width=screen.width):
        screen.print(row, no_wrap=True, crop=False, overflow="ignore")
