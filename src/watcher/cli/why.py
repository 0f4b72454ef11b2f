"""The command `sources why`: why an address is looked at when it is."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, told_errors, watching
from watcher.cli.printing import as_json, console
from watcher.core.schedule import Every
from watcher.services.why_when import why_when


def register(group: typer.Typer) -> None:
    """Add the command to the group `sources`."""
    group.command()(why)


@told_errors
def why(
    url: Annotated[str, typer.Argument(help="The address, as `watcher captures` lists it.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Say how often an address is looked at, why so often, when next, and who is at it now."""
    with watching(config, writable=False) as watcher:
        paces = {
            source.id: (
                source.schedule.seconds if isinstance(source.schedule, Every) else 0,
                source.pace,
            )
            for source in watcher.config.sources
        }
        found = why_when(watcher.store, url, paces, watcher.tools.clock.now())
    if json:
        as_json(found)
        return
    screen = console()
    for each in found:
        screen.print(f"{each.source}, asked of {each.host}")
        for reason in each.reasons:
            screen.print(f"  {reason}")
